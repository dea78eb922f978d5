/** One JSON text as bytes inside a chunk. */

/** UTF-8 of one valid JSON text, without a line feed. The bytes never change. */
export interface RawText {
  /** The chunk that holds the text, and usually its neighbours. */
  readonly bytes: Uint8Array;
  /** Index of the first byte of the text. */
  readonly start: number;
  /** Index behind the last byte of the text. */
  readonly end: number;
}
