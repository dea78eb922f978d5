import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import type { Graph } from "../../../src/flow/graph/graph.ts";
import { Passthrough } from "../../../src/flow/operators/passthrough.ts";
import { Select, type Subject } from "../../../src/flow/operators/select.ts";
import { DISPOSITION, type FlowEvent, JOINED } from "../../../src/flow/protocol/event.ts";
import type { Insight } from "../../../src/flow/protocol/insight.ts";
import type { Operator } from "../../../src/flow/protocol/operator.ts";
import { RandomModel } from "../../model/random.ts";
import { graphOf, HandSink, pushAll, sum } from "../graph-fixture.ts";
import { circuitBreaker, operatorOf } from "../operators/guarded.ts";

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);
const STEPS = 300;
const SWITCHES = ["circuit_breaker_enabled", "circuit_breaker_disabled"] as const;
const OUTPUTS = ["out", "overflow", "err", "cb", "side"];

/** What is random in one run; every choice comes from the seed. */
class Dice {
  readonly #random: RandomModel;

  constructor(seed: number) {
    this.#random = new RandomModel(BigInt(seed));
  }

  below(bound: number): number {
    return Math.floor(this.#random.unit() * bound);
  }

  chance(share: number): boolean {
    return this.#random.unit() < share;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T; // never asked of an empty list
  }
}

/** Counts, for every ticket that a breaker gave, how often it was reported. */
class TicketBook {
  watch(registry: CircuitBreakerRegistry): void {
    for (const breaker of registry) {
      const admit = breaker.tryAcquire.bind(breaker);
      let issued: number[] = [];
      breaker.tryAcquire = (nowMs) => {
        const ticket = admit(nowMs);
        if (ticket !== 0) issued.push(ticket);
        return ticket;
      };
      const note = (ticket: number): void => {
        expect(issued, `ticket ${ticket} of ${breaker.name}`).toContain(ticket);
        issued = issued.toSpliced(issued.indexOf(ticket), 1);
      };
      for (const report of ["onSuccess", "onFailure", "release"] as const) {
        const original = breaker[report].bind(breaker);
        breaker[report] = (ticket: number, nowMs?: number) => {
          note(ticket);
          original(ticket, nowMs);
        };
      }
      this.#open.push(() => issued.length);
    }
  }

  /** Tickets that were given and not reported. */
  get open(): number {
    return this.#open.reduce((all, count) => all + count(), 0);
  }

  readonly #open: (() => number)[] = [];
}

/** Notes every event as it enters, and holds what a transactional source hears against how the events ended. */
class Auditor extends Passthrough {
  readonly faults: string[] = [];
  acked = 0;
  readonly #roots = new Map<number, FlowEvent>();

  override onEvent(event: FlowEvent): void {
    this.#roots.set(event.id, event.root);
    super.onEvent(event);
  }

  /** What the source hears. */
  hear({ kind, id }: Insight): void {
    if (kind === "ack") this.#check(id);
    if (kind === "fail") this.#forget(id);
  }

  #check(id: number): void {
    if (id <= this.acked) this.faults.push(`ack ${id} after ack ${this.acked}`);
    for (let earlier = this.acked + 1; earlier <= id; earlier++) {
      const root = this.#roots.get(earlier);
      if (root === undefined) continue; // malformed: it never came here
      if (root.copies > 0) this.faults.push(`ack ${id} before ${earlier} had ended`);
      if (root.disposition === DISPOSITION.failed)
        this.faults.push(`ack ${id} although ${earlier} had failed`);
    }
    this.acked = id;
  }

  #forget(id: number): void {
    if (id <= this.acked) this.faults.push(`fail ${id} after ack ${this.acked}`);
    for (const later of this.#roots.keys()) if (later >= id) this.#roots.delete(later);
  }

  /** Ids that were given since the last fail, or before it. */
  get latest(): number {
    return Math.max(this.acked, ...this.#roots.keys());
  }
}

/** Answers now, later, twice, or with a trigger, as the dice say; remembers which events it failed. */
class FickleSink extends HandSink {
  readonly held: FlowEvent[] = [];
  readonly failed = new Set<FlowEvent>();
  readonly given = new Set<FlowEvent>();
  readonly #dice: Dice;

  constructor(dice: Dice) {
    super("hold");
    this.#dice = dice;
  }

  override onEvent(event: FlowEvent): void {
    this.held.push(event);
    this.given.add(event.root);
    if (this.#dice.chance(0.5)) this.answerOne();
  }

  override async drain(): Promise<void> {
    while (this.held.length > 0) this.answerOne();
  }

  answerOne(): void {
    const event = this.held.splice(this.#dice.below(this.held.length), 1)[0];
    if (event === undefined) return;
    if (this.#dice.chance(0.4)) {
      this.failed.add(event.root);
      this.context.fail(event, { error: "dice" });
    } else this.context.ack(event, 1);
    if (this.#dice.chance(0.1)) this.context.fail(event, { error: "again" });
  }
}

function randomOperator(dice: Dice, registry: CircuitBreakerRegistry): Operator {
  const picky = (event: Subject): boolean => {
    if (Number(event.data) % 7 === 0) throw new Error("seven");
    return Number(event.data) % 3 !== 0;
  };
  const failures = 1 + dice.below(3);
  const backoff = { kind: "constant", delay_ms: 5 };
  const method = dice.pick(["discard", "discard", "pause"]);
  const host = { registry };
  const timeout = dice.pick([0, 1_000_000]);
  return dice.pick<() => Operator>([
    () => operatorOf("qos::backpressure", { timeout, steps: [1, 5, 20], method }, host),
    () => operatorOf("qos::percentile", { timeout, step_down: 0.3 }, host),
    () => operatorOf("qos::roundrobin", { outputs: ["out", "side"] }, host),
    () => operatorOf("generic::batch", { count: 1 + dice.below(5), timeout: 10_000_000 }, host),
    () => new Passthrough(),
    () => new Select({ where: picky }),
    () => new Select({ project: (event) => Number(event.data) + 1, having: picky }),
    () => circuitBreaker({ detector: { kind: "consecutive_failures", failures }, backoff, method }, registry),
  ])();
}

/** Links lead from lower to higher numbers only, so there is no cycle. Some ports stay without a reader. */
function randomGraph(dice: Dice, registry: CircuitBreakerRegistry, auditor: Auditor): Graph {
  const names = Array.from({ length: 1 + dice.below(6) }, (_, index) => `n${index}`);
  const operators = Object.fromEntries(names.map((name) => [name, randomOperator(dice, registry)]));
  const links = new Set<string>(["in > auditor"]);
  const lead = (from: string, later: readonly string[]): void => {
    const outputs = OUTPUTS.map((port) => `out/${port}`);
    for (let i = dice.below(3); i >= 0; i--)
      links.add(`${from} > ${dice.pick([...later, ...later, ...outputs])}`);
  };
  lead("auditor", names);
  names.forEach((name, index) => {
    for (const port of operators[name]?.outputs ?? []) {
      if (dice.chance(0.8)) lead(`${name}/${port}`, names.slice(index + 1));
    }
  });
  return graphOf({ auditor, ...operators }, ...links);
}

async function run(seed: number) {
  const dice = new Dice(seed);
  const registry = new CircuitBreakerRegistry({ seed });
  const auditor = new Auditor();
  const graph = randomGraph(dice, registry, auditor);
  graph.addSource({ transactional: true, onInsight: (insight) => auditor.hear(insight) });
  const book = new TicketBook();
  book.watch(registry);
  const sinks = graph.outputs
    .filter(() => dice.chance(0.8))
    .map((port) => ({ port, sink: new FickleSink(dice) }));
  for (const { port, sink } of sinks) graph.attach(port, sink);
  const keeper = new FickleSink(dice);
  if (seed % 2 === 0) graph.attachDeadLetter(keeper);
  let nowMs = 0;
  await graph.start(nowMs, () => nowMs);
  for (let step = 0; step < STEPS; step++) {
    nowMs += dice.below(3);
    takeStep(
      dice,
      graph,
      nowMs,
      seed % 2 === 0 ? [keeper, ...sinks.map(({ sink }) => sink)] : sinks.map(({ sink }) => sink),
    );
    expect(sum(graph.accounting), `seed ${seed}, step ${step}`).toBe(graph.accounting.read);
  }
  await graph.drain();
  const failed = [...new Set(sinks.flatMap(({ sink }) => [...sink.failed]))];
  return { graph, book, auditor, failed, kept: keeper.given };
}

function takeStep(dice: Dice, graph: Graph, atMs: number, sinks: readonly FickleSink[]): void {
  const kind = dice.below(20);
  if (kind < 12) pushAll(graph, [dice.below(100)], atMs);
  else if (kind === 12) graph.push(0, { malformed: { line: atMs } }, atMs);
  else if (kind === 13) graph.signal({ kind: "tick", atMs });
  else if (kind === 14) graph.signal({ kind: dice.pick(SWITCHES), atMs });
  else if (sinks.length === 0) return;
  else if (kind === 15) dice.pick(sinks).context.contraflow(dice.pick(["trigger", "restore", "restore"]));
  else dice.pick(sinks).answerOne();
}

describe("in random graphs with random sinks", () => {
  it.each(SEEDS)("every event ends exactly once, and nothing is lost (seed %i)", async (seed) => {
    const { graph, failed } = await run(seed);
    const { accounting } = graph;
    expect(accounting.inFlight).toBe(0);
    expect(accounting.read).toBeGreaterThan(STEPS / 3);
    expect(sum(accounting)).toBe(accounting.read);
    const from = (isWanted: (source: number) => boolean): number =>
      failed.filter((event) => isWanted(event.source)).length;
    const ownFailed = from((source) => source >= 0);
    const inBatches = from((source) => source === JOINED) > 0;
    if (inBatches) expect(accounting.failed).toBeGreaterThanOrEqual(ownFailed);
    else {
      expect(accounting.failed).toBe(ownFailed);
      expect(accounting.breakerEventsFailed).toBe(from((source) => source < 0));
    }
  });

  it.each(SEEDS.filter((seed) => seed % 2 === 0))(
    "every event that failed came to the sink for failed events, and no other did (seed %i)",
    async (seed) => {
      const { graph, failed, kept } = await run(seed);
      for (const event of failed) if (event.source >= 0) expect(kept).toContain(event);
      expect(kept.size).toBe(graph.accounting.failed);
    },
  );

  it.each(SEEDS)("acks never overtake, and everything that did not fail is acked (seed %i)", async (seed) => {
    const { auditor } = await run(seed);
    expect(auditor.faults).toEqual([]);
    expect(auditor.acked).toBe(auditor.latest);
  });

  it.each(SEEDS)("every ticket of a breaker is reported exactly once (seed %i)", async (seed) => {
    const { book } = await run(seed);
    expect(book.open).toBe(0);
  });
});
