/** Writes of which only a part is written. */

/** An error of a write of which some whole lines are written. */
export interface PartialWrite extends Error {
  /** Bytes of the failed write that are written: whole lines only. */
  readonly writtenBytes: number;
}

export function isPartialWrite(error: unknown): error is PartialWrite {
  return error instanceof Error && "writtenBytes" in error;
}
