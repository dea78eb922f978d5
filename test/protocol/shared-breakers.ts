/** Breakers in shared memory, and threads that use them, each with its own stripe. */

import { Worker } from "node:worker_threads";
import {
  CACHE_LINE_SIZE,
  DID_LATE,
  GENERATION_SHIFT,
  MEASURE_CALLS_OFFSET,
  MEASURE_FAILURES_OFFSET,
  MEASURE_PENDING_OFFSET,
  MEASURE_SIZE,
  MEASURE_TOTALS_OFFSET,
  OWNER_MASK,
  OWNER_SHIFT,
  RECORD_SIZE,
  REGISTRY_ADDRESS,
  REGISTRY_JOURNAL_CAPACITY_OFFSET,
  REGISTRY_JOURNAL_OFFSET,
  REGISTRY_WRITERS_OFFSET,
  SLOT_FIRST_PROBE,
  SLOT_MASK,
  SLOT_PENDING,
  TICKET_DID_TRANSITION,
  TICKET_GENERATION_SHIFT,
  WORD_OFFSET,
  WRITER_HEAD_OFFSET,
  WRITER_SIZE,
} from "../../assembly/layout.ts";
import { sharedText } from "../../build/shared.ts";
import type { JournalRecord } from "../../src/core/journal.ts";
import { totalsAt } from "../../src/core/measure.ts";
import type { LinearMemory } from "../../src/core/memory.ts";
import { type CoreExports, instantiate } from "../../src/core/module.ts";
import type { BreakerShape, Policy } from "../../src/core/policy.ts";
import type { TotalCounts } from "../../src/core/totals.ts";
import { decodeText } from "../../src/core/wasm-text.ts";
import { inlineModule } from "../../src/entry/wasm.ts";
import { Allocator } from "../../src/threads/allocator.ts";
import { createLayout } from "../../src/threads/attachment.ts";
import { JournalReader } from "../../src/threads/merged-journal.ts";
import { SharedCore } from "../../src/threads/shared-core.ts";

/** What a thread does, in percent of its calls unless said otherwise. */
export interface Chances {
  readonly failing: number;
  /** Tickets lost; as many are released. */
  readonly losing: number;
  /** Resets and holds, in a thousand. */
  readonly control: number;
  /** Largest weight of a report. */
  readonly weight: number;
  /** Most rounds of doing nothing while a call is under way. */
  readonly pause: number;
}

const JOURNAL_CAPACITY = 8_192;
/** Words of `counters`: [0] stop, [1] probes too many, then the probes that are out of each breaker. */
const OUT_OFFSET = 16;
const OUT_SIZE = 1_024;

export class SharedBreakers {
  readonly core: CoreExports;
  readonly memory: LinearMemory;
  readonly breakers: readonly number[];
  readonly shape: BreakerShape;
  readonly registry = REGISTRY_ADDRESS;
  readonly counters: Int32Array;
  readonly #policy: Policy;
  readonly #stripes: number;
  readonly #module = inlineModule("shared", true, sharedText);
  readonly #scratch: number;
  readonly #readers: readonly JournalReader[];
  readonly #reported: Float64Array[] = [];
  readonly #startMs = performance.timeOrigin + performance.now();

  constructor(policy: Policy, stripes: number, breakers: number) {
    const attachment = createLayout(this.#module, [1, 2], stripes);
    const { memory } = attachment;
    this.memory = memory;
    this.#policy = policy;
    this.#stripes = stripes;
    this.core = instantiate(this.#module, memory.heap);
    const allocator = new Allocator(memory, 0);
    // A longer journal than a registry has, so that a reader seldom misses a record.
    const journal = allocator.allocate(stripes * JOURNAL_CAPACITY * RECORD_SIZE, CACHE_LINE_SIZE);
    this.#scratch = allocator.allocate(MEASURE_SIZE);
    this.#write(this.registry + REGISTRY_JOURNAL_CAPACITY_OFFSET, JOURNAL_CAPACITY);
    this.#write(this.registry + REGISTRY_JOURNAL_OFFSET, journal);
    const core = new SharedCore(this.#module, attachment);
    const placed = core.place(policy);
    this.shape = placed.shape;
    this.breakers = Array.from({ length: breakers }, (_, number) => core.create(placed, `${number}`));
    this.#readers = Array.from({ length: stripes }, (_, stripe) => new JournalReader(memory, stripe));
    this.counters = new Int32Array(new SharedArrayBuffer(4 * (OUT_OFFSET + breakers * OUT_SIZE)));
  }

  /** Starts a thread with that stripe; resolves when it runs. */
  async start(index: number, chances: Chances, seed: number): Promise<Worker> {
    const reported = new SharedArrayBuffer(40);
    this.#reported.push(new Float64Array(reported));
    const worker = new Worker(new URL("./worker.mjs", import.meta.url), {
      workerData: {
        module: new WebAssembly.Module(decodeText(sharedText)),
        memory: this.memory.heap,
        index,
        breakers: this.breakers,
        stripesOffset: this.shape.stripesOffset,
        stripeSize: this.shape.stripeSize,
        seed,
        startMs: this.#startMs,
        chances: { ...chances, probes: this.#policy.probes },
        counters: this.counters.buffer,
        reported,
        layout: {
          didLate: DID_LATE,
          ticketDidTransition: TICKET_DID_TRANSITION,
          ticketGenerationShift: TICKET_GENERATION_SHIFT,
          slotMask: SLOT_MASK,
          slotFirstProbe: SLOT_FIRST_PROBE,
          slotPending: SLOT_PENDING,
          outOffset: OUT_OFFSET,
          outSize: OUT_SIZE,
        },
      },
    });
    await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    return worker;
  }

  /** Starts a thread for each stripe, reads the journal meanwhile, and stops them after that time. */
  async run(chances: Chances, seed: number, durationMs: number): Promise<readonly JournalRecord[]> {
    const workers = await Promise.all(
      Array.from({ length: this.#stripes }, (_, index) => this.start(index, chances, seed + index)),
    );
    const records: JournalRecord[] = [];
    const endMs = performance.now() + durationMs;
    while (performance.now() < endMs) {
      records.push(...this.read());
      this.#watchTotals();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await this.stop(workers);
    records.push(...this.read());
    return records;
  }

  /** Totals that fell between two looks. */
  readonly fallen: string[] = [];
  #latestTotals: TotalCounts | undefined;

  #watchTotals(): void {
    const before = this.#latestTotals;
    const totals = this.totals;
    this.#latestTotals = totals;
    if (!before) return;
    for (const key of Object.keys(totals) as (keyof TotalCounts)[]) {
      if (totals[key] < before[key]) this.fallen.push(`${key}: ${before[key]}, then ${totals[key]}`);
    }
  }

  /** Lets the threads finish the call that they are in. */
  async stop(workers: readonly Worker[]): Promise<void> {
    Atomics.store(this.counters, 0, 1);
    await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve))));
  }

  /** What the journal got since the last look. */
  read(): JournalRecord[] {
    const records: JournalRecord[] = [];
    for (const reader of this.#readers) {
      for (let record = reader.read(); record !== undefined; record = reader.read()) records.push(record);
    }
    return records;
  }

  nowMs(): number {
    return performance.timeOrigin + performance.now() - this.#startMs;
  }

  stripeOf(breaker: number, index: number): number {
    return breaker + this.shape.stripesOffset + index * this.shape.stripeSize;
  }

  generationOf(breaker: number): number {
    return this.u32(breaker + WORD_OFFSET) >>> GENERATION_SHIFT;
  }

  ownerOf(breaker: number): number {
    return (this.u32(breaker + WORD_OFFSET) >>> OWNER_SHIFT) & OWNER_MASK;
  }

  /** Transitions of all breakers so far: each raises a generation by one. */
  get transitions(): number {
    return this.breakers.reduce((sum, breaker) => sum + this.generationOf(breaker) - 1, 0);
  }

  /** Records that all stripes have written. */
  get written(): number {
    let sum = 0;
    for (let index = 0; index < this.#stripes; index++) {
      sum += this.u32(this.registry + REGISTRY_WRITERS_OFFSET + index * WRITER_SIZE + WRITER_HEAD_OFFSET);
    }
    return sum;
  }

  /** Records that were overwritten before they were read. */
  get missed(): number {
    return this.#readers.reduce((sum, reader) => sum + reader.missed, 0);
  }

  /** Times that a thread saw one probe too many. */
  get excess(): number {
    return Atomics.load(this.counters, 1);
  }

  /** What all threads say that they reported in time: calls, and failures among them. */
  get reported(): { calls: number; failures: number } {
    const sum = (field: number) => this.#reported.reduce((total, counts) => total + counts[field]!, 0);
    return { calls: sum(0), failures: sum(1) };
  }

  /** What all threads say of their calls, over all breakers. */
  get told(): Pick<TotalCounts, "succeeded" | "failed" | "late" | "refusedOpen"> {
    const sum = (field: number) => this.#reported.reduce((total, counts) => total + counts[field]!, 0);
    return { succeeded: sum(0) - sum(1), failed: sum(1), late: sum(2), refusedOpen: sum(3) };
  }

  /** The totals of all breakers, summed. */
  get totals(): TotalCounts {
    const all = this.breakers.map((breaker) => {
      this.core.measure(breaker, this.nowMs(), this.#scratch);
      const { refused, refusedBy, ...counts } = totalsAt(
        this.memory.f64,
        this.#scratch + MEASURE_TOTALS_OFFSET,
      );
      const { open, forced_open, throttled, busy } = refusedBy;
      return {
        ...counts,
        refusedOpen: open,
        refusedForcedOpen: forced_open,
        refusedThrottled: throttled,
        refusedBusy: busy,
      };
    });
    return all.reduce((sums, one) => {
      const keys = Object.keys(one) as (keyof TotalCounts)[];
      return Object.fromEntries(keys.map((key) => [key, sums[key] + one[key]])) as unknown as TotalCounts;
    });
  }

  /** Calls of the core that all threads made. */
  get made(): number {
    return this.#reported.reduce((total, counts) => total + counts[4]!, 0);
  }

  /** The time window of a breaker. */
  measure(breaker: number): { calls: number; failures: number } {
    this.core.measure(breaker, this.nowMs(), this.#scratch);
    return {
      calls: this.u32(this.#scratch + MEASURE_CALLS_OFFSET),
      failures: this.u32(this.#scratch + MEASURE_FAILURES_OFFSET),
    };
  }

  /** Calls that are pending in the time window of a breaker. */
  pendingOf(breaker: number): number {
    this.core.measure(breaker, this.nowMs(), this.#scratch);
    return this.u32(this.#scratch + MEASURE_PENDING_OFFSET);
  }

  u32(address: number): number {
    return this.memory.u32[address >>> 2]!;
  }

  #write(address: number, value: number): void {
    this.memory.u32[address >>> 2] = value;
  }
}
