/** The journals of all stripes as one, in the order of time and, for each breaker, of its generations. */
import { GENERATION_MASK } from "../../assembly/layout.ts";
import type { JournalReader, JournalRecord } from "./journal.ts";

/** Other threads go on writing: so many looks at all rings, and what comes after that is for the next time. */
const MOST_PASSES = 8;

export class Chronicle {
  readonly #readers: readonly JournalReader[];

  constructor(readers: readonly JournalReader[]) {
    this.#readers = readers;
  }

  /** Records that were overwritten before they were read here. */
  get missed(): number {
    return this.#readers.reduce((sum, reader) => sum + reader.missed, 0);
  }

  /** Forgets what was written up to now: nobody listens. */
  skip(): void {
    for (const reader of this.#readers) reader.skip();
  }

  /**
   * All records that are new. Looks at the rings until none has anything more: a record is written before the next one
   * of its breaker begins, so then none is missing between two that were read.
   */
  read(): readonly JournalRecord[] {
    const records: JournalRecord[] = [];
    for (let pass = 0, before = -1; pass < MOST_PASSES && before !== records.length; pass++) {
      before = records.length;
      for (const reader of this.#readers) {
        for (let record = reader.read(); record !== undefined; record = reader.read()) records.push(record);
      }
    }
    return this.#readers.length > 1 ? inOrder(records) : records;
  }
}

/** By time; and where the clocks of two threads disagree, what happened to one breaker in the order in which it did. */
function inOrder(records: JournalRecord[]): readonly JournalRecord[] {
  records.sort((one, other) => one.timeMs - other.timeMs);
  const byBreaker = new Map<number, JournalRecord[]>();
  for (const record of records) {
    const those = byBreaker.get(record.breaker);
    if (those === undefined) byBreaker.set(record.breaker, [record]);
    else those.push(record);
  }
  for (const those of byBreaker.values()) {
    const { generation } = those[0]!;
    those.sort((one, other) => ahead(one.generation, generation) - ahead(other.generation, generation));
    those.reverse(); // so that the earliest is the one to pop
  }
  return records.map(({ breaker }) => byBreaker.get(breaker)!.pop()!); // each breaker has as many as it had
}

/** How far a generation lies ahead of another one, modulo 2^22; negative: behind. */
function ahead(generation: number, of: number): number {
  const distance = (generation - of) & GENERATION_MASK;
  return distance <= GENERATION_MASK >>> 1 ? distance : distance - GENERATION_MASK - 1;
}
