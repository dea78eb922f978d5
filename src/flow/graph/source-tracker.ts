/**
 * Where sources enter the graph: numbers their events, and gives them the insights that reach the input.
 *
 * A transactional source gets cumulative answers. An ack speaks for every id up to its own, so it waits
 * until the lowest of them has ended; a fail speaks for every id from its own on, so items that were read
 * since are forgotten here and read again.
 */

import { DISPOSITION, type FlowEvent, NO_SOURCE } from "../protocol/event.ts";
import type { Insight } from "../protocol/insight.ts";
import type { Source } from "../protocol/source-and-sink.ts";

/** The part of a source that gets insights. */
export type SourceListener = Pick<Source, "transactional" | "replays" | "onInsight">;

/** A source that was added to a graph. */
export interface TrackedSource {
  /** Number of the source, from 0: in insights, in events, and for `push`. */
  readonly number: number;
  /** How often the source had to replay. Items that it was asked for before a replay must not be pushed any more. */
  readonly replays: number;
  /** Whether the source gets acks and fails. */
  readonly transactional: boolean;
}

/** Where one source enters. */
export class SourceTracker implements TrackedSource {
  /** Of the source, in insights and events. */
  readonly number: number;
  /** How often the source had to replay. Items that it was asked for before are not taken any more. */
  replays = 0;
  readonly #source: SourceListener;
  /** Of a transactional source: events that have not ended, by id. */
  readonly #open: Map<number, FlowEvent> | undefined;
  /** The latest id of every source. */
  readonly #ids: number[];
  /** Every id up to this one has ended well. */
  #acked = 0;

  constructor(number: number, source: SourceListener, ids: number[]) {
    this.number = number;
    this.#source = source;
    this.#ids = ids;
    this.#open = source.transactional === true ? new Map() : undefined;
  }

  /** True when the source gets acks and fails. */
  get transactional(): boolean {
    return this.#open !== undefined;
  }

  /** An event with the id that was given last is about to move. */
  enter(event: FlowEvent): void {
    this.#open?.set(event.id, event);
  }

  /** An event has ended. One that was read before a replay of it changes nothing. */
  end(root: FlowEvent, atMs: number): void {
    const open = this.#open;
    if (open === undefined || open.get(root.id) !== root) return;
    if (this.#source.replays === false) {
      if (isLost(root)) return;
    } else if (root.disposition === DISPOSITION.failed) {
      this.#replayFrom(root.id, open, atMs);
      return;
    }
    open.delete(root.id);
    this.#advance(open, atMs);
  }

  /** trigger, restore, sink_start, drained: every source gets them. */
  notify(insight: Insight): void {
    this.#source.onInsight?.(insight);
  }

  #advance(open: ReadonlyMap<number, FlowEvent>, atMs: number): void {
    const before = this.#acked;
    const latest = this.#ids[this.number] ?? 0;
    while (this.#acked < latest && !open.has(this.#acked + 1)) this.#acked++;
    if (this.#acked > before) this.#notifyOf("ack", this.#acked, atMs);
  }

  #replayFrom(id: number, open: Map<number, FlowEvent>, atMs: number): void {
    const latest = this.#ids[this.number] ?? 0;
    for (let later = id; later <= latest; later++) open.delete(later);
    this.#ids[this.number] = id - 1;
    this.replays++;
    this.#notifyOf("fail", id, atMs);
  }

  #notifyOf(kind: "ack" | "fail", id: number, atMs: number): void {
    this.notify({
      kind,
      atMs,
      from: NO_SOURCE,
      source: this.number,
      id,
      ingestMs: atMs,
      correlations: undefined,
      durationMs: Number.NaN,
      meta: undefined,
    });
  }
}

/** It failed, or was refused, and no sink has it. */
function isLost({ disposition, isKept }: FlowEvent): boolean {
  const isUndelivered = disposition === DISPOSITION.failed || disposition === DISPOSITION.overflow;
  return isUndelivered && !isKept;
}

/** The sources of one graph, by number. */
export class SourceTrackers {
  /** True once a transactional source was added: only then `enter` and `end` have an effect. */
  anyTransactional = false;
  /** The latest id of each source, tremor's pull id; also of those that were never added. */
  readonly #ids: number[] = [];
  readonly #trackers: SourceTracker[] = [];

  /** Gives a source the next number. */
  add(source: SourceListener): SourceTracker {
    const tracker = new SourceTracker(this.#trackers.length, source, this.#ids);
    this.#trackers.push(tracker);
    if (tracker.transactional) this.anyTransactional = true;
    return tracker;
  }

  /** The id of the next event of a source, from 1. */
  nextId(source: number): number {
    const id = (this.#ids[source] ?? 0) + 1;
    this.#ids[source] = id;
    return id;
  }

  /** The id that a source was given last; 0: none. */
  latestId(source: number): number {
    return this.#ids[source] ?? 0;
  }

  /** An event with the id that its source was given last is about to move. */
  enter(event: FlowEvent): void {
    this.#trackers[event.source]?.enter(event);
  }

  /** Every copy of an event is answered. */
  end(root: FlowEvent, atMs: number): void {
    this.#trackers[root.source]?.end(root, atMs);
  }

  /** An insight that is no answer has reached the input. */
  notify(insight: Insight): void {
    for (const tracker of this.#trackers) tracker.notify(insight);
  }
}
