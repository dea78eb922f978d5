/**
 * One event on its way forward, or one copy of it.
 *
 * An event belongs to its holder. The graph makes a copy for every further link at a fork, so an operator may set `data`,
 * `meta` and `correlations` of the event that it was given; values inside `data` and `meta` are shared between copies and
 * must not be changed in place.
 */
import type { RawText } from "../../ndjson/raw-text.ts";
import { Correlation, retainCorrelations } from "./correlation.ts";

/** Metadata of an event: `$name` in trickle. Never changed in place, only replaced. */
export type Meta = Readonly<Record<string, unknown>>;

/** How an event can end. Of several copies, the highest number says how the event ended. */
export const DISPOSITION = {
  /** A `where` or `having` left it out. */
  filtered: 1,
  /** It came to a port that leads nowhere. */
  dropped: 2,
  /** A log has it, and sends it on as an event of its own. */
  logged: 3,
  /** A sink at `out` (or at a port of the user's own) has it. */
  delivered: 4,
  /** A sink at `overflow` has it, or it was refused and nothing reads `overflow`. */
  overflow: 5,
  /** Malformed: a sink at `err` has it, or it was counted. */
  err: 6,
  /** A sink said that it could not deliver it. */
  failed: 7,
} as const;
/** One of the numbers of `DISPOSITION`. */
export type Disposition = (typeof DISPOSITION)[keyof typeof DISPOSITION];

/** `source` of an event that an operator made: no source waits for it. */
export const NO_SOURCE = -1;
/** `source` of an event that an operator made of others: they end as it does. */
export const JOINED = -2;
/** `source` of an event that an operator owns, such as one of a log: the operator gets its end. */
export const OWNED = -3;

/** The content that an event was made of. `data` and `text` may be getters: the graph reads neither. */
export interface EventContent {
  /** The value. */
  readonly data: unknown;
  /** The JSON text of `data`, without a line feed. */
  readonly text?: string | undefined;
  /** The bytes of that text. */
  readonly raw?: RawText | undefined;
  /** Metadata that came with it. */
  readonly meta?: Meta | undefined;
  /** True: `data` and `text` may throw, since no reader has looked whether the text is JSON. */
  readonly isUnchecked?: boolean;
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
  /** When it entered, in ms, the latest time if it was sent again: the only time of operators besides ticks. */
  ingestMs: number;
  /** Metadata; undefined: none. */
  meta: Meta | undefined;
  /** The newest of the correlations that operators left. */
  correlations: Correlation | undefined = undefined;
  #content: EventContent;
  /** True once this copy is answered; later answers are ignored. Set by the graph. */
  answered = false;
  /** Of the root: copies not yet answered. Counted by the graph. */
  copies = 1;
  /** Of the root: the worst disposition among the answered copies; 0: none is answered. Set by the graph. */
  disposition: Disposition | 0 = 0;
  /** Of the root: a sink at `overflow`, or the one for failed events, has it. Set by the graph. */
  isKept = false;
  /** Replaces data and text of the content; undefined: they are as they were made. */
  #change: EventContent | undefined = undefined;
  /** `content.data` was read. */
  #isRead = false;

  constructor(source: number, id: number, ingestMs: number, content: EventContent, root?: FlowEvent) {
    this.source = source;
    this.id = id;
    this.ingestMs = ingestMs;
    this.#content = content;
    this.meta = content.meta;
    this.root = root ?? this;
  }

  /**
   * The value that a source or an operator gave it. Parsed at the first use where the source read text.
   *
   * @throws SyntaxError where that text is no JSON, which a reader that does not validate lets pass
   */
  get data(): unknown {
    if (this.#change !== undefined) return this.#change.data;
    this.#isRead = true;
    return this.#content.data;
  }

  /** From now on the event has this value. */
  set data(value: unknown) {
    this.#change = this.#isRead && value === this.#content.data ? undefined : { data: value };
  }

  /** The text that the source read; undefined: there was none, or the data was replaced by data without one. */
  get text(): string | undefined {
    return this.content.text;
  }

  /** The bytes of `text`. */
  get raw(): RawText | undefined {
    return this.content.raw;
  }

  /** Data and text as they are now; those of later changes are in another object. Getters in it are not read. */
  get content(): EventContent {
    return this.#change ?? this.#content;
  }

  /** Replaces the data, and their text. As setting `data`, until the changes are discarded. */
  replaceData(content: EventContent): void {
    this.#change = content;
  }

  /** True: it entered by `err`. */
  get isMalformed(): boolean {
    return this.#content.isMalformed === true;
  }

  /** The content that it was made of takes the place of all changes. */
  discardChanges(): void {
    this.#change = undefined;
    this.meta = this.#content.meta;
  }

  /** Other content takes the place of the one that it was made of: for a sink that writes an event in a form of its own. */
  replaceContent(content: EventContent): void {
    this.#content = content;
    this.discardChanges();
  }

  /** Another holder of the same event. The event has ended when every copy is answered. */
  copy(): FlowEvent {
    const copy = new FlowEvent(this.source, this.id, this.ingestMs, this.#content, this.root);
    copy.meta = this.meta;
    copy.#change = this.#change;
    copy.#isRead = this.#isRead;
    this.correlations = retainCorrelations(this.correlations);
    copy.correlations = this.correlations;
    this.root.copies++;
    return copy;
  }

  /** Of the root, when every copy is answered: it is as it was made, and not answered. Called by the graph. */
  reopen(nowMs: number): void {
    this.discardChanges();
    this.correlations = undefined;
    this.answered = false;
    this.copies = 1;
    this.disposition = 0;
    this.isKept = false;
    this.ingestMs = nowMs;
  }

  /** Leaves a correlation of `node`; `outcomeOf` reads it in the insight that answers the event. */
  correlate(node: number, value: number, about?: unknown): void {
    this.correlations = new Correlation(node, value, about, this.correlations, false);
  }
}
