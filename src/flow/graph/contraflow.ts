/**
 * The way back: how answers reach the operators that an event has passed, and how trigger and restore reach
 * the sources. Tremor walks its operators in the reverse order of their creation; this walks against the
 * links of the graph, so an operator never hears of what does not lie ahead of it.
 *
 * An ack is what happens to nearly every event. Its path through here and through the operators is kept short, and
 * what is rare stands in methods of its own: as long as the compiler can inline the path as a whole, an insight that
 * nobody keeps is never made (measured: 15.5 million events a second through a breaker, and 12.5 when it cannot).
 */

import { releaseCorrelations } from "../protocol/correlation.ts";
import {
  DISPOSITION,
  type Disposition,
  type FlowEvent,
  JOINED,
  type Meta,
  NO_SOURCE,
  OWNED,
} from "../protocol/event.ts";
import type { FlowClock } from "../protocol/flow-clock.ts";
import type { Insight, InsightKind } from "../protocol/insight.ts";
import type { OnEnd, Operator } from "../protocol/operator.ts";
import type { Counts } from "./accounting.ts";
import { AckGroup } from "./ack-group.ts";
import type { BackPressureGate } from "./back-pressure-gate.ts";
import { OwnedEvent } from "./owned-event.ts";
import type { Listener, Sender } from "./sender.ts";
import type { SourceTrackers } from "./source-tracker.ts";
import type { Topology } from "./topology.ts";
import { Undelivered } from "./undelivered.ts";

/** Any moment in a sink that is no answer. */
type Notice = Exclude<InsightKind, "ack" | "fail" | "release">;

/** Who takes what sinks fail. */
export interface DeadLetter extends Sender {
  /** Takes an event that no sink has taken, and why. */
  keep(root: FlowEvent, failed: Meta): void;
}

export class Contraflow {
  readonly #clock: FlowClock;
  readonly #tally: Counts;
  readonly #gate: BackPressureGate;
  readonly #trackers: SourceTrackers;
  readonly #topology: Topology;
  readonly #operators: ReadonlyMap<number, Operator>;
  readonly #input: number;
  readonly #malformed: number;
  /** What answers for others, by its root. */
  readonly #ackGroups = new Map<FlowEvent, AckGroup>();
  /** Events of logs, by their root. */
  readonly #owned = new Map<FlowEvent, OwnedEvent>();
  /** What is sent again, or kept. */
  readonly undelivered: Undelivered;
  #keeper: DeadLetter | undefined;
  /** Somebody has to hear of the end of events: a transactional source, or those that were joined. */
  #minded = false;

  constructor(parts: {
    clock: FlowClock;
    tally: Counts;
    gate: BackPressureGate;
    trackers: SourceTrackers;
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
    this.#gate = parts.gate;
    this.#trackers = parts.trackers;
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
  ack(event: FlowEvent, disposition: Disposition, origin: Sender, durationMs: number): void {
    if (event.answered) {
      this.#tally.answeredTwice++;
      return;
    }
    event.answered = true;
    if (disposition >= DISPOSITION.overflow) event.root.isKept = true;
    releaseCorrelations(event.correlations, true);
    if (origin.listeners.length > 0) this.#tell("ack", event, origin, durationMs, undefined);
    this.#settle(event, disposition, durationMs);
  }

  /** A sink has these copies. Returns how many of them had not been answered before. */
  ackAll(events: readonly FlowEvent[], disposition: Disposition, origin: Sender, durationMs: number): number {
    const open = events.filter(({ answered }) => !answered);
    this.#tally.answeredTwice += events.length - open.length;
    const outer = this.#clock.stand(this.#clock.now()); // one time for all
    for (const event of open) {
      event.answered = true;
      if (disposition >= DISPOSITION.overflow) event.root.isKept = true;
      releaseCorrelations(event.correlations, true);
    }
    for (const listener of origin.listeners) this.#tellAcks(listener, open, origin, durationMs);
    for (const event of open) this.#settle(event, disposition, durationMs);
    this.#clock.move(outer);
    return open.length;
  }

  /** A sink could not deliver these copies. */
  failAll(events: readonly FlowEvent[], origin: Sender, durationMs: number, meta: Meta): void {
    const outer = this.#clock.stand(this.#clock.now()); // one time for all
    for (const event of events) this.fail(event, origin, durationMs, meta);
    this.#clock.move(outer);
  }

  /** A sink could not deliver this copy. */
  fail(event: FlowEvent, origin: Sender, durationMs: number, meta: Meta): void {
    if (this.#isAnswered(event)) return;
    releaseCorrelations(event.correlations, false);
    if (origin.listeners.length > 0) this.#tell("fail", event, origin, durationMs, meta);
    this.#settleFailed(event, origin, meta, durationMs);
  }

  /** A sink could not deliver this copy, and the endpoint is not at fault. */
  reject(event: FlowEvent, origin: Sender, meta: Meta): void {
    if (this.#isAnswered(event)) return;
    this.release(event, origin);
    if (event.source === JOINED) this.#ackGroups.get(event.root)?.reject();
    this.#settleFailed(event, origin, { ...meta, final: true }, Number.NaN);
  }

  /** From now on this sink gets what others fail. */
  attachDeadLetter(keeper: DeadLetter): void {
    this.#keeper = keeper;
  }

  /** This copy ends without a sink: filtered, or at a port that leads nowhere. */
  end(event: FlowEvent, disposition: Disposition, origin: Sender): void {
    if (this.#isAnswered(event)) return;
    this.release(event, origin);
    if (disposition === DISPOSITION.overflow) {
      if (event.source === OWNED) this.#owned.get(event.root)?.refuse(event.meta);
      else this.undelivered.waits(event, isOnlyCopy(event));
    }
    this.#settle(event, disposition, Number.NaN);
  }

  /** True where an event that was refused, and that a sink has failed before, does not go to the sink for refused events. */
  waits(event: FlowEvent, origin: Sender): boolean {
    if (event.source === OWNED) this.#owned.get(event.root)?.refuse(event.meta);
    else if (!this.undelivered.waits(event, false)) return false;
    event.answered = true;
    this.release(event, origin);
    this.#settle(event, DISPOSITION.overflow, Number.NaN);
    return true;
  }

  /** From now on `onEnd` hears how the event of a log ends. It goes on. */
  own(event: FlowEvent, onEnd: OnEnd): void {
    this.#owned.set(event, new OwnedEvent(onEnd));
    this.#tally.send();
    this.#minded = true;
  }

  /** A log has taken this copy. */
  store(event: FlowEvent, origin: Sender): void {
    if (!event.answered) this.#tally.store();
    this.ack(event, DISPOSITION.logged, origin, Number.NaN);
  }

  /** A log found events of an earlier run. */
  recover(count: number): void {
    this.#tally.recover(count);
  }

  /** From now on `joined` answers for the events, at the node that made it. */
  join(joined: FlowEvent, events: readonly FlowEvent[], origin: Sender): void {
    this.#ackGroups.set(joined, new AckGroup(events, origin));
    this.#minded = true;
  }

  /** From now on the sources are told how their events end. */
  mind(): void {
    this.#minded = true;
  }

  /** Tells whoever left a correlation that the event will not touch what lies ahead, and takes the correlations off. */
  release(event: FlowEvent, origin: Sender): void {
    if (event.correlations === undefined) return;
    releaseCorrelations(event.correlations, false);
    this.#tell("release", event, origin, Number.NaN, undefined);
    event.correlations = undefined;
  }

  /**
   * Goes against every link, from node to node, and past every operator that does not stop it. When it
   * arrives at the input, a trigger holds the sources and a restore of the same sender lets go. Nobody can
   * stop the first restore of a sink, which the sources wait for.
   */
  travel(kind: Notice, origin: Sender, atMs: number): void {
    const insight: Insight = {
      kind,
      atMs,
      from: origin.number,
      source: NO_SOURCE,
      id: 0,
      ingestMs: atMs,
      correlations: undefined,
      durationMs: Number.NaN,
      meta: undefined,
    };
    const isPast = origin.node === this.#malformed || this.#isForAll(insight);
    const arrives = this.#reachesInput(insight, origin.node) || isPast;
    if (!arrives) return;
    if (kind === "sink_start") this.#gate.begin(origin.number);
    if (kind === "trigger") this.#gate.trigger(origin.number);
    if (kind === "restore") this.#gate.restore(origin.number);
    this.#trackers.tell(insight);
  }

  #isForAll({ kind, from }: Insight): boolean {
    if (kind === "restore") return this.#gate.awaits(from);
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
    origin: Sender,
    durationMs: number,
    meta: Meta | undefined,
  ): void {
    const { source, id, ingestMs, correlations } = event;
    const atMs = this.#clock.now();
    const insight: Insight = {
      kind,
      atMs,
      from: origin.number,
      source,
      id,
      ingestMs,
      correlations,
      durationMs,
      meta,
    };
    const listeners = origin.listeners;
    for (let i = 0; i < listeners.length; i++) listeners[i]?.onInsight(insight);
  }

  #tellAcks(listener: Listener, events: readonly FlowEvent[], origin: Sender, durationMs: number): void {
    const atMs = this.#clock.now();
    const from = origin.number;
    if (listener.onAckAll !== undefined) {
      listener.onAckAll({ kind: "ack", atMs, from, events, durationMs });
      return;
    }
    for (const { source, id, ingestMs, correlations } of events) {
      listener.onInsight({
        kind: "ack",
        atMs,
        from,
        source,
        id,
        ingestMs,
        correlations,
        durationMs,
        meta: undefined,
      });
    }
  }

  #settleFailed(event: FlowEvent, origin: Sender, meta: Meta, durationMs: number): void {
    if (event.source === JOINED) this.#ackGroups.get(event.root)?.fail(meta);
    else if (event.source === OWNED) this.#owned.get(event.root)?.fail(meta);
    // What operators have made is neither sent again nor kept; of joined events the single ones are.
    else if (event.source >= 0 && origin !== this.#keeper) this.undelivered.noteFailure(event.root, meta);
    this.#settle(event, DISPOSITION.failed, durationMs);
  }

  #settle(event: FlowEvent, disposition: Disposition, durationMs: number): void {
    const root = event.root;
    if (disposition > root.disposition) root.disposition = disposition;
    if (--root.copies === 0) this.#close(root, durationMs);
  }

  /** @param durationMs of the copy that was answered last */
  #close(root: FlowEvent, durationMs: number): void {
    if (root.source === OWNED && this.#takesBack(root)) return;
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

  /** Asks the owner whether the event has ended. One that has failed for good goes to the sink for failed events first. */
  #takesBack(root: FlowEvent): boolean {
    const owned = this.#owned.get(root);
    if (owned === undefined || root.disposition === 0) return false; // never: it has an owner, and was answered
    if (!owned.isKept) {
      if (owned.onEnd(root.disposition, owned.meta)) {
        this.#owned.delete(root);
        this.#tally.putBack();
        return true;
      }
      if (root.disposition === DISPOSITION.failed) {
        const meta = owned.meta ?? {};
        this.undelivered.countReason(meta);
        owned.isKept = true;
        if (this.#keep(root, meta)) return true;
      }
    }
    this.#owned.delete(root);
    return false;
  }

  #tellOwner(root: FlowEvent, durationMs: number): void {
    if (root.source === OWNED) return;
    if (root.source === JOINED) this.#part(root, durationMs);
    else this.#trackers.settle(root, this.#clock.now());
  }

  /** Answers the events that a joined one stands for, as it was answered. */
  #part(root: FlowEvent, durationMs: number): void {
    const ackGroup = this.#ackGroups.get(root);
    this.#ackGroups.delete(root);
    if (ackGroup === undefined || root.disposition === 0) return; // never: it was joined, and has ended
    const { events, origin, meta, isRejected } = ackGroup;
    for (const event of events) {
      if (root.disposition === DISPOSITION.delivered) this.ack(event, root.disposition, origin, durationMs);
      else if (isRejected) this.reject(event, origin, meta);
      else if (root.disposition === DISPOSITION.failed) this.fail(event, origin, durationMs, meta);
      else this.end(event, root.disposition, origin);
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
  return root.copies === 1 && root.disposition === 0;
}
