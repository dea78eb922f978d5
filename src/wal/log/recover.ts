/** Opens what an earlier process left in the folder of a log. */
import { unlinkSync } from "node:fs";
import { basename } from "node:path";
import { AckFile, readAcks } from "./acks.ts";
import { mendSegment, removeUnfinished } from "./mend.ts";
import type { RangeSet } from "./range-set.ts";
import type { LogRecord } from "./record.ts";
import { scanSegment } from "./scan.ts";
import { cutSegment, type Segment, type SegmentFile, segmentsIn } from "./segment.ts";

/** A log as it was found. */
export interface Recovered {
  /** Those with events that are not done, by their first id. */
  readonly segments: Segment[];
  readonly acks: AckFile;
  /** For the next event. No other event has had it. */
  readonly nextId: number;
  /** Events of the last segment that waited and are damaged. */
  readonly lost: number;
}

/**
 * Looks through the last segment, where a process may have died while it wrote. The others are looked at when they are read.
 *
 * @param onProblem takes a line about each thing that is damaged
 * @throws what reading and writing throw
 */
export function recoverLog(folder: string, onProblem: (text: string) => void): Recovered {
  const { done, lostBytes } = readAcks(folder);
  if (lostBytes > 0) {
    onProblem(`${folder}: ${lostBytes} bytes about delivered events cannot be read: some are sent again`);
  }
  const files = segmentsIn(folder);
  removeUnfinished(files.map(({ path }) => path));
  const sizes = new Map(files.map(({ path, size }) => [path, size]));
  const last = files.at(-1);
  let nextId = Math.max(1, (done.ranges.at(-1)?.to ?? 0) + 1);
  let lost = 0;
  if (last !== undefined) {
    const gaps = new Gaps(done, last.firstId);
    sizes.set(last.path, repairLast(last, gaps, onProblem));
    nextId = Math.max(nextId, gaps.nextId);
    gaps.end(nextId);
    lost = gaps.lost;
    if (lost > 0) onProblem(`${last.path}: ${lost} events are lost`);
  }
  if (files[0] !== undefined && files[0].firstId > 1) done.add(1, files[0].firstId - 1);
  const acks = new AckFile(folder, done);
  const segments = files.map(({ path, firstId }, index) => {
    const endId = files[index + 1]?.firstId ?? nextId;
    const open = endId - firstId - done.countIn(firstId, endId - 1);
    return { path, firstId, size: sizes.get(path) ?? 0, open };
  });
  for (const { path, open } of segments) if (open === 0) unlinkSync(path);
  return { segments: segments.filter(({ open }) => open > 0), acks, nextId, lost };
}

/** Ids that no record has are done: their events are lost, or were forgotten before. */
export class Gaps {
  /** Ids of events that were not done. */
  lost = 0;
  /** Behind the last record. */
  nextId: number;
  readonly #done: Pick<RangeSet, "add">;

  constructor(done: Pick<RangeSet, "add">, firstId: number) {
    this.#done = done;
    this.nextId = firstId;
  }

  /** To be called with every record, in their order. */
  readonly keep = ({ id }: Pick<LogRecord, "id">): void => {
    this.end(id);
    this.nextId = id + 1;
  };

  /** No record is left with an id below `endId`. */
  end(endId: number): void {
    if (endId > this.nextId) this.lost += this.#done.add(this.nextId, endId - 1);
  }
}

/** Returns the bytes of the segment afterwards. */
function repairLast(last: SegmentFile, gaps: Gaps, onProblem: (text: string) => void): number {
  const scan = scanSegment(last, gaps.keep);
  if (scan.isDamaged) {
    const { size, aside } = mendSegment(last, () => {});
    onProblem(
      `${last.path}: damaged, set aside as ${basename(aside)}; ${scan.count} of its events are whole and kept`,
    );
    return size;
  }
  if (scan.badBytes === 0) return last.size;
  cutSegment(last, scan.soundBytes);
  onProblem(`${last.path}: ${scan.badBytes} bytes of an event that was not wholly written are cut`);
  return scan.soundBytes;
}
