/**
 * The format of a recording, version 1; docs/replay.md has the same for readers. All numbers are little-endian.
 *
 *   bytes  8         4              4             n                     4 × words
 *         +---------+--------------+-------------+---------------------+--------- - -
 *         | BSTRACE1| header bytes | words       | header, JSON, UTF-8 | records
 *         +---------+--------------+-------------+---------------------+--------- - -
 *
 * A record is one to eight words. The two lowest bits of its first word are its form:
 *
 *   bit    0      2      4            14                  31
 *         +------+------+------------+--------------------+
 *         | form | op   | endpoint   | ticks since the    |   SHORT: 4 bytes, a duration that is unknown
 *         |      |      |            | record before      |
 *         +------+------+------------+--------------------+
 *   bit    0                               26             31
 *         +-------------------------------+---------------+
 *         | duration in ticks, all ones:  | endpoint,     |   LONG: the second word, 8 bytes
 *         | unknown                       | upper bits    |
 *         +-------------------------------+---------------+
 *
 *   FULL: 32 bytes: form and op (4 bits), endpoint, f64 time, f64 argument, weight, ticket.
 *   TIME: 12 bytes: form, f64 time.
 */
import type { ResolvedOptions } from "../../breaker/options.ts";

/** First bytes of a file. */
export const MAGIC = "BSTRACE1";
export const VERSION = 1;
/** Bytes before the header. */
export const PREFIX_SIZE = 16;

/** A power of two, so that times of the default clock are whole ticks: a double holds 2^-12 ms of a date of today. */
export const TICKS_PER_MS = 4096;

export const FORM_SHORT = 0;
export const FORM_LONG = 1;
export const FORM_FULL = 2;
export const FORM_TIME = 3;
export const FORM_MASK = 3;
export const FULL_WORDS = 8;
export const TIME_WORDS = 3;

export const OP_SHIFT = 2;
export const OP_MASK = 3;
/** Of a FULL record. */
export const FULL_OP_MASK = 15;

export const ENDPOINT_SHIFT = 4;
export const ENDPOINT_BITS = 10;
export const ENDPOINT_MASK = (1 << ENDPOINT_BITS) - 1;
export const TICKS_SHIFT = ENDPOINT_SHIFT + ENDPOINT_BITS;
export const TICKS_BITS = 32 - TICKS_SHIFT;
export const DURATION_BITS = 26;
/** Duration of a LONG record: unknown. */
export const DURATION_UNKNOWN = 0x3ffffff;
/** Endpoints that a LONG record can name: 65,536. */
export const LONG_ENDPOINTS = 0x10000;

/** Ops of all forms. ADMITTED: an admission by which the breaker may have changed; others leave no record. */
export const OP_SUCCESS = 0;
export const OP_FAILURE = 1;
export const OP_ADMITTED = 2;
export const OP_REFUSED = 3;
/** Ops of FULL records only. */
export const OP_RELEASE = 4;
export const OP_CHECK = 5;
/** Argument: ms until when. */
export const OP_HOLD = 6;
/** Argument: ms for which. */
export const OP_TRIP = 7;
/** Argument: a MODE_ code. */
export const OP_SWITCH = 8;
export const OP_RESET = 9;
/** Argument: index of the new options; ticket: the plain one of the generation that the breaker is in after a move. */
export const OP_CONFIGURE = 10;
export const OP_COUNT = 11;

/** One life of one breaker: after it was deleted or evicted, its name begins another. */
export interface RecordedEndpoint {
  /** The name of the breaker. */
  readonly name: string;
  /** Index of its options in the header. */
  readonly options: number;
  /** Generation that it began in. */
  readonly generation: number;
}

/** What stands before the records. */
export interface RecordingHeader {
  /** Of the format. */
  readonly version: typeof VERSION;
  /** State of the generator of jitter at the start: two u32. */
  readonly seed: readonly [number, number];
  /** Why a replay may differ from what happened; null: it does not. */
  readonly inexact: string | null;
  /** Outcomes and refusals in the records. */
  readonly outcomes: number;
  /** Those that were overwritten by later ones. */
  readonly dropped: number;
  /** All sets of options that its breakers had; endpoints name theirs by its place. */
  readonly options: readonly ResolvedOptions[];
  /** The breakers, by the number that the words name them with. */
  readonly endpoints: readonly RecordedEndpoint[];
}
