/** Parts of a file that are read side by side. */

/** Part of a file. It begins and ends where a line does. */
export interface LineRange {
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset behind the last byte. */
  readonly end: number;
}

/** Reads at most `size` bytes at that offset; fewer, at least one, before the end of the file. */
export type ReadAt = (offset: number, size: number) => Promise<Uint8Array>;

const LINE_FEED = 10;
/** Bytes that are read at once in search of a line feed. */
const LOOK_SIZE = 65_536;

/**
 * Cuts a file into ranges of about the same size. Each line is in one range, and the ranges follow one
 * another without a gap. There are fewer than `count` where lines are too long for so many.
 *
 * @param size of the file, in bytes. 0: there are no ranges.
 * @param count 1 or more.
 */
export async function rangesOf(readAt: ReadAt, size: number, count: number): Promise<readonly LineRange[]> {
  const ranges: LineRange[] = [];
  let start = 0;
  for (let number = 1; number <= count && start < size; number++) {
    const wanted = number === count ? size : Math.max(start, Math.round((size / count) * number));
    const end = await lineStartFrom(readAt, wanted, size);
    if (end > start) ranges.push({ start, end });
    start = end;
  }
  return ranges;
}

/** The first offset from `wanted` on where a line begins; the size of the file if there is none. */
async function lineStartFrom(readAt: ReadAt, wanted: number, size: number): Promise<number> {
  if (wanted === 0 || wanted >= size) return Math.min(wanted, size);
  // A line begins at `wanted` where the byte before it is a line feed.
  for (let at = wanted - 1; at < size; ) {
    const bytes = await readAt(at, Math.min(LOOK_SIZE, size - at));
    if (bytes.length === 0) return size; // the file was cut meanwhile
    const found = bytes.indexOf(LINE_FEED);
    if (found >= 0) return at + found + 1;
    at += bytes.length;
  }
  return size;
}
