/** One core with the breakers on it: their policies, their names, and who listens to them. */
import { DID_TRANSITION, TICKET_DID_TRANSITION } from "../../assembly/layout.ts";
import { Core, JOURNAL_CAPACITY, type PlacedPolicy } from "../core/core.ts";
import type { Delivery } from "../core/exports.ts";
import type { Batch } from "./batch.ts";
import { type Clock, checkTime, systemClock } from "./clock.ts";
import { eventOf } from "./event.ts";
import { Listeners } from "./listeners.ts";
import { type ResolvedOptions, resolveOptions } from "./options.ts";
import { MODE_CODES, policyOf } from "./policy.ts";

/** A breaker in memory. */
export interface Slot {
  readonly address: number;
  /** Address of the stripe that this thread writes. */
  readonly stripe: number;
}

/** Whoever owns a slot and hears of its transitions. */
export interface Tenant {
  readonly name: string;
  readonly listeners: Listeners;
}

export interface SwitchboardOptions {
  /** Where jitter starts: a whole number from 0 to 2^53 − 1. Default: by chance. */
  readonly seed?: number;
  /** Default: monotonic ms since 1970. */
  readonly clock?: Clock;
}

export class Switchboard {
  readonly core: Core;
  readonly clock: Clock;
  /** Those that listen to every breaker. */
  readonly listeners = new Listeners();
  readonly #policies = new Map<string, PlacedPolicy>();
  readonly #tenants = new Map<number, Tenant>();
  /** Breakers that somebody listens to by themselves. */
  #listenedTo = 0;
  #dispatching = false;
  #removed: Slot | undefined;

  constructor(delivery: Delivery, options: SwitchboardOptions = {}) {
    const seed = checkSeed(options.seed ?? Math.floor(Math.random() * Number.MAX_SAFE_INTEGER));
    this.core = new Core(delivery, [seed >>> 0, Math.floor(seed / 2 ** 32)]);
    this.clock = options.clock ?? systemClock;
  }

  /** Breakers of the same options share one policy in memory. */
  policyFor(options: ResolvedOptions): PlacedPolicy {
    const policy = policyOf(options);
    const key = JSON.stringify(policy, (_, value) => (value === Number.POSITIVE_INFINITY ? "∞" : value));
    const known = this.#policies.get(key);
    if (known !== undefined) return known;
    const placed = this.core.place(policy);
    this.#policies.set(key, placed);
    return placed;
  }

  /** Makes a breaker in the mode of its options, closed (or forced open), at generation 1. */
  admit(tenant: Tenant, options: ResolvedOptions): Slot {
    const slot = this.#place(options);
    this.#tenants.set(slot.address, tenant);
    return slot;
  }

  /** Takes a breaker off the board; its memory is used again. Whoever still holds it gets one that refuses everything. */
  remove(address: number, options: ResolvedOptions): Slot {
    const tenant = this.#tenants.get(address);
    if (tenant !== undefined) {
      this.#tenants.delete(address);
      this.core.free(address, this.policyFor(options));
    }
    this.#removed ??= this.#place(resolveOptions({ mode: "forced_open" }));
    return this.#removed;
  }

  /** Notes that a breaker got its first listener (1) or lost its last (-1). */
  listen(by: 1 | -1): void {
    this.#listenedTo += by;
  }

  #place(options: ResolvedOptions): Slot {
    const policy = this.policyFor(options);
    const address = this.core.create(policy, MODE_CODES[options.mode]);
    return { address, stripe: this.core.stripeOf(address, policy) };
  }

  /** See `Registry.acquireBatch`. */
  acquireBatch(batch: Batch, count: number, nowMs: number | undefined): number {
    const { breakers, tickets, outcomes } = batch.addresses;
    let admitted = 0;
    this.#inChunks(batch, count, nowMs, (from, size, now) => {
      const result = this.core.acquireBatch(
        breakers + from * 4,
        tickets + from * 4,
        outcomes + from,
        size,
        0,
        now,
      );
      admitted += result & ~TICKET_DID_TRANSITION;
      return result < 0;
    });
    return admitted;
  }

  /** See `Registry.reportBatch`. */
  reportBatch(batch: Batch, count: number, nowMs: number | undefined): void {
    const { breakers, tickets, outcomes, weights, durations } = batch.addresses;
    const at = (column: number, offset: number) => (column === 0 ? 0 : column + offset);
    this.#inChunks(batch, count, nowMs, (from, size, now) => {
      const bits = this.core.reportBatch(
        breakers + from * 4,
        tickets + from * 4,
        outcomes + from,
        at(weights, from * 4),
        at(durations, from * 8),
        size,
        0,
        now,
      );
      return (bits & DID_TRANSITION) !== 0;
    });
  }

  /** Checks a batch, then works through it in pieces whose transitions the journal can hold. */
  #inChunks(
    batch: Batch,
    count: number,
    nowMs: number | undefined,
    work: (from: number, size: number, now: number) => boolean,
  ): void {
    if (!(Number.isInteger(count) && count >= 0 && count <= batch.size)) {
      throw new RangeError(`count must be a whole number from 0 to ${batch.size}, got ${String(count)}`);
    }
    const now = nowMs === undefined ? this.clock() : checkTime(nowMs);
    const { breakers, weights } = batch.addresses;
    const bad = this.core.firstBad(breakers, weights, count, this.core.memory.size);
    if (bad !== count) throw new RangeError(batch.describe(bad));
    for (let from = 0; from < count; from += JOURNAL_CAPACITY) {
      if (work(from, Math.min(JOURNAL_CAPACITY, count - from), now)) this.dispatch();
    }
  }

  /** Reads the journal after a call that wrote it, and tells those who listen, in the order of the transitions. */
  dispatch(): void {
    if (this.#dispatching) return; // a listener caused it: the loop below goes on with it
    if (this.#listenedTo === 0 && this.listeners.isEmpty) {
      this.core.journal.skip();
      return;
    }
    this.#dispatching = true;
    for (let record = this.core.journal.read(); record !== undefined; record = this.core.journal.read()) {
      const tenant = this.#tenants.get(record.breaker);
      if (tenant === undefined) continue;
      const event = eventOf(record, tenant.name);
      tenant.listeners.emit(event);
      this.listeners.emit(event);
    }
    this.#dispatching = false;
  }
}

function checkSeed(seed: number): number {
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new RangeError(`seed must be a whole number from 0 to 2^53 - 1, got ${String(seed)}`);
}
