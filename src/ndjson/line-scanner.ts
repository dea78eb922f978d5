/** What finds lines in bytes. */

/** Finds lines, and may judge them. */
export interface LineScanner {
  /**
   * One entry for each line that the latest `scan` found: the offset of its line feed from `start`, shifted
   * by `VERDICT_BITS`, and a `LINE_` code. Valid until the next call of any scanner.
   */
  readonly results: Uint32Array;
  /**
   * Finds the first lines from `start` on.
   *
   * @param end behind the line feed of the last line.
   * @returns the number of lines, at least 1: maybe not all.
   */
  scan(bytes: Uint8Array, start: number, end: number): number;
}
