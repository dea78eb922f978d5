import { describe, expect, it } from "vitest";
import type { Graph } from "../../src/flow/graph/graph.ts";
import type { FlowEvent } from "../../src/flow/protocol/event.ts";
import type { Signal } from "../../src/flow/protocol/signal.ts";
import { compile } from "../../src/trickle/compile.ts";
import { HandSink } from "../flow/graph-fixture.ts";
import { unreadRegistry } from "../flow/operators/guarded.ts";
import { RandomModel } from "../model/random.ts";

/** Every operator, chance (jitter), time (ticks, leases, slow calls), and an endpoint for each event. */
const PIPELINE = `
define operator cb from qos::circuit_breaker
with
  endpoint = event.host,
  detector = { "kind": "success_rate_over_time_window", "minimum_calls": 5, "window_ms": 1000, "slow_call_ms": 40, "maximum_slow_rate": 0.5 },
  backoff = { "kind": "exponential", "initial_ms": 50, "jitter": "full" },
  half_open = { "probes": 2, "probe_timeout_ms": 100 },
  idle_ms = 500
end;
define operator slow from qos::backpressure with timeout = 30000000, steps = [5, 20] end;
define operator share from qos::percentile with timeout = 30000000 end;
define operator turns from qos::roundrobin with outputs = ["a", "b"] end;
define operator pack from generic::batch with count = 3, timeout = 50000000 end;
create operator cb;
create operator slow;
create operator share;
create operator turns;
create operator pack;
select event from in into cb;
select {"n": event.n, "to": event.host} from cb into slow;
select event from slow where event.n % 5 != 0 into share;
select event from share into turns;
select event from turns/a into out/a;
select event from turns/b into pack;
select event from pack into out/b;
select {"refused": event.n, "why": $circuit_breaker} from cb/overflow into out/overflow;
select event from slow/overflow into out/overflow;
select event from share/overflow into out/overflow;
select event from cb/cb into out/cb;
`;
const PORTS = ["a", "b", "overflow", "cb"];

/** One answer of a sink. */
type Answer = { kind: "ack"; durationMs: number } | { kind: "fail"; meta: Record<string, unknown> };

/** What came from outside, in its order. An answer that a sink gave at once is found by the event. */
interface Recording {
  readonly steps: (
    | { do: "push"; data: unknown; atMs: number }
    | { do: "signal"; signal: Signal }
    | { do: "answer"; port: string; index: number; atMs: number; answer: Answer }
    | { do: "contraflow"; port: string; kind: "trigger" | "restore"; atMs: number }
  )[];
  readonly atOnce: Record<string, Answer>;
}

/** Writes down what comes as lines of JSON, and answers at once where it is told to. */
class Printer extends HandSink {
  readonly lines: string[] = [];
  decide: (index: number) => Answer | undefined = () => undefined;

  override onEvent(event: FlowEvent): void {
    const { data, meta, ingestMs } = event;
    const index = this.events.push(event) - 1;
    this.lines.push(JSON.stringify({ ingestMs, data, meta }));
    const answer = this.decide(index);
    if (answer !== undefined) this.give(index, answer);
  }

  override onSignal(signal: Signal): void {
    this.lines.push(JSON.stringify(signal));
  }

  give(index: number, answer: Answer): void {
    if (answer.kind === "ack") this.ack(index, answer.durationMs);
    else this.fail(index, answer.meta);
  }
}

class Stage {
  readonly graph: Graph;
  readonly printers: Record<string, Printer> = {};
  #nowMs = 1_000;

  constructor() {
    this.graph = compile(PIPELINE).deploy({ registry: unreadRegistry(7) });
    for (const port of PORTS) {
      this.printers[port] = new Printer("hold", port);
      this.graph.attach(port, this.printerAt(port));
    }
  }

  printerAt(port: string): Printer {
    const printer = this.printers[port];
    if (printer === undefined) throw new Error(`no port ${port}`);
    return printer;
  }

  start(): Promise<void> {
    return this.graph.start(this.#nowMs, () => this.#nowMs);
  }

  take(step: Recording["steps"][number]): void {
    if (step.do === "push") this.graph.push(0, { data: step.data }, step.atMs);
    else if (step.do === "signal") this.graph.signal(step.signal);
    else {
      this.#nowMs = step.atMs;
      const printer = this.printerAt(step.port);
      if (step.do === "answer") printer.give(step.index, step.answer);
      else printer.context.contraflow(step.kind);
    }
  }

  get output(): string {
    return PORTS.map((port) => this.printerAt(port).lines.join("\n")).join("\n---\n");
  }
}

class Dice {
  readonly #random: RandomModel;

  constructor(seed: number) {
    this.#random = new RandomModel(BigInt(seed));
  }

  below(bound: number): number {
    return Math.floor(this.#random.unit() * bound);
  }

  answer(): Answer {
    const isBad = this.below(4) === 0;
    return isBad ? { kind: "fail", meta: { error: "dice" } } : { kind: "ack", durationMs: this.below(60) };
  }
}

/** A run by chance, and everything that came from outside meanwhile. */
async function live(seed: number): Promise<{ recording: Recording; output: string }> {
  const dice = new Dice(seed);
  const stage = new Stage();
  const recording: Recording = { steps: [], atOnce: {} };
  const waiting: { port: string; index: number }[] = [];
  for (const port of PORTS) {
    stage.printerAt(port).decide = (index) => {
      const later = dice.below(2) === 0;
      if (later) waiting.push({ port, index });
      const answer = later ? undefined : dice.answer();
      if (answer !== undefined) recording.atOnce[`${port} ${index}`] = answer;
      return answer;
    };
  }
  await stage.start();
  const take = (step: Recording["steps"][number]): void => {
    recording.steps.push(step);
    stage.take(step);
  };
  let atMs = 1_000;
  for (let n = 1; n <= 3_000; n++) {
    atMs += dice.below(8) / 4;
    const kind = dice.below(10);
    const answered = waiting.splice(dice.below(waiting.length), kind < 3 ? 1 : 0)[0];
    if (answered !== undefined) take({ do: "answer", ...answered, atMs, answer: dice.answer() });
    else if (n % 50 === 0) take({ do: "signal", signal: { kind: "tick", atMs } });
    else if (n % 701 === 0)
      take({ do: "signal", signal: { kind: "circuit_breaker_disabled", atMs, endpoint: "h1" } });
    else if (n % 977 === 0) take({ do: "signal", signal: { kind: "circuit_breaker_enabled", atMs } });
    else if (n % 401 === 0) take({ do: "contraflow", port: "a", kind: "trigger", atMs });
    else if (n % 419 === 0) take({ do: "contraflow", port: "a", kind: "restore", atMs });
    else take({ do: "push", data: { n, host: `h${dice.below(4)}` }, atMs });
  }
  return { recording, output: stage.output };
}

async function replay(recording: Recording): Promise<string> {
  const stage = new Stage();
  for (const port of PORTS) {
    stage.printerAt(port).decide = (index) => recording.atOnce[`${port} ${index}`];
  }
  await stage.start();
  for (const step of recording.steps) stage.take(step);
  return stage.output;
}

describe("a recorded flow", () => {
  it.each([1, 2, 3, 4, 5])("replays to the same outputs, byte for byte (seed %i)", async (seed) => {
    const { recording, output } = await live(seed);
    const kept = JSON.parse(JSON.stringify(recording)) as Recording;
    expect(await replay(kept)).toBe(output);
    for (const word of ["opened", "half_opened", "closed", "disabled", "enabled", "refused"])
      expect(output).toContain(`"${word}"`);
  });

  it("replays to something else without the insights that came later than their events", async () => {
    const { recording, output } = await live(1);
    const steps = recording.steps.filter((step) => step.do !== "answer");
    expect(await replay({ ...recording, steps })).not.toBe(output);
  });
});
