/** Reading the journal: every transition since the last look, in the order in which it was written. */
import {
  CHANGE_CAUSE_SHIFT,
  CHANGE_FROM_SHIFT,
  MODE_MASK,
  MODE_SHIFT,
  RECORD_BREAKER_OFFSET,
  RECORD_CALLS_OFFSET,
  RECORD_CHANGE_OFFSET,
  RECORD_DEADLINE_OFFSET,
  RECORD_DELAY_OFFSET,
  RECORD_FAILURES_OFFSET,
  RECORD_GENERATION_OFFSET,
  RECORD_LEVEL_OFFSET,
  RECORD_SHARE_OFFSET,
  RECORD_SIZE,
  RECORD_SLOW_OFFSET,
  RECORD_TIME_OFFSET,
  SHARE_ONE,
  STATE_MASK,
  WRITER_HEAD_OFFSET,
} from "../../assembly/layout.ts";
import type { LinearMemory } from "./memory.ts";

/** One transition, as numbers: STATE_, MODE_ and CAUSE_ codes, times in ms. */
export interface JournalRecord {
  readonly breaker: number;
  readonly generation: number;
  readonly fromState: number;
  readonly fromMode: number;
  readonly toState: number;
  readonly toMode: number;
  readonly cause: number;
  readonly level: number;
  readonly atMs: number;
  readonly delayMs: number;
  readonly deadlineMs: number;
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  /** Share of calls that passes after it, 0..1. */
  readonly share: number;
}

/** The journal of a registry, as one thread reads it. */
export interface Journal {
  /** Records that were overwritten before they were read here. */
  readonly missed: number;
  /** All records that are new. */
  read(): readonly JournalRecord[];
  /** Passes over what was written up to now. */
  skip(): void;
}

/** The ring of one stripe, read by the thread that writes it: between two reads it writes less than the ring holds. */
export class OwnJournal implements Journal {
  readonly missed = 0;
  readonly #memory: LinearMemory;
  readonly #head: number;
  readonly #records: number;
  readonly #mask: number;
  #next: number;

  /** `writer`: address of the stripe's part of the header; `records`: address of its ring of `capacity` records. */
  constructor(memory: LinearMemory, writer: number, records: number, capacity: number) {
    this.#memory = memory;
    this.#head = (writer + WRITER_HEAD_OFFSET) >>> 2;
    this.#records = records;
    this.#mask = capacity - 1;
    this.#next = memory.u32[this.#head]!;
  }

  read(): readonly JournalRecord[] {
    const records: JournalRecord[] = [];
    for (
      const head = this.#memory.u32[this.#head]!;
      this.#next !== head;
      this.#next = (this.#next + 1) >>> 0
    ) {
      records.push(decodeRecord(this.#memory, this.#records + (this.#next & this.#mask) * RECORD_SIZE));
    }
    return records;
  }

  skip(): void {
    this.#next = this.#memory.u32[this.#head]!;
  }
}

/** The record at that address. */
export function decodeRecord({ u32, f64 }: LinearMemory, address: number): JournalRecord {
  const get = (offset: number) => u32[(address + offset) >>> 2]!;
  const getF64 = (offset: number) => f64[(address + offset) >>> 3]!;
  const change = get(RECORD_CHANGE_OFFSET);
  const from = change >>> CHANGE_FROM_SHIFT;
  return {
    breaker: get(RECORD_BREAKER_OFFSET),
    generation: get(RECORD_GENERATION_OFFSET),
    fromState: from & STATE_MASK,
    fromMode: (from >>> MODE_SHIFT) & MODE_MASK,
    toState: change & STATE_MASK,
    toMode: (change >>> MODE_SHIFT) & MODE_MASK,
    cause: change >>> CHANGE_CAUSE_SHIFT,
    level: get(RECORD_LEVEL_OFFSET),
    atMs: getF64(RECORD_TIME_OFFSET),
    delayMs: getF64(RECORD_DELAY_OFFSET),
    deadlineMs: getF64(RECORD_DEADLINE_OFFSET),
    calls: get(RECORD_CALLS_OFFSET),
    failures: get(RECORD_FAILURES_OFFSET),
    slow: get(RECORD_SLOW_OFFSET),
    share: get(RECORD_SHARE_OFFSET) / SHARE_ONE,
  };
}
