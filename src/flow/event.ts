/**
 * What moves forward: one event, or one copy of it.
 *
 * An event belongs to whoever holds it. The graph makes a copy for every further link at a fork, so an
 * operator may set `data`, `meta` and `marks` of the event that it was given; values inside `data` and
 * `meta` are shared between copies and must not be changed in place.
 */
import { holdMarks, Mark } from "./graph/mark.ts";

/** Metadata of an event: `$name` in trickle. Never changed in place, only replaced. */
export type Meta = Readonly<Record<string, unknown>>;

/** How an event can end. Of several copies, the highest number says how the event ended. */
export const FATE = {
  /** A `where` or `having` left it out. */
  filtered: 1,
  /** It came to a port that leads nowhere. */
  dropped: 2,
  /** A sink at `out` (or at a port of the user's own) has it. */
  delivered: 3,
  /** A sink at `overflow` has it, or it was refused and nobody reads `overflow`. */
  overflow: 4,
  /** Malformed: a sink at `err` has it, or it was counted. */
  err: 5,
  /** A sink said that it could not deliver it. */
  failed: 6,
} as const;
/** One of the numbers of `FATE`. */
export type Fate = (typeof FATE)[keyof typeof FATE];

/** `source` of an event that an operator made: no source waits for it. */
export const NO_SOURCE = -1;
/** `source` of an event that an operator made of others: they end as it does. */
export const JOINED = -2;

/** A value and the text that said so. */
export interface ReadText {
  /** The value. */
  readonly data: unknown;
  /** JSON, without a line feed. */
  readonly text?: string | undefined;
  /** Metadata that came with it. */
  readonly meta?: Meta | undefined;
  /** True: it entered by `err`. */
  readonly isMalformed?: boolean;
}

/** One event on its way, or one copy of it. */
export class FlowEvent {
  /** The event that a source or an operator made; itself, unless this is a copy. */
  readonly root: FlowEvent;
  /** Number of the source in its graph, or `NO_SOURCE`. */
  readonly source: number;
  /** Counts up from 1 in each source: tremor's pull id. 0 when made by an operator. */
  readonly id: number;
  /** When it entered, in ms, the latest time if it was sent again: the only time that operators know besides ticks. */
  ingestMs: number;
  /** The value that a source or an operator gave it. */
  data: unknown;
  /** Metadata; undefined: none. */
  meta: Meta | undefined;
  /** The newest of the marks that operators left. */
  marks: Mark | undefined = undefined;
  /** Of the root: what the source handed over. Of a copy: what takes the place of that, where a sink needs it. */
  read: ReadText | undefined = undefined;
  /** True once this copy is answered; whatever is said about it later is ignored. Set by the graph. */
  answered = false;
  /** Of the root: copies not yet answered. Counted by the graph. */
  copies = 1;
  /** Of the root: the worst fate among the answered copies; 0: none is answered. Set by the graph. */
  fate: Fate | 0 = 0;

  constructor(source: number, id: number, ingestMs: number, data: unknown, meta?: Meta, root?: FlowEvent) {
    this.source = source;
    this.id = id;
    this.ingestMs = ingestMs;
    this.data = data;
    this.meta = meta;
    this.root = root ?? this;
  }

  /** The text that the source read, as long as nobody has replaced the data; undefined: there was none. */
  get text(): string | undefined {
    const read = this.read ?? this.root.read;
    return read !== undefined && read.data === this.data ? read.text : undefined;
  }

  /** Another holder of the same event. The event has ended when every copy is answered. */
  copy(): FlowEvent {
    const copy = new FlowEvent(this.source, this.id, this.ingestMs, this.data, this.meta, this.root);
    copy.marks = this.marks;
    holdMarks(this.marks);
    this.root.copies++;
    return copy;
  }

  /** Of the root, when every copy is answered: it is as it was read, and not answered. Called by the graph. */
  reopen(nowMs: number): void {
    this.data = this.read?.data;
    this.meta = this.read?.meta;
    this.marks = undefined;
    this.answered = false;
    this.copies = 1;
    this.fate = 0;
    this.ingestMs = nowMs;
  }

  /** Leaves a mark of `node`; `outcomeOf` reads it in the insight that answers the event. */
  mark(node: number, value: number, about?: unknown): void {
    this.marks = new Mark(node, value, about, this.marks);
  }
}
