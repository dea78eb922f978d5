/**
 * Where sources enter the graph: numbers their events, and tells them what comes against the flow.
 *
 * A transactional source hears cumulative answers. An ack speaks for every id up to its own, so it waits
 * until the lowest of them has ended; a fail speaks for every id from its own on, so what has been read
 * since is forgotten here and read again.
 */

import type { Source } from "../ends.ts";
import { FATE, type FlowEvent, NO_SOURCE } from "../event.ts";
import type { Insight } from "../insight.ts";

/** The part of a source that hears. */
export type SourceEar = Pick<Source, "transactional" | "onInsight">;

/** What the graph says of a source that was added to it. */
export interface SourcePlace {
  /** Number of the source, from 0: in insights, in events, and for `push`. */
  readonly number: number;
  /** How often the source was told to replay. What it was asked for before a replay must not be pushed any more. */
  readonly replays: number;
  /** Whether the source hears acks and fails. */
  readonly transactional: boolean;
}

/** Where one source enters. */
export class Intake implements SourcePlace {
  /** Of the source, in insights and events. */
  readonly number: number;
  /** How often the source was told to replay. What it was asked for before is not taken any more. */
  replays = 0;
  readonly #ear: SourceEar;
  /** Of a transactional source: what has not ended, by id. */
  readonly #open: Map<number, FlowEvent> | undefined;
  /** The latest id of every source. */
  readonly #ids: number[];
  /** Every id up to this one has ended well. */
  #acked = 0;

  constructor(number: number, ear: SourceEar, ids: number[]) {
    this.number = number;
    this.#ear = ear;
    this.#ids = ids;
    this.#open = ear.transactional === true ? new Map() : undefined;
  }

  /** True when the source hears acks and fails. */
  get transactional(): boolean {
    return this.#open !== undefined;
  }

  /** An event with the id that was given last is about to move. */
  enter(event: FlowEvent): void {
    this.#open?.set(event.id, event);
  }

  /** An event has ended. One that was read before a replay of it changes nothing. */
  settle(root: FlowEvent, atMs: number): void {
    const open = this.#open;
    if (open === undefined || open.get(root.id) !== root) return;
    if (root.fate === FATE.failed) this.#replayFrom(root.id, open, atMs);
    else {
      open.delete(root.id);
      this.#advance(open, atMs);
    }
  }

  /** trigger, restore, sink_start, drained: every source hears them. */
  tell(insight: Insight): void {
    this.#ear.onInsight?.(insight);
  }

  #advance(open: ReadonlyMap<number, FlowEvent>, atMs: number): void {
    const before = this.#acked;
    const latest = this.#ids[this.number] ?? 0;
    while (this.#acked < latest && !open.has(this.#acked + 1)) this.#acked++;
    if (this.#acked > before) this.#answer("ack", this.#acked, atMs);
  }

  #replayFrom(id: number, open: Map<number, FlowEvent>, atMs: number): void {
    const latest = this.#ids[this.number] ?? 0;
    for (let later = id; later <= latest; later++) open.delete(later);
    this.#ids[this.number] = id - 1;
    this.replays++;
    this.#answer("fail", id, atMs);
  }

  #answer(kind: "ack" | "fail", id: number, atMs: number): void {
    this.tell({
      kind,
      atMs,
      from: NO_SOURCE,
      source: this.number,
      id,
      ingestMs: atMs,
      marks: undefined,
      durationMs: Number.NaN,
      meta: undefined,
    });
  }
}

/** The sources of one graph, by number. */
export class Intakes {
  /** True once a transactional source was added: only then are `enter` and `settle` of any use. */
  anyTransactional = false;
  /** The latest id of each source, tremor's pull id; also of those that were never added. */
  readonly #ids: number[] = [];
  readonly #intakes: Intake[] = [];

  /** Gives a source the next number. */
  add(ear: SourceEar): Intake {
    const intake = new Intake(this.#intakes.length, ear, this.#ids);
    this.#intakes.push(intake);
    if (intake.transactional) this.anyTransactional = true;
    return intake;
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
    this.#intakes[event.source]?.enter(event);
  }

  /** Every copy of an event is answered. */
  settle(root: FlowEvent, atMs: number): void {
    this.#intakes[root.source]?.settle(root, atMs);
  }

  /** An insight that is no answer has reached the input. */
  tell(insight: Insight): void {
    for (const intake of this.#intakes) intake.tell(insight);
  }
}
