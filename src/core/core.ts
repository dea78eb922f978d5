/** One core at work: an instance, its memory, its registry, and breakers by address. */
import {
  CACHE_LINE_SIZE,
  DEADLINE_OFFSET,
  GENERATION_SHIFT,
  LATEST_OFFSET,
  MEASURE_CALLS_OFFSET,
  MEASURE_CONSECUTIVE_OFFSET,
  MEASURE_COUNT_CALLS_OFFSET,
  MEASURE_COUNT_FAILURES_OFFSET,
  MEASURE_COUNT_SLOW_OFFSET,
  MEASURE_FAILURES_OFFSET,
  MEASURE_LATE_OFFSET,
  MEASURE_LEVEL_OFFSET,
  MEASURE_PENDING_OFFSET,
  MEASURE_REFUSED_OFFSET,
  MEASURE_SIZE,
  MEASURE_SLOW_OFFSET,
  MODE_FORCED_OPEN,
  MODE_MASK,
  MODE_SHIFT,
  POLICY_OFFSET,
  RECORD_SIZE,
  REGISTRY_JOURNAL_CAPACITY_OFFSET,
  REGISTRY_JOURNAL_OFFSET,
  REGISTRY_SEED_OFFSET,
  REGISTRY_STRIPE_COUNT_OFFSET,
  REGISTRY_WRITERS_OFFSET,
  SHARED_STRIPES_OFFSET,
  STATE_CLOSED,
  STATE_MASK,
  STATE_OPEN,
  STRIPES_OFFSET,
  WORD_OFFSET,
  WRITER_SIZE,
} from "../../assembly/layout.ts";
import type { Place } from "./content.ts";
import { type CoreExports, type Delivery, instantiate } from "./exports.ts";
import { JournalReader } from "./journal.ts";
import { LinearMemory } from "./memory.ts";
import { allocateBreaker, type BreakerShape, type Policy, shapeOf, writePolicy } from "./policy.ts";

/** Records of the journal; it is read after every call that writes one. An entry of a batch writes at most one. */
export const JOURNAL_CAPACITY = 256;

/** A policy in memory, and what a breaker of it looks like. */
export interface PlacedPolicy {
  readonly address: number;
  readonly shape: BreakerShape;
}

/** What `measure` found, see MEASURE_ in assembly/layout.ts. */
export interface Measure {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  readonly pending: number;
  readonly late: number;
  readonly refused: number;
  readonly level: number;
  readonly countCalls: number;
  readonly countFailures: number;
  readonly countSlow: number;
  readonly consecutiveFailures: number;
}

export class Core {
  readonly memory: LinearMemory;
  readonly journal: JournalReader;
  // Copied off the exports object, whose properties V8 looks up slowly.
  readonly admit: CoreExports["admit"];
  readonly acquire: CoreExports["acquire"];
  readonly succeed: CoreExports["succeed"];
  readonly fail: CoreExports["fail"];
  readonly release: CoreExports["release"];
  readonly check: CoreExports["check"];
  readonly switchTo: CoreExports["switchTo"];
  readonly reset: CoreExports["reset"];
  readonly hold: CoreExports["hold"];
  readonly firstBad: CoreExports["firstBad"];
  readonly acquireBatch: CoreExports["acquireBatch"];
  readonly reportBatch: CoreExports["reportBatch"];
  readonly #measure: CoreExports["measure"];
  readonly #shared: boolean;
  readonly #stripes = 1;
  readonly #registry: number;
  readonly #scratch: number;

  /** `seed`: two u32 from which jitter is drawn. */
  constructor(delivery: Delivery, seed: readonly [number, number]) {
    this.#shared = delivery.shared;
    this.memory = new LinearMemory(delivery.createMemory());
    const exports = instantiate(delivery, this.memory.memory);
    this.admit = exports.admit;
    this.acquire = exports.acquire;
    this.succeed = exports.succeed;
    this.fail = exports.fail;
    this.release = exports.release;
    this.check = exports.check;
    this.switchTo = exports.switchTo;
    this.reset = exports.reset;
    this.hold = exports.hold;
    this.firstBad = exports.firstBad;
    this.acquireBatch = exports.acquireBatch;
    this.reportBatch = exports.reportBatch;
    this.#measure = exports.measure;
    const writersSize = this.#stripes * WRITER_SIZE;
    this.#registry = this.memory.allocate(REGISTRY_WRITERS_OFFSET + writersSize, CACHE_LINE_SIZE);
    const journal = this.memory.allocate(this.#stripes * JOURNAL_CAPACITY * RECORD_SIZE, CACHE_LINE_SIZE);
    this.#scratch = this.memory.allocate(MEASURE_SIZE);
    this.#write(this.#registry + REGISTRY_STRIPE_COUNT_OFFSET, this.#stripes);
    this.#write(this.#registry + REGISTRY_JOURNAL_CAPACITY_OFFSET, JOURNAL_CAPACITY);
    this.#write(this.#registry + REGISTRY_JOURNAL_OFFSET, journal);
    this.#write(this.#registry + REGISTRY_SEED_OFFSET, seed[0]);
    this.#write(this.#registry + REGISTRY_SEED_OFFSET + 4, seed[1]);
    this.journal = new JournalReader(this.memory, this.#registry, journal, JOURNAL_CAPACITY, 0);
  }

  /** Writes a policy for breakers to share. */
  place(policy: Policy): PlacedPolicy {
    const shape = shapeOf(policy, this.#stripes, this.#shared);
    return { address: writePolicy(this.memory, policy, shape, this.#stripes, this.#registry), shape };
  }

  /** A new breaker in a MODE_, closed (or forced open), at generation 1. Returns its address. */
  create(policy: PlacedPolicy, mode: number): number {
    const breaker = allocateBreaker(this.memory, policy.shape);
    const state = mode === MODE_FORCED_OPEN ? STATE_OPEN : STATE_CLOSED;
    if (state === STATE_OPEN) this.memory.f64[(breaker + DEADLINE_OFFSET) >>> 3] = Number.POSITIVE_INFINITY;
    this.#write(breaker + WORD_OFFSET, (1 << GENERATION_SHIFT) | (mode << MODE_SHIFT) | state);
    this.#write(breaker + POLICY_OFFSET, policy.address);
    return breaker;
  }

  free(breaker: number, policy: PlacedPolicy): void {
    this.memory.free(breaker, policy.shape.size);
  }

  /** Where a breaker lies, for reading and writing all that it holds. */
  placeOf(breaker: number): Place {
    const stripesOffset = this.#shared ? SHARED_STRIPES_OFFSET : STRIPES_OFFSET;
    return { memory: this.memory, breaker, stripesOffset };
  }

  /** Address of the stripe that this thread writes. */
  stripeOf(breaker: number, policy: PlacedPolicy): number {
    return breaker + policy.shape.stripesOffset;
  }

  stateOf(breaker: number): number {
    return this.#read(breaker + WORD_OFFSET) & STATE_MASK;
  }

  modeOf(breaker: number): number {
    return (this.#read(breaker + WORD_OFFSET) >>> MODE_SHIFT) & MODE_MASK;
  }

  generationOf(breaker: number): number {
    return this.#read(breaker + WORD_OFFSET) >>> GENERATION_SHIFT;
  }

  /** The latest time in ms that this thread's calls of a breaker have seen. */
  latestOf(stripe: number): number {
    return this.memory.f64[(stripe + LATEST_OFFSET) >>> 3]!;
  }

  /** ms. Open: until when; closed: since when. */
  deadlineOf(breaker: number): number {
    return this.memory.f64[(breaker + DEADLINE_OFFSET) >>> 3]!;
  }

  measure(breaker: number, nowMs: number): Measure {
    this.#measure(breaker, nowMs, this.#scratch);
    const at = (offset: number) => this.#read(this.#scratch + offset);
    return {
      calls: at(MEASURE_CALLS_OFFSET),
      failures: at(MEASURE_FAILURES_OFFSET),
      slow: at(MEASURE_SLOW_OFFSET),
      pending: at(MEASURE_PENDING_OFFSET),
      late: at(MEASURE_LATE_OFFSET),
      refused: at(MEASURE_REFUSED_OFFSET),
      level: at(MEASURE_LEVEL_OFFSET),
      countCalls: at(MEASURE_COUNT_CALLS_OFFSET),
      countFailures: at(MEASURE_COUNT_FAILURES_OFFSET),
      countSlow: at(MEASURE_COUNT_SLOW_OFFSET),
      consecutiveFailures: at(MEASURE_CONSECUTIVE_OFFSET),
    };
  }

  #read(address: number): number {
    return this.memory.u32[address >>> 2]!;
  }

  #write(address: number, value: number): void {
    this.memory.u32[address >>> 2] = value;
  }
}
