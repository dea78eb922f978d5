/** A breaker in memory that simulated threads share, and what the properties of plans look at. */
import {
  BUCKETS_OFFSET,
  CALLS_OFFSET,
  CHANGE_CAUSE_SHIFT,
  END_OFFSET,
  GENERATION_SHIFT,
  LATEST_OFFSET,
  MEASURE_SIZE,
  OWNER_MASK,
  OWNER_SHIFT,
  POLICY_OFFSET,
  RECORD_BREAKER_OFFSET,
  RECORD_CHANGE_OFFSET,
  RECORD_GENERATION_OFFSET,
  RECORD_SIZE,
  REGISTRY_ADDRESS,
  REGISTRY_FREED_OFFSET,
  REGISTRY_JOURNAL_OFFSET,
  REGISTRY_WRITERS_OFFSET,
  STATE_MASK,
  TICKET_OFFSET,
  WORD_OFFSET,
  WRITER_BREAKER_OFFSET,
  WRITER_HEAD_OFFSET,
  WRITER_SIZE,
} from "../../../assembly/layout.ts";
import type { PlacedPolicy } from "../../../src/core/core.ts";
import type { CoreExports } from "../../../src/core/module.ts";
import type { Policy } from "../../../src/core/policy.ts";
import { inlineModule } from "../../../src/entry/wasm.ts";
import { JOURNAL_RECORDS } from "../../../src/threads/attachment.ts";
import type { SharedCore } from "../../../src/threads/shared-core.ts";
import { createCores } from "../../threads/cores.ts";
import { Violation } from "./explorer.ts";

const GHOST_WORDS = 32;

/** A transition as the journal has it. */
export interface Transition {
  readonly writer: number;
  readonly generation: number;
  readonly to: number;
  readonly cause: number;
}

export class World {
  readonly cores: readonly SharedCore[];
  readonly exports: CoreExports;
  readonly buffer: ArrayBufferLike;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  readonly placed: PlacedPolicy;
  readonly breaker: number;
  /** Index of the first of some words for the properties. */
  readonly ghost: number;
  readonly #scratch: number;

  constructor(text: string, policy: Policy, threads: number) {
    this.cores = createCores(threads, inlineModule("shared", true, text));
    const [core] = this.cores as readonly [SharedCore, ...SharedCore[]];
    this.placed = core.place(policy);
    this.breaker = core.create(this.placed, "explored");
    this.ghost = core.allocate(GHOST_WORDS * 4) >>> 2;
    this.#scratch = core.allocate(MEASURE_SIZE);
    this.exports = core.exports;
    this.buffer = core.memory.heap.buffer;
    this.u32 = new Uint32Array(this.buffer);
    this.i32 = new Int32Array(this.buffer);
    this.f64 = new Float64Array(this.buffer);
  }

  get ghosts(): number[] {
    return Array.from({ length: GHOST_WORDS }, (_, index) => this.ghost + index);
  }

  stripe(index: number): number {
    return this.breaker + this.placed.shape.stripesOffset + index * this.placed.shape.stripeSize;
  }

  /** An address as a reader of a path knows it. */
  nameOf(address: number): string {
    const { stripesOffset, stripeSize } = this.placed.shape;
    const offset = address - this.breaker;
    if (offset < 0 || offset >= this.placed.shape.size) return `${address}`;
    if (offset < stripesOffset) return `breaker + ${offset}`;
    const stripe = Math.floor((offset - stripesOffset) / stripeSize);
    if (stripe >= this.cores.length) return `breaker + ${offset}`;
    return `stripe ${stripe} + ${(offset - stripesOffset) % stripeSize}`;
  }

  /** Word indices of all that a measurement of the time window reads. */
  get measuredWords(): number[] {
    const { shape } = this.placed;
    const used = [LATEST_OFFSET, END_OFFSET, CALLS_OFFSET].flatMap((offset) => [offset, offset + 4]);
    for (let offset = BUCKETS_OFFSET; offset < shape.stripeSize; offset += 4) used.push(offset);
    const words = this.cores.flatMap((_, index) =>
      [...used, TICKET_OFFSET].map((offset) => (this.stripe(index) + offset) >>> 2),
    );
    return [...words, (this.breaker + WORD_OFFSET) >>> 2, (this.breaker + POLICY_OFFSET) >>> 2];
  }

  get(index: number): number {
    return this.u32[this.ghost + index]!;
  }

  set(index: number, value: number): void {
    this.u32[this.ghost + index] = value;
  }

  at(address: number): number {
    return this.u32[address >>> 2]!;
  }

  get word(): number {
    return this.at(this.breaker + WORD_OFFSET);
  }

  get state(): number {
    return this.word & STATE_MASK;
  }

  get generation(): number {
    return this.word >>> GENERATION_SHIFT;
  }

  get policy(): number {
    return this.at(this.breaker + POLICY_OFFSET);
  }

  get freed(): number {
    return this.at(REGISTRY_ADDRESS + REGISTRY_FREED_OFFSET);
  }

  /** The numbers of a snapshot, read at one moment. */
  measure(nowMs: number): Uint32Array {
    this.exports.measure(this.breaker, nowMs, this.#scratch);
    return this.u32.subarray(this.#scratch >>> 2, (this.#scratch + MEASURE_SIZE) >>> 2);
  }

  #writer(index: number): number {
    return REGISTRY_ADDRESS + REGISTRY_WRITERS_OFFSET + index * WRITER_SIZE;
  }

  /** All records of the breaker, by generation. */
  transitions(): Transition[] {
    const journal = this.at(REGISTRY_ADDRESS + REGISTRY_JOURNAL_OFFSET);
    const found: Transition[] = [];
    for (let writer = 0; writer < this.cores.length; writer++) {
      const head = this.at(this.#writer(writer) + WRITER_HEAD_OFFSET);
      for (let number = 0; number < head; number++) {
        const record = journal + (writer * JOURNAL_RECORDS + number) * RECORD_SIZE;
        const change = this.at(record + RECORD_CHANGE_OFFSET);
        if (this.at(record + RECORD_BREAKER_OFFSET) !== this.breaker) continue;
        found.push({
          writer,
          generation: this.at(record + RECORD_GENERATION_OFFSET),
          to: change & 15,
          cause: change >>> CHANGE_CAUSE_SHIFT,
        });
      }
    }
    return found.sort((one, other) => one.generation - other.generation);
  }

  /** Records of all stripes. */
  get records(): number {
    return this.cores.reduce((sum, _, index) => sum + this.at(this.#writer(index) + WRITER_HEAD_OFFSET), 0);
  }

  /**
   * What holds in the end of every plan: no breaker is owned, none is noted as owned, and each generation since `first` has one
   * record, the latest of which says what the word says.
   */
  expectSettled(first: number): readonly Transition[] {
    expectThat(((this.word >>> OWNER_SHIFT) & OWNER_MASK) === 0, "the breaker is owned in the end");
    this.cores.forEach((_, index) => {
      const noted = this.at(this.#writer(index) + WRITER_BREAKER_OFFSET);
      expectThat(noted === 0, `stripe ${index} is noted as an owner in the end`);
    });
    const records = this.transitions().filter(({ generation }) => generation > first);
    records.forEach(({ generation }, index) => {
      expectThat(
        generation === first + 1 + index,
        `generation ${generation} is record ${index} since ${first}`,
      );
    });
    expectThat(records.length === this.generation - first, "a transition has no record");
    const latest = records[records.length - 1];
    expectThat(
      latest === undefined || latest.to === (this.word & 15),
      "the word is not that of the latest record",
    );
    return records;
  }
}

/** @throws Violation */
export function expectThat(holds: boolean, message: string): void {
  if (!holds) throw new Violation(message);
}
