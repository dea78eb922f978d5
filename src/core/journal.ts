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
  RECORD_SIZE,
  RECORD_SLOW_OFFSET,
  RECORD_TIME_OFFSET,
  REGISTRY_WRITERS_OFFSET,
  STATE_MASK,
  WRITER_HEAD_OFFSET,
  WRITER_SIZE,
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
  readonly timeMs: number;
  readonly delayMs: number;
  readonly deadlineMs: number;
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/** Reads the ring of one stripe, which another thread may be writing. */
export class JournalReader {
  readonly #memory: LinearMemory;
  readonly #head: number;
  readonly #records: number;
  readonly #capacity: number;
  #next = 0;
  /** Records that were overwritten before this reader came. */
  missed = 0;

  constructor(memory: LinearMemory, registry: number, journal: number, capacity: number, stripe: number) {
    this.#memory = memory;
    this.#head = (registry + REGISTRY_WRITERS_OFFSET + stripe * WRITER_SIZE + WRITER_HEAD_OFFSET) >>> 2;
    this.#records = journal + stripe * capacity * RECORD_SIZE;
    this.#capacity = capacity;
    this.skip();
  }

  /** Forgets what was written up to now: nobody listens. */
  skip(): void {
    this.#next = Atomics.load(this.#memory.u32, this.#head);
  }

  /** The next record, or undefined when there is none yet. */
  read(): JournalRecord | undefined {
    this.#passOverLost();
    while (this.#unread() > 0) {
      const record = this.#decode(this.#records + (this.#next & (this.#capacity - 1)) * RECORD_SIZE);
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
   * Passes over the records that were overwritten; whether there are any. The record one capacity before the
   * next one counts as such: the writer fills its place before it raises the head.
   */
  #passOverLost(): boolean {
    const lost = this.#unread() - (this.#capacity - 1);
    if (lost <= 0) return false;
    this.missed += lost;
    this.#next = (this.#next + lost) >>> 0;
    return true;
  }

  #decode(address: number): JournalRecord {
    const { u32, f64 } = this.#memory;
    const change = u32[(address + RECORD_CHANGE_OFFSET) >>> 2]!;
    const from = change >>> CHANGE_FROM_SHIFT;
    return {
      breaker: u32[(address + RECORD_BREAKER_OFFSET) >>> 2]!,
      generation: u32[(address + RECORD_GENERATION_OFFSET) >>> 2]!,
      fromState: from & STATE_MASK,
      fromMode: (from >>> MODE_SHIFT) & MODE_MASK,
      toState: change & STATE_MASK,
      toMode: (change >>> MODE_SHIFT) & MODE_MASK,
      cause: change >>> CHANGE_CAUSE_SHIFT,
      level: u32[(address + RECORD_LEVEL_OFFSET) >>> 2]!,
      timeMs: f64[(address + RECORD_TIME_OFFSET) >>> 3]!,
      delayMs: f64[(address + RECORD_DELAY_OFFSET) >>> 3]!,
      deadlineMs: f64[(address + RECORD_DEADLINE_OFFSET) >>> 3]!,
      calls: u32[(address + RECORD_CALLS_OFFSET) >>> 2]!,
      failures: u32[(address + RECORD_FAILURES_OFFSET) >>> 2]!,
      slow: u32[(address + RECORD_SLOW_OFFSET) >>> 2]!,
    };
  }
}
