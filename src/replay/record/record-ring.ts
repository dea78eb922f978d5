/** The ring of records: segments, of which the oldest is overwritten when the newest is full. */
import {
  DURATION_BITS,
  DURATION_UNKNOWN,
  ENDPOINT_BITS,
  ENDPOINT_MASK,
  ENDPOINT_SHIFT,
  FORM_FULL,
  FORM_LONG,
  FORM_TIME,
  FULL_WORDS,
  LONG_ENDPOINTS,
  OP_ADMITTED,
  OP_REFUSED,
  OP_SHIFT,
  TICKS_BITS,
  TICKS_PER_MS,
  TICKS_SHIFT,
  TIME_WORDS,
} from "./format.ts";

/** Each begins with a TIME record, so that it can be read without those before it. */
const SEGMENTS = 8;
const LARGEST_ENTRY = TIME_WORDS + FULL_WORDS;
/** Bytes below which no segment holds a FULL record. */
export const LEAST_BYTES = SEGMENTS * (LARGEST_ENTRY + 1) * 4;

// Constants of this file, since V8 looks imported ones up at every use.
const TICKS = TICKS_PER_MS;
const SHORT_ENDPOINTS = 1 << ENDPOINT_BITS;
const MOST_ENDPOINTS = LONG_ENDPOINTS;
const UNKNOWN = DURATION_UNKNOWN;
const ADMITTED = OP_ADMITTED;
/** ms: the longest difference of two records. A difference of two doubles is exact if neither is twice the other. */
const LEAST_BASE_MS = 64;

/** Indices of `times`. */
const BASE = 0;
export const AT = 1;
export const DURATION = 2;

/** Writes records; see format.ts. Grows to its size segment by segment. */
export class RecordRing {
  /** Outcomes and refusals that were overwritten. */
  dropped = 0;
  /** ms: of the latest record; of the call that `write` is about; its duration. */
  readonly times = new Float64Array(3);
  #segment = 0;
  /** Of the current segment. */
  #words: Uint32Array;
  #position = 0;
  /** Outcomes and refusals of the current segment. */
  #outcomes = 0;
  readonly #segmentWords: number;
  /** A record begins before it, so that the longest one fits. */
  readonly #limit: number;
  readonly #segments: { words: Uint32Array; used: number; outcomes: number }[] = [];
  readonly #splitF64 = new Float64Array(1);
  readonly #split = new Uint32Array(this.#splitF64.buffer);

  /** @param bytes of all segments together, at least LEAST_BYTES. */
  constructor(bytes: number) {
    this.#segmentWords = Math.floor(bytes / 4 / SEGMENTS);
    this.#words = new Uint32Array(this.#segmentWords);
    this.#segments.push({ words: this.#words, used: 0, outcomes: 0 });
    this.times[BASE] = Number.NaN;
    this.#limit = this.#segmentWords - LARGEST_ENTRY;
  }

  /** Outcomes and refusals that it holds. */
  get outcomes(): number {
    this.#store();
    return this.#segments.reduce((sum, { outcomes }) => sum + outcomes, 0);
  }

  /**
   * An outcome, an admission or a refusal of one call; `times` has when, and how long it took (NaN: unknown). Numbers with a
   * fraction that are arguments of a function that V8 does not inline cost an object each: more than the rest.
   */
  write(op: number, endpoint: number): void {
    const times = this.times;
    const ticks = (times[AT]! - times[BASE]!) * TICKS;
    const duration = times[DURATION]! * TICKS;
    const isUnknown = !(duration >= 0);
    const wholeTicks = ticks | 0;
    const wholeDuration = duration | 0;
    const at = this.#position;
    if (
      wholeTicks !== ticks ||
      wholeTicks >>> TICKS_BITS !== 0 ||
      (!isUnknown && (wholeDuration !== duration || wholeDuration >>> 0 >= UNKNOWN)) ||
      at >= this.#limit ||
      endpoint >= MOST_ENDPOINTS
    ) {
      this.#writeOther(op, endpoint);
      return;
    }
    times[BASE] = times[AT]!;
    const words = this.#words;
    const word =
      (op << OP_SHIFT) | ((endpoint & ENDPOINT_MASK) << ENDPOINT_SHIFT) | (wholeTicks << TICKS_SHIFT);
    if (op !== ADMITTED) this.#outcomes++;
    if (isUnknown && endpoint < SHORT_ENDPOINTS) {
      words[at] = word;
      this.#position = at + 1;
      return;
    }
    words[at] = word | FORM_LONG;
    words[at + 1] = (isUnknown ? UNKNOWN : wholeDuration) | ((endpoint >>> ENDPOINT_BITS) << DURATION_BITS);
    this.#position = at + 2;
  }

  /**
   * As `write`, for an outcome of unknown duration at a time: the words that nearly all of them are, in so few steps that V8
   * puts them into the caller. Anything else goes the long way.
   */
  writeOutcome(op: number, endpoint: number, now: number): void {
    const times = this.times;
    const ticks = (now - times[BASE]!) * TICKS;
    const wholeTicks = ticks | 0;
    const at = this.#position;
    if (
      wholeTicks === ticks &&
      wholeTicks >>> TICKS_BITS === 0 &&
      at < this.#limit &&
      endpoint < SHORT_ENDPOINTS
    ) {
      times[BASE] = now;
      this.#words[at] = (op << OP_SHIFT) | (endpoint << ENDPOINT_SHIFT) | (wholeTicks << TICKS_SHIFT);
      this.#position = at + 1;
      this.#outcomes++;
      return;
    }
    times[AT] = now;
    times[DURATION] = Number.NaN;
    this.write(op, endpoint);
  }

  /** What fits no other form, and what ends no call. */
  writeFull(
    op: number,
    endpoint: number,
    atMs: number,
    argument: number,
    weight: number,
    ticket: number,
  ): void {
    if (this.#position >= this.#limit) this.#nextSegment();
    const at = this.#position;
    const words = this.#words;
    words[at] = FORM_FULL | (op << OP_SHIFT);
    words[at + 1] = endpoint;
    this.#writeF64(at + 2, atMs);
    this.#writeF64(at + 4, argument);
    words[at + 6] = weight;
    words[at + 7] = ticket;
    this.#position = at + FULL_WORDS;
    this.times[BASE] = atMs < LEAST_BASE_MS ? Number.NaN : atMs;
    if (op <= OP_REFUSED && op !== ADMITTED) this.#outcomes++;
  }

  /** The records from the oldest on, a copy. */
  take(): Uint32Array {
    this.#store();
    const inOrder = this.#segments.map(
      (_, index) => this.#segments[(this.#segment + 1 + index) % this.#segments.length]!,
    );
    const size = inOrder.reduce((sum, { used }) => sum + used, 0);
    const all = new Uint32Array(size);
    let at = 0;
    for (const { words, used } of inOrder) {
      all.set(words.subarray(0, used), at);
      at += used;
    }
    return all;
  }

  /** What the time, the duration, the endpoint or the segment does not let `write` do. */
  #writeOther(op: number, endpoint: number): void {
    const { times } = this;
    const [, atMs, durationMs] = times as unknown as [number, number, number];
    const duration = durationMs * TICKS;
    const fits = !(durationMs >= 0) || (duration < UNKNOWN && duration % 1 === 0);
    if (!fits || endpoint >= MOST_ENDPOINTS) {
      this.writeFull(op, endpoint, atMs, durationMs, 1, PLAIN_TICKET);
      return;
    }
    if (this.#position >= this.#limit) this.#nextSegment();
    this.#words[this.#position] = FORM_TIME;
    this.#writeF64(this.#position + 1, atMs);
    this.#position += TIME_WORDS;
    if (!(durationMs >= 0)) times[DURATION] = Number.NaN;
    times[BASE] = atMs;
    this.write(op, endpoint);
    // Below it a difference may be rounded, so that the time of the next record would not be what it was.
    if (atMs < LEAST_BASE_MS) times[BASE] = Number.NaN;
  }

  #writeF64(at: number, value: number): void {
    this.#splitF64[0] = value;
    this.#words[at] = this.#split[0]!;
    this.#words[at + 1] = this.#split[1]!;
  }

  #store(): void {
    const segment = this.#segments[this.#segment]!;
    segment.used = this.#position;
    segment.outcomes = this.#outcomes;
  }

  #nextSegment(): void {
    this.#store();
    this.#segment = (this.#segment + 1) % SEGMENTS;
    let next = this.#segments[this.#segment];
    if (!next) {
      next = { words: new Uint32Array(this.#segmentWords), used: 0, outcomes: 0 };
      this.#segments.push(next);
    }
    this.dropped += next.outcomes;
    this.#words = next.words;
    this.#position = 0;
    this.#outcomes = 0;
    this.times[BASE] = Number.NaN; // the next record writes the time
  }
}

/** Ticket of a FULL record: the plain one of the generation that the breaker is in. */
export const PLAIN_TICKET = 0;
