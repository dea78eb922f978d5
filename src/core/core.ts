/** One core at work: an instance of the module over the memory of a registry, and breakers by address. */
import {
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
  MODE_MASK,
  MODE_SHIFT,
  OWNER_MASK,
  OWNER_SHIFT,
  POLICY_OFFSET,
  REGISTRY_ADDRESS,
  REGISTRY_FREED_OFFSET,
  REGISTRY_JOURNAL_CAPACITY_OFFSET,
  REGISTRY_JOURNAL_OFFSET,
  STATE_MASK,
  WORD_OFFSET,
} from "../../assembly/layout.ts";
import { Allocator } from "./allocator.ts";
import { Directory } from "./directory.ts";
import { type CoreExports, type Delivery, instantiate } from "./exports.ts";
import { JournalReader } from "./journal.ts";
import { Lives } from "./lives.ts";
import type { LinearMemory } from "./memory.ts";
import { Names } from "./names.ts";
import { type BreakerShape, type Policy, shapeOf, writePolicy } from "./policy.ts";
import { placeShape } from "./shapes.ts";
import type { Site } from "./site.ts";

const FREED_INDEX = (REGISTRY_ADDRESS + REGISTRY_FREED_OFFSET) >>> 2;

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
  readonly allocator: Allocator;
  readonly directory: Directory;
  readonly #measure: CoreExports["measure"];
  readonly #site: Site;
  readonly #names: Names;
  readonly #lives: Lives;
  readonly #scratch: number;

  constructor(delivery: Delivery, site: Site) {
    this.#site = site;
    this.memory = site.memory;
    const exports = instantiate(delivery, site.memory.memory);
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
    this.allocator = new Allocator(site.memory);
    this.#names = new Names(site.memory, this.allocator);
    this.#lives = new Lives(site.memory, this.allocator, this.#names);
    this.directory = new Directory(site.memory, this.allocator, this.#names, site.stripe);
    this.#scratch = this.allocator.allocate(MEASURE_SIZE);
    const journal = this.#read(REGISTRY_ADDRESS + REGISTRY_JOURNAL_OFFSET);
    const records = this.#read(REGISTRY_ADDRESS + REGISTRY_JOURNAL_CAPACITY_OFFSET);
    this.journal = new JournalReader(site.memory, REGISTRY_ADDRESS, journal, records, site.stripe);
  }

  /** Index of the stripe that this thread writes. */
  get stripe(): number {
    return this.#site.stripe;
  }

  /** How many breakers were freed; while this does not change, every breaker is where it was. */
  get freed(): number {
    return this.memory.u32[FREED_INDEX]!;
  }

  /** Writes a policy for breakers to share. */
  place(policy: Policy): PlacedPolicy {
    const { memory, stripes } = this.#site;
    const shape = shapeOf(policy, stripes, memory.shared);
    const placed = placeShape(memory, this.allocator, shape);
    return { address: writePolicy(memory, this.allocator, policy, shape, stripes, placed), shape };
  }

  /** Address of the breaker of that name, or 0. */
  find(name: string): number {
    return this.directory.find(name, this.#names.hash(name));
  }

  /** Address of the breaker of that name, made with that policy if there is none. */
  findOrCreate(name: string, policy: PlacedPolicy): number {
    const hash = this.#names.hash(name);
    const known = this.directory.find(name, hash);
    if (known !== 0) return known;
    const breaker = this.#lives.begin(policy.address, name, hash);
    const entered = this.directory.insert(name, hash, breaker);
    if (entered !== breaker) this.#lives.end(breaker); // another thread was faster
    return entered;
  }

  /** A new breaker that is not in the directory. Returns its address. */
  create(name: string, policy: PlacedPolicy): number {
    return this.#lives.begin(policy.address, name, this.#names.hash(name));
  }

  /** Takes a breaker out of the directory and frees it; false if there is none. */
  delete(name: string): boolean {
    const breaker = this.directory.remove(name, this.#names.hash(name));
    if (breaker !== 0) this.#lives.end(breaker);
    return breaker !== 0;
  }

  /** Frees all breakers for which `goes` says so; returns how many. */
  sweep(goes: (breaker: number) => boolean): number {
    let gone = 0;
    this.directory.sweep(goes, (breaker) => {
      this.#lives.end(breaker);
      gone++;
    });
    return gone;
  }

  /** Name of a breaker; undefined when it is freed. */
  nameOf(breaker: number): string | undefined {
    const name = this.directory.nameOf(breaker);
    return name === 0 ? undefined : this.#names.read(name);
  }

  /** Whether the breaker at that address has that name (and is not freed). */
  isNamed(breaker: number, name: string): boolean {
    const held = this.directory.nameOf(breaker);
    return held !== 0 && this.#names.equals(held, name);
  }

  /** Name of the breaker that began that generation; undefined when it is freed, whatever lives there now. */
  nameAt(breaker: number, generation: number): string | undefined {
    const name = this.directory.nameOf(breaker);
    return name !== 0 && this.#names.hasBegun(name, generation) ? this.#names.read(name) : undefined;
  }

  /** Address of a breaker's policy. */
  policyOf(breaker: number): number {
    return this.#read(breaker + POLICY_OFFSET);
  }

  /** Address of the stripe that this thread writes. */
  stripeOf(breaker: number, policy: PlacedPolicy): number {
    return breaker + policy.shape.stripesOffset + this.#site.stripe * policy.shape.stripeSize;
  }

  /**
   * Whether a breaker is the same as a new one: closed, enabled, with empty windows at `nowMs` and at level 0.
   * The count of a window of calls never empties by time.
   */
  isIdle(breaker: number, nowMs: number): boolean {
    const state = STATE_MASK | (MODE_MASK << MODE_SHIFT) | (OWNER_MASK << OWNER_SHIFT);
    if ((this.#read(breaker + WORD_OFFSET) & state) !== 0) return false; // closed and enabled are 0
    this.#measure(breaker, nowMs, this.#scratch);
    return (
      this.#read(this.#scratch + MEASURE_CALLS_OFFSET) === 0 &&
      this.#read(this.#scratch + MEASURE_COUNT_CALLS_OFFSET) === 0 &&
      this.#read(this.#scratch + MEASURE_CONSECUTIVE_OFFSET) === 0 &&
      this.#read(this.#scratch + MEASURE_LEVEL_OFFSET) === 0
    );
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
    if (address >= this.memory.size) this.memory.refresh();
    return this.memory.u32[address >>> 2]!;
  }
}
