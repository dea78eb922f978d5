/**
 * The way back: how answers reach the operators that an event has passed, and how trigger and restore reach
 * the sources. Tremor walks its operators in the reverse order of their creation; this walks against the
 * links of the graph, so an operator never hears of what does not lie ahead of it.
 *
 * An ack is what happens to nearly every event. Its path through here and through the operators is kept short, and
 * what is rare stands in methods of its own: as long as the compiler can inline the path as a whole, an insight that
 * nobody keeps is never made (measured: 15.5 million events a second through a breaker, and 12.5 when it cannot).
 */

import { FATE, type Fate, type FlowEvent, JOINED, type Meta, NO_SOURCE } from "../event.ts";
import type { Insight, InsightKind } from "../insight.ts";
import type { Brake } from "../operator/brake.ts";
import type { Operator } from "../operator/operator.ts";
import type { FlowClock } from "../run/clock.ts";
import type { Intakes } from "./intake.ts";
import { Joint } from "./joint.ts";
import type { Tally } from "./ledger.ts";
import { dropMarks } from "./mark.ts";
import type { Origin } from "./origin.ts";
import type { Topology } from "./topology.ts";
import { Undelivered } from "./undelivered.ts";

/** Any moment in a sink that is no answer. */
type Notice = Exclude<InsightKind, "ack" | "fail" | "release">;

/** Who takes what sinks fail. */
export interface Keeper extends Origin {
  /** Takes an event that no sink has taken, and why. */
  keep(root: FlowEvent, failed: Meta): void;
}

export class Contraflow {
  readonly #clock: FlowClock;
  readonly #tally: Tally;
  readonly #brake: Brake;
  readonly #intakes: Intakes;
  readonly #topology: Topology;
  readonly #operators: ReadonlyMap<number, Operator>;
  readonly #input: number;
  readonly #malformed: number;
  /** What answers for others, by its root. */
  readonly #joints = new Map<FlowEvent, Joint>();
  /** What is sent again, or kept. */
  readonly undelivered: Undelivered;
  #keeper: Keeper | undefined;
  /** Somebody has to hear of the end of events: a transactional source, or those that were joined. */
  #minded = false;

  constructor(parts: {
    clock: FlowClock;
    tally: Tally;
    brake: Brake;
    intakes: Intakes;
    topology: Topology;
    operators: ReadonlyMap<number, Operator>;
    input: number;
    /** The output that sources send malformed items to, past every operator. */
    malformed: number;
    /** An event enters again. */
    enter: (root: FlowEvent) => void;
  }) {
    this.#clock = parts.clock;
    this.#tally = parts.tally;
    this.#brake = parts.brake;
    this.#intakes = parts.intakes;
    this.#topology = parts.topology;
    this.#operators = parts.operators;
    this.#input = parts.input;
    this.#malformed = parts.malformed;
    this.undelivered = new Undelivered({
      now: () => this.#clock.now(),
      delivered: () => this.#tally.delivered,
      enter: parts.enter,
      keep: (root, failed) => this.#keep(root, failed),
      end: (root) => this.#end(root, Number.NaN),
    });
  }

  /** A sink has this copy. */
  ack(event: FlowEvent, fate: Fate, origin: Origin, durationMs: number): void {
    if (event.answered) {
      this.#tally.answeredTwice++;
      return;
    }
    event.answered = true;
    dropMarks(event.marks, true);
    if (origin.listeners.length > 0) this.#tell("ack", event, origin, durationMs, undefined);
    this.#settle(event, fate, durationMs);
  }

  /** A sink could not deliver this copy. */
  fail(event: FlowEvent, origin: Origin, durationMs: number, meta: Meta): void {
    if (this.#isAnswered(event)) return;
    dropMarks(event.marks, false);
    if (origin.listeners.length > 0) this.#tell("fail", event, origin, durationMs, meta);
    this.#settleFailed(event, origin, meta, durationMs);
  }

  /** A sink could not deliver this copy, and the endpoint is not at fault. */
  reject(event: FlowEvent, origin: Origin, meta: Meta): void {
    if (this.#isAnswered(event)) return;
    this.release(event, origin);
    if (event.source === JOINED) this.#joints.get(event.root)?.reject();
    this.#settleFailed(event, origin, { ...meta, final: true }, Number.NaN);
  }

  /** From now on this sink gets what others fail. */
  keepFailed(keeper: Keeper): void {
    this.#keeper = keeper;
  }

  /** This copy ends without a sink: filtered, or at a port that leads nowhere. */
  end(event: FlowEvent, fate: Fate, origin: Origin): void {
    if (this.#isAnswered(event)) return;
    this.release(event, origin);
    if (fate === FATE.overflow) this.undelivered.waits(event, isOnlyCopy(event));
    this.#settle(event, fate, Number.NaN);
  }

  /** True where an event that was refused, and that a sink has failed before, does not go to the sink for refused events. */
  waits(event: FlowEvent, origin: Origin): boolean {
    if (!this.undelivered.waits(event, false)) return false;
    event.answered = true;
    this.release(event, origin);
    this.#settle(event, FATE.overflow, Number.NaN);
    return true;
  }

  /** From now on `joined` answers for the events, at the node that made it. */
  join(joined: FlowEvent, events: readonly FlowEvent[], origin: Origin): void {
    this.#joints.set(joined, new Joint(events, origin));
    this.#minded = true;
  }

  /** From now on the sources are told how their events end. */
  mind(): void {
    this.#minded = true;
  }

  /** Tells whoever left a mark that the event will not touch what lies ahead, and takes the marks off. */
  release(event: FlowEvent, origin: Origin): void {
    if (event.marks === undefined) return;
    dropMarks(event.marks, false);
    this.#tell("release", event, origin, Number.NaN, undefined);
    event.marks = undefined;
  }

  /**
   * Goes against every link, from node to node, and past every operator that does not stop it. When it
   * arrives at the input, a trigger holds the sources and a restore of the same sender lets go. Nobody can
   * stop the first restore of a sink, which the sources wait for.
   */
  travel(kind: Notice, origin: Origin, atMs: number): void {
    const insight: Insight = {
      kind,
      atMs,
      from: origin.number,
      source: NO_SOURCE,
      id: 0,
      ingestMs: atMs,
      marks: undefined,
      durationMs: Number.NaN,
      meta: undefined,
    };
    const isPast = origin.node === this.#malformed || this.#isForAll(insight);
    const arrives = this.#reachesInput(insight, origin.node) || isPast;
    if (!arrives) return;
    if (kind === "sink_start") this.#brake.begin(origin.number);
    if (kind === "trigger") this.#brake.trigger(origin.number);
    if (kind === "restore") this.#brake.restore(origin.number);
    this.#intakes.tell(insight);
  }

  #isForAll({ kind, from }: Insight): boolean {
    if (kind === "restore") return this.#brake.awaits(from);
    return kind !== "trigger";
  }

  #isAnswered(event: FlowEvent): boolean {
    if (event.answered) this.#tally.answeredTwice++;
    const before = event.answered;
    event.answered = true;
    return before;
  }

  #tell(
    kind: InsightKind,
    event: FlowEvent,
    origin: Origin,
    durationMs: number,
    meta: Meta | undefined,
  ): void {
    const { source, id, ingestMs, marks } = event;
    const atMs = this.#clock.now();
    const insight: Insight = {
      kind,
      atMs,
      from: origin.number,
      source,
      id,
      ingestMs,
      marks,
      durationMs,
      meta,
    };
    const listeners = origin.listeners;
    for (let i = 0; i < listeners.length; i++) listeners[i]?.onInsight(insight);
  }

  #settleFailed(event: FlowEvent, origin: Origin, meta: Meta, durationMs: number): void {
    if (event.source === JOINED) this.#joints.get(event.root)?.fail(meta);
    // What operators have made is neither sent again nor kept; of joined events the single ones are.
    else if (event.source >= 0 && origin !== this.#keeper) this.undelivered.noteFailure(event.root, meta);
    this.#settle(event, FATE.failed, durationMs);
  }

  #settle(event: FlowEvent, fate: Fate, durationMs: number): void {
    const root = event.root;
    if (fate > root.fate) root.fate = fate;
    if (--root.copies === 0) this.#close(root, durationMs);
  }

  /** @param durationMs of the copy that was answered last */
  #close(root: FlowEvent, durationMs: number): void {
    if (this.undelivered.isConcerned && this.undelivered.take(root)) return;
    this.#end(root, durationMs);
  }

  #end(root: FlowEvent, durationMs: number): void {
    this.#tally.close(root);
    if (this.#minded) this.#tellOwner(root, durationMs);
  }

  #keep(root: FlowEvent, failed: Meta): boolean {
    if (this.#keeper === undefined) return false;
    this.#keeper.keep(root, failed);
    return true;
  }

  #tellOwner(root: FlowEvent, durationMs: number): void {
    if (root.source === JOINED) this.#part(root, durationMs);
    else this.#intakes.settle(root, this.#clock.now());
  }

  /** Answers the events that a joined one stands for, as it was answered. */
  #part(root: FlowEvent, durationMs: number): void {
    const joint = this.#joints.get(root);
    this.#joints.delete(root);
    if (joint === undefined || root.fate === 0) return; // never: it was joined, and has ended
    const { events, origin, meta, isRejected } = joint;
    for (const event of events) {
      if (root.fate === FATE.delivered) this.ack(event, root.fate, origin, durationMs);
      else if (isRejected) this.reject(event, origin, meta);
      else if (root.fate === FATE.failed) this.fail(event, origin, durationMs, meta);
      else this.end(event, root.fate, origin);
    }
  }

  #reachesInput(insight: Insight, start: number): boolean {
    const reached = new Set([start]);
    for (const node of this.#topology.upstreamOf(start)) {
      if (node === start) continue;
      const comesHere = this.#topology.next(node).some((later) => reached.has(later));
      if (!comesHere || this.#stops(node, insight)) continue;
      reached.add(node);
    }
    return reached.has(this.#input);
  }

  #stops(node: number, insight: Insight): boolean {
    const stopped = this.#operators.get(node)?.onInsight?.(insight) === true;
    return stopped && (insight.kind === "trigger" || insight.kind === "restore");
  }
}

/** No other copy is on its way, or has ended before. */
function isOnlyCopy({ root }: FlowEvent): boolean {
  return root.copies === 1 && root.fate === 0;
}
