/** One core with the breakers on it, and who listens to them. */
import { DID_TRANSITION, TICKET_DID_TRANSITION } from "../../assembly/layout.ts";
import { Core } from "../core/core.ts";
import type { Delivery } from "../core/exports.ts";
import { checkName, isName } from "../core/names.ts";
import { found, JOURNAL_CAPACITY, type Site } from "../core/site.ts";
import type { Batch } from "./batch.ts";
import { ThreadError } from "./errors.ts";
import { Herald } from "./event/herald.ts";
import { type ResolvedOptions, resolveOptions } from "./options/options.ts";
import { type Terms, TermsBook } from "./terms.ts";
import { type Clock, checkTime } from "./time/clock.ts";
import { coarseClock } from "./time/coarse.ts";

/** A breaker in memory. */
export interface Slot {
  readonly address: number;
  /** Address of the stripe that this thread writes. */
  readonly stripe: number;
  readonly terms: Terms;
}

export interface SwitchboardOptions {
  /** Where jitter starts: a whole number from 0 to 2^53 − 1. Default: by chance. */
  readonly seed?: number;
  /** Default: monotonic ms since 1970, coarse under load (see docs/guide.md); `systemClock` is the exact one. */
  readonly clock?: Clock;
}

export interface BoardOptions extends SwitchboardOptions {
  /** See `AttachOptions`. */
  readonly onMissed?: (count: number) => void;
}

export class Switchboard {
  readonly core: Core;
  readonly clock: Clock;
  readonly herald: Herald;
  /** Its breakers are in the directory: names are unique, and a breaker is found again by its name. */
  readonly byName: boolean;
  readonly terms: TermsBook;
  /** What makes room for a breaker that comes back; set by its registry. */
  room: { relieve(): void } | undefined;
  #removed: Slot | undefined;
  #left = false;

  /** `byName`: the breakers are in the directory. */
  constructor(
    delivery: Delivery,
    options: BoardOptions = {},
    byName = false,
    site = layOut(delivery, options),
  ) {
    this.byName = byName;
    this.core = new Core(delivery, site);
    this.herald = new Herald(this.core, byName, options.onMissed);
    this.clock = options.clock ?? coarseClock;
    this.terms = new TermsBook(this.core);
  }

  /** Makes a breaker that is in no directory. */
  admit(name: string, options: ResolvedOptions): Slot {
    const terms = this.terms.of(options);
    return this.#slot(this.core.endpoints.create(checkName(name), terms.policy.address), terms);
  }

  /** The breaker of that name, made with those options if there is none. */
  seat(name: string, options: ResolvedOptions): Slot {
    const terms = this.terms.of(options);
    return this.slotAt(this.core.endpoints.findOrCreate(checkName(name), terms.policy.address));
  }

  /** The breaker of that name, if there is one. */
  find(name: string): Slot | undefined {
    const address = isName(name) ? this.core.endpoints.find(name) : 0;
    return address === 0 ? undefined : this.slotAt(address);
  }

  /** The breaker of a name that somebody holds: of that name, or made anew as it was. */
  restore(name: string, options: ResolvedOptions): Slot {
    const known = this.find(name);
    if (known !== undefined) return known;
    this.room?.relieve();
    return this.seat(name, options);
  }

  /**
   * Gives a breaker other options; see `CircuitBreaker.configure`. Returns where it is then, with the bits of the core,
   * or undefined when another thread has it just now.
   * @throws RangeError when there is no memory; nothing is changed then.
   */
  configure(
    name: string,
    address: number,
    terms: Terms,
    nowMs: number,
  ): (Slot & { bits: number }) | undefined {
    const { core, herald } = this;
    const policy = terms.policy.address;
    const stays = core.keepsShape(address, policy);
    const there = stays ? address : core.move(name, address, policy, this.byName);
    if (there === 0) return undefined;
    const slot = this.#slot(there, terms);
    if (!stays) herald.move(address, there);
    // Of a breaker that has moved this is the policy already: it is only judged.
    const bits = core.configure(there, slot.stripe, policy, nowMs);
    if (bits < 0) return undefined;
    core.endpoints.announce();
    return { ...slot, bits };
  }

  slotAt(address: number): Slot {
    return this.#slot(address, this.terms.at(this.core.policyOf(address)));
  }

  #slot(address: number, terms: Terms): Slot {
    return { address, stripe: this.core.stripeOf(address, terms.policy), terms };
  }

  /** Takes a breaker off the board; its memory is used again. False if there is none. */
  delete(name: string): boolean {
    const address = isName(name) ? this.core.endpoints.find(name) : 0;
    if (address === 0 || !this.core.endpoints.delete(name)) return false;
    this.herald.forget(name, address);
    return true;
  }

  /** Name of the breaker at an address of before; undefined when it was deleted since. */
  nameAt(address: number): string | undefined {
    return address === this.#removed?.address ? undefined : this.core.endpoints.nameOf(address);
  }

  /** Frees a breaker that is in no directory. */
  dismiss(address: number): void {
    this.core.endpoints.dismiss(address);
    this.herald.forget(address, address);
  }

  /** What stands for a breaker that was deleted: it refuses everything. */
  get removed(): Slot {
    this.#removed ??= this.admit("removed", resolveOptions({ mode: "forced_open" }));
    return this.#removed;
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
        this.core.stripe,
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
        this.core.stripe,
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
    const bad = this.core.firstBad(breakers, weights, count, this.core.allocator.end);
    if (bad !== count) throw new RangeError(batch.describe(bad));
    for (let from = 0; from < count; from += JOURNAL_CAPACITY) {
      if (work(from, Math.min(JOURNAL_CAPACITY, count - from), now)) this.herald.dispatch();
    }
  }

  /** Takes back the stripes of a handle whose threads run no more, and tells what they had no time to tell. */
  takeBack(token: number): number {
    const count = this.core.takeBack(token);
    if (count > 0) this.herald.dispatch();
    return count;
  }

  /** Gives the stripe of this thread back: nothing of this registry works here any more. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.herald.close();
    this.core.leave(refuseDetached);
  }
}

function refuseDetached(): never {
  throw new ThreadError(
    "ERR_DETACHED",
    "this thread has detached from the registry: attach again for another one",
  );
}

/** Memory for a registry of this thread alone. */
function layOut(delivery: Delivery, options: SwitchboardOptions): Site {
  return found(delivery, drawSeed(options.seed), 1);
}

/** A seed as the core takes it: given, or by chance. */
export function drawSeed(given: number | undefined): readonly [number, number] {
  const seed = checkSeed(given ?? Math.floor(Math.random() * Number.MAX_SAFE_INTEGER));
  return [seed >>> 0, Math.floor(seed / 2 ** 32)];
}

function checkSeed(seed: number): number {
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new RangeError(`seed must be a whole number from 0 to 2^53 - 1, got ${String(seed)}`);
}
