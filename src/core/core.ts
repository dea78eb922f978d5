/** One core at work: an instance of the module over the memory of a registry, and breakers by address. */
import {
  DEADLINE_OFFSET,
  GENERATION_SHIFT,
  LATEST_OFFSET,
  MODE_MASK,
  MODE_SHIFT,
  OWNER_MASK,
  OWNER_SHIFT,
  POLICY_OFFSET,
  REGISTRY_ADDRESS,
  REGISTRY_FREED_OFFSET,
  REGISTRY_JOURNAL_CAPACITY_OFFSET,
  REGISTRY_JOURNAL_OFFSET,
  REGISTRY_WRITERS_OFFSET,
  SHARED_STRIPES_OFFSET,
  START_MODE_OFFSET,
  STATE_MASK,
  STATE_OPEN,
  STRIPES_OFFSET,
  WORD_OFFSET,
  WRITER_SCRATCH_OFFSET,
  WRITER_SIZE,
} from "../../assembly/layout.ts";
import { Allocator } from "./allocator.ts";
import { Chronicle } from "./chronicle.ts";
import { type BreakerContent, latestOf, type Place, readContent } from "./content.ts";
import { Endpoints } from "./endpoints.ts";
import { type CoreExports, type Delivery, instantiate } from "./exports.ts";
import { JournalReader, type JournalRecord } from "./journal.ts";
import { isSameShape, keptContent } from "./keep.ts";
import { firstWordOf } from "./lives.ts";
import { isBlank, type Measure, readMeasure } from "./measure.ts";
import { LARGEST_BLOCK, type LinearMemory } from "./memory.ts";
import { placePolicy } from "./policies.ts";
import { type BreakerShape, decodePolicy, encodePolicy, type Policy, shapeOf } from "./policy.ts";
import { generationAfter, writeContent } from "./restore.ts";
import { placeShape } from "./shapes.ts";
import { drawToken, leave, type Site, takeBack } from "./site.ts";

const FREED_INDEX = (REGISTRY_ADDRESS + REGISTRY_FREED_OFFSET) >>> 2;

/** A policy in memory, and what a breaker of it looks like. */
export interface PlacedPolicy {
  readonly address: number;
  readonly shape: BreakerShape;
}

export class Core {
  readonly memory: LinearMemory;
  readonly journal: Chronicle;
  // Copied off the exports object, whose properties V8 looks up slowly. Only `leave` changes them.
  admit: CoreExports["admit"];
  acquire: CoreExports["acquire"];
  succeed: CoreExports["succeed"];
  fail: CoreExports["fail"];
  release: CoreExports["release"];
  check: CoreExports["check"];
  switchTo: CoreExports["switchTo"];
  reset: CoreExports["reset"];
  hold: CoreExports["hold"];
  configure: CoreExports["configure"];
  readonly firstBad: CoreExports["firstBad"];
  acquireBatch: CoreExports["acquireBatch"];
  reportBatch: CoreExports["reportBatch"];
  readonly allocator: Allocator;
  readonly endpoints: Endpoints;
  #measure: CoreExports["measure"];
  readonly #recover: CoreExports["recover"];
  readonly #site: Site;
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
    this.configure = exports.configure;
    this.firstBad = exports.firstBad;
    this.acquireBatch = exports.acquireBatch;
    this.reportBatch = exports.reportBatch;
    this.#measure = exports.measure;
    this.#recover = exports.recover;
    this.allocator = new Allocator(site.memory, site.stripe);
    this.endpoints = new Endpoints(site, this.allocator);
    const writer = REGISTRY_ADDRESS + REGISTRY_WRITERS_OFFSET + site.stripe * WRITER_SIZE;
    this.#scratch = writer + WRITER_SCRATCH_OFFSET;
    const journal = this.#read(REGISTRY_ADDRESS + REGISTRY_JOURNAL_OFFSET);
    const records = this.#read(REGISTRY_ADDRESS + REGISTRY_JOURNAL_CAPACITY_OFFSET);
    const readers = Array.from(
      { length: site.stripes },
      (_, stripe) => new JournalReader(site.memory, REGISTRY_ADDRESS, journal, records, stripe),
    );
    this.journal = new Chronicle(readers);
  }

  /** Index of the stripe that this thread writes. */
  get stripe(): number {
    return this.#site.stripe;
  }

  /** Threads that can take part at once. */
  get stripes(): number {
    return this.#site.stripes;
  }

  /** A number for a handle, by which its stripes are found again. */
  drawToken(): number {
    return drawToken(this.#site);
  }

  /** Takes back the stripes of a handle whose threads certainly run no more; returns how many. */
  takeBack(token: number): number {
    return takeBack(this.#site, token, (stripe, table) => {
      this.#recover(REGISTRY_ADDRESS, stripe);
      if (table !== 0) this.endpoints.renew();
    });
  }

  /** Gives the stripe back. From here on everything that needs it throws what `refuse` throws. */
  leave(refuse: () => never): void {
    leave(this.#site);
    for (const name of [
      "admit",
      "acquire",
      "succeed",
      "fail",
      "release",
      "check",
      "switchTo",
      "reset",
    ] as const) {
      this[name] = refuse;
    }
    this.hold = this.configure = this.acquireBatch = this.reportBatch = this.#measure = refuse;
    this.takeBack = this.contentOf = this.restore = refuse;
    this.endpoints.close(refuse);
  }

  /** Rises whenever a breaker is freed or configured, as a signed number; while it does not, every breaker is where and what it was. */
  get freed(): number {
    return this.memory.u32[FREED_INDEX]! | 0;
  }

  /** Writes a policy for breakers to share. */
  place(policy: Policy): PlacedPolicy {
    const { memory, stripes } = this.#site;
    const shape = shapeOf(policy, stripes, memory.shared);
    const placed = placeShape(memory, this.allocator, shape);
    const encoded = encodePolicy(policy, shape, stripes, placed);
    return { address: placePolicy(memory, this.allocator, encoded), shape };
  }

  /** The policy at that address, which any thread may have placed. */
  policyAt(address: number): Policy {
    this.memory.cover(address + LARGEST_BLOCK);
    return decodePolicy(this.memory, address);
  }

  /** Address of a breaker's policy. */
  policyOf(breaker: number): number {
    return this.#read(breaker + POLICY_OFFSET);
  }

  /** What a breaker holds, as of the latest time that it has seen. No other thread may be using it. */
  contentOf(breaker: number): BreakerContent {
    return readContent(this.#placeOf(breaker));
  }

  /**
   * Replaces what a breaker holds, as if `content` had been seen at `nowMs`; begins a new generation and writes no
   * journal. No other thread may be using it.
   */
  restore(breaker: number, content: BreakerContent, nowMs: number): void {
    const place = this.#placeOf(breaker);
    const generation = generationAfter(this.generationOf(breaker));
    writeContent(place, content, Math.max(nowMs, latestOf(place)), generation);
  }

  /** Whether a breaker can go on with that policy where it is: its windows and its leases stay as they are. */
  keepsShape(breaker: number, policy: number): boolean {
    return isSameShape(this.memory, this.policyOf(breaker), policy);
  }

  /**
   * Moves a breaker to a block of that policy with all that it holds but windows of another shape; see `Endpoints.move`.
   * It begins a new generation there, and writes no journal. What other threads count meanwhile may be lost.
   */
  move(name: string, breaker: number, policy: number, named: boolean): number {
    return this.endpoints.move(name, breaker, policy, named, (to) => {
      const content = keptContent(this.#placeOf(breaker), policy);
      writeContent(this.#placeOf(to), content, content.nowMs, this.generationOf(to));
    });
  }

  #placeOf(breaker: number): Place {
    const { memory, stripe } = this.#site;
    memory.cover(breaker + LARGEST_BLOCK);
    return { memory, breaker, stripesOffset: memory.shared ? SHARED_STRIPES_OFFSET : STRIPES_OFFSET, stripe };
  }

  /** Address of the stripe that this thread writes. */
  stripeOf(breaker: number, policy: PlacedPolicy): number {
    return breaker + policy.shape.stripesOffset + this.#site.stripe * policy.shape.stripeSize;
  }

  /**
   * Whether a breaker is the same as a new one of its policy: in the same mode, not opened by a verdict, with empty
   * windows at `nowMs` and at level 0. The count of a window of calls never empties by time.
   */
  isIdle(breaker: number, nowMs: number): boolean {
    const state = STATE_MASK | (MODE_MASK << MODE_SHIFT) | (OWNER_MASK << OWNER_SHIFT);
    const mode = this.#read(this.policyOf(breaker) + START_MODE_OFFSET);
    if ((this.#read(breaker + WORD_OFFSET) & state) !== firstWordOf(mode)) return false;
    this.#measure(breaker, nowMs, this.#scratch);
    return isBlank(this.memory.u32, this.#scratch);
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
    this.memory.cover(stripe + LATEST_OFFSET + 8);
    return this.memory.f64[(stripe + LATEST_OFFSET) >>> 3]!;
  }

  /** ms. Open: until when; closed: since when. */
  deadlineOf(breaker: number): number {
    return this.memory.f64[(breaker + DEADLINE_OFFSET) >>> 3]!;
  }

  /**
   * Until when the state lasts that a record tells of, in ms: of an open breaker that has been held open since, later
   * than the record says.
   */
  endOf({ breaker, generation, toState, deadlineMs }: JournalRecord): number {
    if (toState !== STATE_OPEN || this.generationOf(breaker) !== generation) return deadlineMs;
    const endMs = this.deadlineOf(breaker);
    // Another thread may have begun the next state meanwhile: then that is the end of another one.
    return this.generationOf(breaker) === generation ? Math.max(deadlineMs, endMs) : deadlineMs;
  }

  measure(breaker: number, nowMs: number): Measure {
    this.#measure(breaker, nowMs, this.#scratch);
    return readMeasure(this.memory.u32, this.#scratch);
  }

  #read(address: number): number {
    this.memory.cover(address + 4);
    return this.memory.u32[address >>> 2]!;
  }
}
