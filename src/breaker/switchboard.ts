/** One core with the breakers on it: their policies, their names, and who listens to them. */
import { Core, type PlacedPolicy } from "../core/core.ts";
import type { Delivery } from "../core/exports.ts";
import { type Clock, systemClock } from "./clock.ts";
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
