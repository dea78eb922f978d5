/**
 * The way back of answers: from a sink to every operator that the event has passed, and to the end of the event.
 *
 * An ack is the answer to nearly every event. Its path through here and through the operators is kept short, and
 * rare answers have methods of their own: as long as the compiler can inline the path as a whole, an insight that
 * no operator keeps is never made.
 */

import { releaseCorrelations } from "../protocol/correlation.ts";
import { DISPOSITION, type Disposition, type FlowEvent, JOINED, type Meta } from "../protocol/event.ts";
import type { FlowClock } from "../protocol/flow-clock.ts";
import type { InsightKind } from "../protocol/insight.ts";
import type { Counts } from "./accounting.ts";
import { AckGroup } from "./ack-group.ts";
import type { EventEnds } from "./event-ends.ts";
import type { Listener, Sender } from "./sender.ts";

export class Answers {
  readonly #clock: FlowClock;
  readonly #counts: Counts;
  readonly #ends: EventEnds;
  /** Events that answer for others, by their root. */
  readonly #ackGroups = new Map<FlowEvent, AckGroup>();

  constructor(clock: FlowClock, counts: Counts, ends: EventEnds) {
    this.#clock = clock;
    this.#counts = counts;
    this.#ends = ends;
  }

  /** A sink has this copy. */
  ack(event: FlowEvent, disposition: Disposition, sender: Sender, durationMs: number): void {
    if (event.answered) {
      this.#counts.answeredTwice++;
      return;
    }
    event.answered = true;
    if (disposition >= DISPOSITION.overflow) event.root.isKept = true;
    releaseCorrelations(event.correlations, true);
    if (sender.listeners.length > 0) this.#notify("ack", event, sender, durationMs, undefined);
    this.#end(event, disposition, durationMs);
  }

  /** A sink has these copies. Returns how many of them had not been answered before. */
  ackAll(events: readonly FlowEvent[], disposition: Disposition, sender: Sender, durationMs: number): number {
    const outer = this.#clock.freeze(this.#clock.now()); // one time for all
    const open = this.#open(events);
    if (disposition >= DISPOSITION.overflow) for (const { root } of open) root.isKept = true;
    for (const listener of sender.listeners) this.#notifyAll(listener, open, sender, durationMs);
    for (let i = 0; i < open.length; i++) this.#end(open[i] as FlowEvent, disposition, durationMs);
    this.#clock.unfreeze(outer);
    return open.length;
  }

  /** A sink could not deliver this copy. */
  fail(event: FlowEvent, sender: Sender, durationMs: number, meta: Meta): void {
    if (this.#isAnswered(event)) return;
    releaseCorrelations(event.correlations, false);
    if (sender.listeners.length > 0) this.#notify("fail", event, sender, durationMs, meta);
    this.#endFailed(event, sender, meta, durationMs);
  }

  /** A sink could not deliver these copies. */
  failAll(events: readonly FlowEvent[], sender: Sender, durationMs: number, meta: Meta): void {
    const outer = this.#clock.freeze(this.#clock.now()); // one time for all
    for (const event of events) this.fail(event, sender, durationMs, meta);
    this.#clock.unfreeze(outer);
  }

  /** A sink could not deliver this copy, and the endpoint is not at fault. */
  reject(event: FlowEvent, sender: Sender, meta: Meta): void {
    if (this.#isAnswered(event)) return;
    this.release(event, sender);
    if (event.source === JOINED) this.#ackGroups.get(event.root)?.reject();
    this.#endFailed(event, sender, { ...meta, final: true }, Number.NaN);
  }

  /** This copy ends without a sink: filtered, or at a port that leads nowhere. */
  end(event: FlowEvent, disposition: Disposition, sender: Sender): void {
    if (this.#isAnswered(event)) return;
    this.release(event, sender);
    if (disposition === DISPOSITION.overflow) this.#ends.noteRefusal(event);
    this.#end(event, disposition, Number.NaN);
  }

  /** True where an event that was refused, and that a sink has failed before, waits instead of going to that sink. */
  waits(event: FlowEvent, sender: Sender): boolean {
    if (!this.#ends.waits(event)) return false;
    event.answered = true;
    this.release(event, sender);
    this.#end(event, DISPOSITION.overflow, Number.NaN);
    return true;
  }

  /** A log has taken this copy. */
  store(event: FlowEvent, sender: Sender): void {
    if (!event.answered) this.#counts.store();
    this.ack(event, DISPOSITION.logged, sender, Number.NaN);
  }

  /** From now on `joined` answers for the events, at the node that made it. */
  join(joined: FlowEvent, events: readonly FlowEvent[], sender: Sender): void {
    this.#ackGroups.set(joined, new AckGroup(events, sender));
  }

  /** The event will not touch what lies ahead: operators that correlated it get a release, and the correlations are taken off. */
  release(event: FlowEvent, sender: Sender): void {
    if (event.correlations === undefined) return;
    releaseCorrelations(event.correlations, false);
    this.#notify("release", event, sender, Number.NaN, undefined);
    event.correlations = undefined;
  }

  #isAnswered(event: FlowEvent): boolean {
    if (event.answered) this.#counts.answeredTwice++;
    const before = event.answered;
    event.answered = true;
    return before;
  }

  /** Those that have not been answered, which they are from here on. */
  #open(events: readonly FlowEvent[]): readonly FlowEvent[] {
    let open: FlowEvent[] | undefined;
    for (let i = 0; i < events.length; i++) {
      const event = events[i] as FlowEvent;
      if (event.answered) {
        this.#counts.answeredTwice++;
        open ??= events.slice(0, i);
      } else {
        event.answered = true;
        releaseCorrelations(event.correlations, true);
        open?.push(event);
      }
    }
    return open ?? events;
  }

  #notify(
    kind: InsightKind,
    event: FlowEvent,
    sender: Sender,
    durationMs: number,
    meta: Meta | undefined,
  ): void {
    const { source, id, ingestMs, correlations } = event;
    const atMs = this.#clock.now();
    const { listeners, number: from } = sender;
    const insight = { kind, atMs, from, source, id, ingestMs, correlations, durationMs, meta };
    for (let i = 0; i < listeners.length; i++) listeners[i]?.onInsight(insight);
  }

  #notifyAll(listener: Listener, events: readonly FlowEvent[], sender: Sender, durationMs: number): void {
    const atMs = this.#clock.now();
    const { number: from } = sender;
    const kind = "ack";
    if (listener.onAckAll !== undefined) {
      listener.onAckAll({ kind, atMs, from, events, durationMs });
      return;
    }
    for (const { source, id, ingestMs, correlations } of events) {
      listener.onInsight({
        kind,
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

  #endFailed(event: FlowEvent, sender: Sender, meta: Meta, durationMs: number): void {
    // Of joined events the single ones are sent again, or go to the sink for failed events.
    if (event.source === JOINED) this.#ackGroups.get(event.root)?.fail(meta);
    else this.#ends.noteFailure(event, sender, meta);
    this.#end(event, DISPOSITION.failed, durationMs);
  }

  #end({ root }: FlowEvent, disposition: Disposition, durationMs: number): void {
    if (disposition > root.disposition) root.disposition = disposition;
    if (--root.copies > 0) return;
    if (root.source === JOINED) this.#answerGroup(root, durationMs);
    else this.#ends.close(root);
  }

  /**
   * Answers the events that a joined one stands for, as it was answered.
   *
   * @param durationMs of the copy that was answered last
   */
  #answerGroup(root: FlowEvent, durationMs: number): void {
    const ackGroup = this.#ackGroups.get(root);
    this.#ackGroups.delete(root);
    if (ackGroup === undefined || root.disposition === 0) return; // never: it was joined, and has ended
    const { events, sender, meta, isRejected } = ackGroup;
    for (const event of events) {
      if (root.disposition === DISPOSITION.delivered) this.ack(event, root.disposition, sender, durationMs);
      else if (isRejected) this.reject(event, sender, meta);
      else if (root.disposition === DISPOSITION.failed) this.fail(event, sender, durationMs, meta);
      else this.end(event, root.disposition, sender);
    }
  }
}
