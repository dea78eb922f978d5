/** A graph of operators between its inputs and its sinks: moves events and signals forward, insights backward. */

import { FlowEvent } from "../protocol/event.ts";
import { GraphError } from "../protocol/graph-error.ts";
import type { LogState } from "../protocol/operator.ts";
import type { Signal } from "../protocol/signal.ts";
import type { Sink, SourceItem } from "../protocol/source-and-sink.ts";
import type { Accounting } from "./accounting.ts";
import { AttachedSinks } from "./attached-sinks.ts";
import { allDone, drainAll } from "./drain.ts";
import { GraphCore } from "./graph-core.ts";
import { OperatorList } from "./operator-list.ts";
import type { CheckedPlan } from "./plan.ts";
import { type RetryOptions, resolveRetry } from "./retry-options.ts";
import type { SourceListener, TrackedSource } from "./source-tracker.ts";
import { Wiring } from "./wiring.ts";

/** Made by `GraphBuilder.build`. Life: `attach` sinks, `start`, `push` and `signal`, `drain`, `close`. */
export class Graph {
  /** Doubts about the graph, one sentence each. */
  readonly warnings: readonly string[];
  /** Ports that a sink can be attached to: those of the pipeline, and `err`. */
  readonly outputs: readonly string[];
  readonly #core: GraphCore;
  readonly #wiring: Wiring;
  readonly #sinks: AttachedSinks;
  readonly #operators: OperatorList;
  /** Resolved by the next tick. */
  readonly #untilTick: (() => void)[] = [];
  #isStarted = false;

  /** For `GraphBuilder`. Connects the operators; what their `connect` throws passes through. */
  constructor(plan: CheckedPlan) {
    this.warnings = plan.warnings.map(({ message }) => message);
    this.outputs = plan.nodes.flatMap((node) => (node.kind === "output" ? [node.port] : []));
    this.#core = new GraphCore(plan, (root) => this.#enterAgain(root));
    this.#wiring = new Wiring(this.#core);
    this.#sinks = new AttachedSinks(this.#core, this.#wiring);
    this.#operators = new OperatorList(this.#wiring.operators, this.#core.clock);
    this.#wiring.connect([]); // a breaker event that a host causes before the start ends at once, counted
    for (const node of this.#wiring.operators) node.connect();
  }

  /** Counts of events; the same object every time, always up to date. */
  get accounting(): Accounting {
    return this.#core.counts;
  }

  /** True while no event should be pushed: a sink is full, or a trigger has reached the input. Cheap. */
  get congested(): boolean {
    return this.#core.gate.isBlocked;
  }

  /** True while a trigger has reached the input and its restore has not. */
  get triggered(): boolean {
    return this.#core.gate.isTriggered;
  }

  /** Output ports without a sink: an event that arrives there is answered and counted. */
  get unattached(): readonly string[] {
    const attached = new Set(this.#sinks.atPorts.map((sink) => sink.node));
    return this.outputs.filter((port) => !attached.has(this.#nodeOf(port)));
  }

  /** Several sinks at one port get a copy each. Throws a GraphError: unknown port, a sink of its own twice, too late. */
  attach(port: string, sink: Sink): void {
    const node = this.#nodeOf(port);
    this.#refuseLateSink();
    this.#sinks.attach(node, port, sink);
  }

  /**
   * A sink for events that other sinks fail: it gets each such event as it was read, with the reason of the latest try and the
   * number of `tries` under `failed` in its metadata. The event still ends as failed, but not before this sink has
   * answered. Breaker events do not go there, and of joined events the single ones do. Throws a GraphError as `attach` does, and for
   * a second one.
   */
  attachDeadLetter(sink: Sink): void {
    this.#refuseLateSink();
    this.#sinks.attachDeadLetter(this.#core.malformed, sink);
  }

  /**
   * From now on an event that a sink has failed is sent again: it enters anew, as it was read, and goes to all sinks that
   * it went to before. A breaker that refuses it meanwhile uses up no try; nor does an event go to a sink at `overflow` that
   * was tried before. An event that was refused and goes to no sink waits as well. Times are those of signals: it needs ticks.
   *
   * @throws OptionError for an option out of range
   */
  retry(options: RetryOptions = {}): void {
    this.#core.ends.undelivered.retry(resolveRetry(options));
    this.#core.gate.putFirst(this.#core.ends.undelivered);
  }

  /** No event is sent again any more; those that wait end as failed, or as refused. */
  stopRetrying(): void {
    this.#core.ends.undelivered.stop();
    this.#operators.stop();
    this.#core.gate.recheck();
    for (const wake of this.#untilTick.splice(0)) wake();
  }

  /** Events, and copies of them, that an attached sink has taken; 0 for one that is not. */
  takenBy(sink: Sink): number {
    return this.#sinks.all.find((node) => node.sink === sink)?.taken ?? 0;
  }

  /** The logs of its operators, in the order of the graph. */
  get logs(): readonly LogState[] {
    return this.#operators.logs;
  }

  /** How often an event was sent again. */
  get resent(): number {
    return this.#core.ends.undelivered.resent;
  }

  /** Events that ended as failed, by the error of their latest try; of many kinds of errors the rest is counted together. */
  get failures(): ReadonlyMap<string, number> {
    return this.#core.ends.undelivered.reasons.counts;
  }

  /**
   * Gives a source the next number, from 0, and gives it the insights that reach the input. Its `replays` rises
   * with every fail that a transactional source gets: items that it was asked for before must not be pushed any more.
   */
  addSource(source: SourceListener): TrackedSource {
    return this.#core.trackers.add(source);
  }

  /** How many items a source has handed over, malformed ones too; those that it replayed count once. */
  readFrom(source: number): number {
    return this.#core.trackers.latestId(source);
  }

  /**
   * Starts the sinks, one after the other, then sends the signal `start`. A sink that starts without a trigger
   * is connected: it restores. Until every sink has, the graph is congested.
   *
   * @param clock gives the time of answers that come between two events, in ms, on the clock of `nowMs`.
   * Default: time stands still between them.
   * @throws whatever a sink throws that cannot start
   */
  async start(nowMs: number, clock?: () => number): Promise<void> {
    if (this.#isStarted) throw new GraphError("a graph starts once", []);
    this.#isStarted = true;
    this.#core.clock.unfreeze(this.#core.clock.freeze(nowMs));
    this.#core.clock.setClock(clock);
    this.#wiring.connect(this.#sinks.atPorts);
    for (const node of this.#sinks.all) {
      this.#core.propagation.propagate("sink_start", node, this.#core.clock.now());
      await node.sink.start(node);
      if (!node.triggered) node.contraflow("restore");
    }
    this.signal({ kind: "start", atMs: this.#core.clock.now() });
  }

  /**
   * One thing that a source has read.
   *
   * @param source number of the source: from `addSource`, or any, from 0, for one that takes no insights
   * @param ingestMs when it entered, in ms: the time of everything that it causes at once
   */
  push(source: number, item: SourceItem, ingestMs: number): void {
    const outer = this.#core.clock.freeze(ingestMs);
    try {
      const id = this.#core.trackers.nextId(source);
      this.#core.counts.enter();
      const isMalformed = "malformed" in item;
      const content = isMalformed ? { data: item.malformed, isMalformed } : item;
      const event = new FlowEvent(source, id, ingestMs, content);
      if (this.#core.trackers.anyTransactional) this.#core.trackers.enter(event);
      (isMalformed ? this.#wiring.malformed : this.#wiring.input).emit(event);
    } finally {
      this.#core.clock.unfreeze(outer);
    }
  }

  /** Shows a signal to every operator, each after all that lie before it, and then to every sink. */
  signal(signal: Signal): void {
    const outer = this.#core.clock.freeze(signal.atMs);
    try {
      this.#operators.signal(signal);
      for (const node of this.#sinks.all) node.sink.onSignal?.(signal);
      this.#core.gate.recheck();
      if (signal.kind === "tick") this.#core.gate.releaseWaiting();
    } finally {
      this.#core.clock.unfreeze(outer);
    }
    if (signal.kind === "tick") for (const wake of this.#untilTick.splice(0)) wake();
  }

  /** Resolves when nothing is congested or triggered any more, or the graph is closed. */
  whenRelieved(): Promise<void> {
    return this.#core.gate.whenUnblocked();
  }

  /**
   * Ends the events that are on their way: signal `drain`, then the operators, then the sinks, for as long
   * as their answers bring new events, or events wait to be sent again; then every sink is `drained`. May be called again when
   * more has been pushed since. Rejects with the first error of a sink, after all are done.
   */
  async drain(): Promise<void> {
    const atMs = this.#core.clock.now();
    this.signal({ kind: "drain", atMs });
    await drainAll({
      atMs,
      core: this.#core,
      operators: this.#operators,
      sinks: this.#sinks,
      nextTick: () => new Promise((wake) => this.#untilTick.push(wake)),
    });
  }

  /**
   * Closes every sink and resolves `whenRelieved`. Operators see the signal `shutdown` if they have not yet, also
   * when the start has failed. Rejects with the first error of a sink, after all are closed.
   */
  async close(): Promise<void> {
    this.stopRetrying();
    this.#core.gate.wakeAll();
    this.#operators.shutDown(this.#core.clock.now());
    try {
      await allDone(this.#sinks.all.map((node) => node.sink.close()));
    } finally {
      await allDone(this.#operators.close());
    }
  }

  #enterAgain(root: FlowEvent): void {
    const outer = this.#core.clock.freeze(root.ingestMs);
    try {
      (root.isMalformed ? this.#wiring.malformed : this.#wiring.input).emit(root);
    } finally {
      this.#core.clock.unfreeze(outer);
    }
  }

  #refuseLateSink(): void {
    if (this.#isStarted) throw new GraphError("a sink cannot be attached to a graph that has started", []);
  }

  #nodeOf(port: string): number {
    const name = `out/${port}`;
    const number = this.#core.nodeOf(name);
    if (number >= 0) return number;
    throw new GraphError(`there is no ${name}; outputs are: ${this.outputs.join(", ")}`, [name]);
  }
}
