/** A graph of operators between its inputs and its sinks: moves events and signals forward, insights backward. */

import type { Sink, SourceItem } from "../ends.ts";
import { FATE, type Fate, FlowEvent } from "../event.ts";
import { Brake } from "../operator/brake.ts";
import { FlowClock } from "../run/clock.ts";
import type { Signal } from "../signal.ts";
import { Contraflow } from "./contraflow.ts";
import { GraphError } from "./grapherror.ts";
import { Intakes, type SourceEar, type SourcePlace } from "./intake.ts";
import { KeeperNode } from "./keeper.ts";
import { type Ledger, Tally } from "./ledger.ts";
import type { Plan } from "./plan.ts";
import type { Port } from "./port.ts";
import { ERR, fateAtSink } from "./portname.ts";
import { type RetryOptions, resolveRetry } from "./retry-options.ts";
import { SinkNode, type SinkParts } from "./sinknode.ts";
import type { Undelivered } from "./undelivered.ts";
import { operatorsOf, Wiring } from "./wiring.ts";

/** Made by `GraphBuilder.build`. Life: `attach` sinks, `start`, `push` and `signal`, `drain`, `close`. */
export class Graph {
  /** What looks wrong in the graph, one sentence each. */
  readonly warnings: readonly string[];
  /** Ports that a sink can be attached to: those of the pipeline, and `err`. */
  readonly outputs: readonly string[];
  readonly #plan: Plan;
  readonly #clock = new FlowClock();
  readonly #tally = new Tally();
  readonly #brake = new Brake();
  readonly #contraflow: Contraflow;
  readonly #wiring: Wiring;
  readonly #sinks: SinkNode[] = [];
  /** The one of them that takes what the others fail. */
  #keeper: KeeperNode | undefined;
  readonly #intakes = new Intakes();
  /** Woken by the next tick. */
  readonly #ticked: (() => void)[] = [];
  #started = false;
  /** The operators have seen the signal `shutdown`. */
  #shut = false;

  /** For `GraphBuilder`. Connects the operators; what their `connect` throws passes through. */
  constructor(plan: Plan, warnings: readonly string[]) {
    this.#plan = plan;
    this.warnings = warnings;
    this.outputs = plan.nodes.flatMap((node) => (node.kind === "output" ? [node.port] : []));
    const operators = operatorsOf(plan);
    this.#contraflow = new Contraflow({
      clock: this.#clock,
      tally: this.#tally,
      brake: this.#brake,
      intakes: this.#intakes,
      topology: plan.topology,
      operators,
      input: this.#nodeOf("in"),
      malformed: this.#nodeOf(`out/${ERR}`),
      enter: (root) => this.#enterAgain(root),
    });
    this.#wiring = new Wiring(plan, operators, this.#contraflow);
    this.#lead();
    for (const node of this.#wiring.operators) node.connect();
  }

  get #undelivered(): Undelivered {
    return this.#contraflow.undelivered;
  }

  /** The books; the same object every time, always up to date. */
  get ledger(): Ledger {
    return this.#tally;
  }

  /** True while no event should be pushed: a sink is full, or a trigger has reached the input. Cheap. */
  get congested(): boolean {
    return this.#brake.holds;
  }

  /** True while a trigger has reached the input and its restore has not. */
  get triggered(): boolean {
    return this.#brake.triggered;
  }

  /** Output ports without a sink: what arrives there is answered and counted. */
  get unattached(): readonly string[] {
    const attached = new Set(this.#attached.map((sink) => sink.node));
    return this.outputs.filter((port) => !attached.has(this.#nodeOf(`out/${port}`)));
  }

  /** Several sinks at one port get a copy each. Throws a GraphError: unknown port, a sink of its own twice, too late. */
  attach(port: string, sink: Sink): void {
    this.#sinks.push(new SinkNode(this.#partsOf(this.#nodeOf(`out/${port}`), fateAtSink(port), sink)));
  }

  /**
   * A sink for what other sinks fail: it gets each such event as it was read, with the reason of the latest try and the
   * number of `tries` under `failed` in its metadata. The event still ends as failed, but not before this sink has
   * answered. Breaker events are not kept, and of joined events the single ones are. Throws a GraphError as `attach` does, and for a second one.
   */
  keepFailed(sink: Sink): void {
    if (this.#keeper !== undefined) throw new GraphError("failed events have a sink already", []);
    this.#keeper = new KeeperNode(this.#partsOf(this.#nodeOf(`out/${ERR}`), FATE.failed, sink), this.#tally);
    this.#sinks.push(this.#keeper);
    this.#contraflow.keepFailed(this.#keeper);
  }

  /**
   * From now on an event that a sink has failed is sent again: it enters anew, as it was read, and goes to all sinks that
   * it went to before. A breaker that refuses it meanwhile uses up no try; nor does an event go to a sink at `overflow` that
   * was tried before. What was refused and goes to no sink waits as well. Times are those of signals: it needs ticks.
   *
   * @throws OptionError for an option out of range
   */
  retry(options: RetryOptions = {}): void {
    this.#undelivered.retry(resolveRetry(options));
    this.#brake.putFirst(this.#undelivered);
  }

  /** Nothing is sent again any more; what waits ends as failed, or as refused. */
  stopRetrying(): void {
    this.#undelivered.stop();
    this.#brake.look();
    for (const wake of this.#ticked.splice(0)) wake();
  }

  /** Events, and copies of them, that an attached sink has taken; 0 for one that is not. */
  takenBy(sink: Sink): number {
    return this.#sinks.find((node) => node.sink === sink)?.taken ?? 0;
  }

  /** How often an event was sent again. */
  get resent(): number {
    return this.#undelivered.resent;
  }

  /** Events that ended as failed, by the error of their latest try; of many kinds of errors the rest is counted together. */
  get failures(): ReadonlyMap<string, number> {
    return this.#undelivered.reasons;
  }

  #partsOf(node: number, fate: Fate, sink: Sink): SinkParts {
    if (this.#started) throw new GraphError("a sink cannot be attached to a graph that has started", []);
    if (this.#sinks.some((known) => known.sink === sink)) {
      throw new GraphError(`the sink ${sink.name} is attached already`, []);
    }
    return {
      number: this.#plan.nodes.length + this.#sinks.length,
      node,
      sink,
      listeners: this.#wiring.listenersAt(node),
      fate,
      contraflow: this.#contraflow,
      clock: this.#clock,
      brake: this.#brake,
    };
  }

  /** The sinks at ports. */
  get #attached(): readonly SinkNode[] {
    return this.#sinks.filter((sink) => sink !== this.#keeper);
  }

  /**
   * Gives a source the next number, from 0, and lets it hear what comes against the flow. Its `replays` rises
   * with every fail that a transactional source is told: what it was asked for before must not be pushed any more.
   */
  addSource(source: SourceEar): SourcePlace {
    if (source.transactional === true) this.#contraflow.mind();
    return this.#intakes.add(source);
  }

  /** How many items a source has handed over, malformed ones too; what it replayed counts once. */
  readFrom(source: number): number {
    return this.#intakes.latestId(source);
  }

  /**
   * Starts the sinks, one after the other, then sends the signal `start`. A sink that starts without a trigger
   * is connected: it restores. Until every sink has, the graph is congested.
   *
   * @param clock tells the time of answers that come between two events, in ms, on the clock of `nowMs`.
   * Default: time stands still between them.
   * @throws whatever a sink throws that cannot start
   */
  async start(nowMs: number, clock?: () => number): Promise<void> {
    if (this.#started) throw new GraphError("a graph starts once", []);
    this.#started = true;
    this.#clock.move(this.#clock.stand(nowMs));
    this.#clock.run(clock);
    this.#lead();
    for (const node of this.#sinks) {
      this.#contraflow.travel("sink_start", node, this.#clock.now());
      await node.sink.start(node);
      if (!node.triggered) node.contraflow("restore");
    }
    this.signal({ kind: "start", atMs: this.#clock.now() });
  }

  /**
   * One thing that a source has read.
   *
   * @param source number of the source: from `addSource`, or any, from 0, for one that need not hear anything
   * @param ingestMs when it entered, in ms: the time of everything that it causes at once
   */
  push(source: number, item: SourceItem, ingestMs: number): void {
    const outer = this.#clock.stand(ingestMs);
    try {
      const id = this.#intakes.nextId(source);
      this.#tally.enter();
      if ("malformed" in item) {
        const event = new FlowEvent(source, id, ingestMs, item.malformed);
        event.read = { data: item.malformed, isMalformed: true };
        this.#enter(event, this.#wiring.malformed);
      } else {
        const event = new FlowEvent(source, id, ingestMs, item.data, item.meta);
        event.read = item;
        this.#enter(event, this.#wiring.input);
      }
    } finally {
      this.#clock.move(outer);
    }
  }

  /** Shows a signal to every operator, each after all that lie before it, and then to every sink. */
  signal(signal: Signal): void {
    const outer = this.#clock.stand(signal.atMs);
    try {
      this.#signalOperators(signal);
      for (const node of this.#sinks) node.sink.onSignal?.(signal);
      this.#brake.look();
      if (signal.kind === "tick") this.#brake.releaseFirst();
    } finally {
      this.#clock.move(outer);
    }
    if (signal.kind === "tick") for (const wake of this.#ticked.splice(0)) wake();
  }

  /** Resolves when nothing is congested or triggered any more, or the graph is closed. */
  whenRelieved(): Promise<void> {
    return this.#brake.whenReleased();
  }

  /**
   * Lets everything end that is on its way: signal `drain`, then the operators, then the sinks, for as long
   * as their answers bring new events, or events wait to be sent again; then every sink is `drained`. May be called again when more has been
   * pushed since. Rejects with the first error of a sink, after all are done.
   */
  async drain(): Promise<void> {
    const atMs = this.#clock.now();
    this.signal({ kind: "drain", atMs });
    this.#drainOperators(atMs);
    let before: number;
    do {
      before = this.#handed();
      await allDone(this.#sinks.map((node) => node.sink.drain()));
      this.#drainOperators(this.#clock.now()); // an answer may have brought an event that an operator keeps
      if (this.#undelivered.waiting > 0) await new Promise<void>((wake) => this.#ticked.push(wake));
    } while (this.#handed() > before || this.#undelivered.waiting > 0);
    for (const node of this.#sinks) this.#contraflow.travel("drained", node, this.#clock.now());
  }

  /**
   * Closes every sink and wakes whoever waits. Operators see the signal `shutdown` if they have not yet, also
   * when the start has failed. Rejects with the first error of a sink, after all are closed.
   */
  async close(): Promise<void> {
    this.stopRetrying();
    this.#brake.open();
    if (!this.#shut) this.#signalOperators({ kind: "shutdown", atMs: this.#clock.now() });
    await allDone(this.#sinks.map((node) => node.sink.close()));
  }

  #enterAgain(root: FlowEvent): void {
    const outer = this.#clock.stand(root.ingestMs);
    try {
      (root.read?.isMalformed ? this.#wiring.malformed : this.#wiring.input).emit(root);
    } finally {
      this.#clock.move(outer);
    }
  }

  #enter(event: FlowEvent, port: Port): void {
    if (this.#intakes.anyTransactional) this.#intakes.enter(event);
    port.emit(event);
  }

  #signalOperators(signal: Signal): void {
    if (signal.kind === "shutdown") this.#shut = true;
    for (const node of this.#wiring.operators) node.operator.onSignal?.(signal);
  }

  /** Before the start there are no sinks: a breaker event that a host causes then ends at once, counted. */
  #lead(): void {
    this.#wiring.lead(this.#nodeOf("in"), this.#nodeOf(`out/${ERR}`), this.#attached);
  }

  #drainOperators(atMs: number): void {
    const outer = this.#clock.stand(atMs);
    try {
      for (const node of this.#wiring.operators) node.operator.onDrain?.(atMs);
    } finally {
      this.#clock.move(outer);
    }
  }

  #handed(): number {
    return this.#sinks.reduce((sum, node) => sum + node.handed, 0);
  }

  #nodeOf(name: string): number {
    const number = this.#plan.nodes.findIndex((node) => node.name === name);
    if (number >= 0) return number;
    throw new GraphError(`there is no ${name}; outputs are: ${this.outputs.join(", ")}`, [name]);
  }
}

async function allDone(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
