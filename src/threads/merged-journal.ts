/** The journals of all stripes as one, in the order of time and, for each breaker, of its generations. */
import {
  GENERATION_MASK,
  RECORD_SIZE,
  REGISTRY_ADDRESS,
  REGISTRY_JOURNAL_CAPACITY_OFFSET,
  REGISTRY_JOURNAL_OFFSET,
  WRITER_HEAD_OFFSET,
} from "../../assembly/layout.ts";
import { decodeRecord, type Journal, type JournalRecord } from "../core/journal.ts";
import { writerAt } from "./attachment.ts";
import type { SharedMemory } from "./shared-memory.ts";

/** Other threads go on writing: what comes after so many looks at all rings is for the next call. */
const MAXIMUM_PASSES = 8;

export class MergedJournal implements Journal {
  readonly #readers: readonly JournalReader[];

  constructor(memory: SharedMemory, stripes: number) {
    this.#readers = Array.from({ length: stripes }, (_, stripe) => new JournalReader(memory, stripe));
  }

  get missed(): number {
    return this.#readers.reduce((sum, reader) => sum + reader.missed, 0);
  }

  skip(): void {
    for (const reader of this.#readers) reader.skip();
  }

  /**
   * Looks at the rings until none has anything more: a record is written before the next one of its breaker begins, so
   * then none is missing between two that were read.
   */
  read(): readonly JournalRecord[] {
    const records: JournalRecord[] = [];
    for (let pass = 0, before = -1; pass < MAXIMUM_PASSES && before !== records.length; pass++) {
      before = records.length;
      for (const reader of this.#readers) {
        for (let record = reader.read(); record !== undefined; record = reader.read()) records.push(record);
      }
    }
    return records.length > 1 ? inOrder(records) : records;
  }
}

/** By time; and where the clocks of two threads disagree, what happened to one breaker in the order in which it did. */
function inOrder(records: JournalRecord[]): readonly JournalRecord[] {
  records.sort((one, other) => one.atMs - other.atMs);
  const byBreaker = new Map<number, JournalRecord[]>();
  for (const record of records) {
    const others = byBreaker.get(record.breaker);
    if (others === undefined) byBreaker.set(record.breaker, [record]);
    else others.push(record);
  }
  for (const ofOne of byBreaker.values()) {
    const { generation } = ofOne[0]!;
    ofOne.sort((one, other) => ahead(one.generation, generation) - ahead(other.generation, generation));
    ofOne.reverse(); // so that the earliest is the one to pop
  }
  return records.map(({ breaker }) => byBreaker.get(breaker)!.pop()!); // each breaker has as many as it had
}

/** How far a generation lies ahead of another one, modulo 2^22; negative: behind. */
function ahead(generation: number, of: number): number {
  const distance = (generation - of) & GENERATION_MASK;
  return distance <= GENERATION_MASK >>> 1 ? distance : distance - GENERATION_MASK - 1;
}

/** Reads the ring of one stripe, which another thread may be writing. */
export class JournalReader {
  readonly #memory: SharedMemory;
  readonly #head: number;
  readonly #records: number;
  readonly #capacity: number;
  #next = 0;
  /** Records that were overwritten before this reader came. */
  missed = 0;

  constructor(memory: SharedMemory, stripe: number) {
    const at = (offset: number) => memory.u32[(REGISTRY_ADDRESS + offset) >>> 2]!;
    this.#memory = memory;
    this.#head = (writerAt(stripe) + WRITER_HEAD_OFFSET) >>> 2;
    this.#capacity = at(REGISTRY_JOURNAL_CAPACITY_OFFSET);
    this.#records = at(REGISTRY_JOURNAL_OFFSET) + stripe * this.#capacity * RECORD_SIZE;
    this.skip();
  }

  /** Passes over what was written up to now. */
  skip(): void {
    this.#next = Atomics.load(this.#memory.u32, this.#head);
  }

  /** The next record, or undefined when there is none yet. */
  read(): JournalRecord | undefined {
    this.#passOverLost();
    while (this.#unread() > 0) {
      const address = this.#records + (this.#next & (this.#capacity - 1)) * RECORD_SIZE;
      this.#memory.cover(address + RECORD_SIZE);
      const record = decodeRecord(this.#memory, address);
      if (this.#passOverLost()) continue; // it may have been overwritten while it was read
      this.#next = (this.#next + 1) >>> 0;
      return record;
    }
    return undefined;
  }

  #unread(): number {
    return (Atomics.load(this.#memory.u32, this.#head) - this.#next) >>> 0;
  }

  /**
   * Passes over the records that were overwritten; whether there are any. The record one capacity before the next one
   * counts as such: the writer fills its place before it raises the head.
   */
  #passOverLost(): boolean {
    const lost = this.#unread() - (this.#capacity - 1);
    if (lost <= 0) return false;
    this.missed += lost;
    this.#next = (this.#next + lost) >>> 0;
    return true;
  }
}
