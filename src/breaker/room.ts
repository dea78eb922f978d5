/** How many breakers a registry may have, and which of them go when there is no room for another. */
import type { Core } from "../core/core.ts";
import { RegistryFullError } from "./errors.ts";
import type { Herald } from "./event/herald.ts";
import { numberOption } from "./options/check.ts";
import type { Presets } from "./options/presets.ts";
import type { Terms, TermsBook } from "./terms.ts";
import type { Clock } from "./time/clock.ts";

/** Places of the directory that are looked at per ms of the clock, at most: a registry full of busy breakers costs no more ... */
const LOOKS_PER_MS = 256;
/** ... but for these at each call: some microseconds. So a small registry always finds what is idle. */
const FREE_LOOKS = 64;

/** What it needs of a switchboard. */
export interface Housing {
  readonly core: Core;
  readonly herald: Herald;
  readonly clock: Clock;
  readonly terms: TermsBook;
}

/**
 * A hand goes round over the directory and takes out what is idle, as many as are wanted and no more. It goes on where it
 * stopped, and once round at most in a while: so a `get` costs as many looks as there are busy breakers to an idle one.
 */
export class Room {
  /** Infinity: as many as there is memory for. */
  readonly maximum: number;
  readonly #housing: Housing;
  readonly #presets: Presets;
  readonly #gone: (endpoint: string) => void;
  #hand = 0;
  /** Places that are left of the round, and when it began. */
  #left = 0;
  #beganMs = Number.NEGATIVE_INFINITY;
  /** How many there were when it began. */
  #places = 0;

  /**
   * `gone` is told who went to make room.
   * @throws OptionError for a bad limit.
   */
  constructor(housing: Housing, presets: Presets, maximum: unknown, gone: (endpoint: string) => void) {
    this.#housing = housing;
    this.#presets = presets;
    this.#gone = gone;
    this.maximum =
      maximum === undefined
        ? Number.POSITIVE_INFINITY
        : numberOption("maximumBreakers", maximum, { from: 1, to: 16_000_000, whole: true });
  }

  /** Takes out all that is idle; `overridden`: with whatever options. Returns how many went. */
  evict(nowMs: number, overridden: boolean): number {
    return this.#housing.core.endpoints.sweep((breaker) => this.#isIdle(breaker, nowMs, overridden));
  }

  /**
   * Makes room for breakers to come, of which the first is named. Those in `spared` stay.
   * @throws RegistryFullError when not enough of them is idle; what was is gone then.
   */
  make(endpoint: string, count = 1, spared?: ReadonlySet<string>): void {
    if (!this.#clear(count, spared)) throw new RegistryFullError(endpoint, this.maximum);
  }

  /** The same for one that was there before and that somebody still holds: it comes back in any case. */
  relieve(): void {
    this.#clear(1, undefined);
  }

  /** Whether there is room now. */
  #clear(count: number, spared: ReadonlySet<string> | undefined): boolean {
    const { core, clock } = this.#housing;
    const surplus = () => core.endpoints.size + count - this.maximum;
    if (surplus() <= 0) return true;
    if (count > this.maximum) return false;
    const nowMs = clock();
    // What was left of a round that began long ago, and one more.
    for (let turn = 0; turn < 2 && surplus() > 0; turn++) {
      const { places } = core.endpoints;
      const isMoved = places !== this.#places; // everything stands elsewhere: what was looked at is not known
      if (this.#left <= 0 || isMoved) {
        const isRested = isMoved || !(nowMs - this.#beganMs < places / LOOKS_PER_MS);
        this.#places = places;
        this.#left = isRested ? places : Math.min(places, FREE_LOOKS);
        if (isRested) this.#beganMs = nowMs;
        else turn = 1;
      }
      this.#go(nowMs, surplus, spared);
    }
    return surplus() <= 0;
  }

  /** Goes on with the round until there is room. */
  #go(nowMs: number, surplus: () => number, spared: ReadonlySet<string> | undefined): void {
    const { endpoints } = this.#housing.core;
    const names: string[] = [];
    const looks = endpoints.sweepFrom(
      this.#hand,
      this.#left,
      (breaker) => {
        if (!this.#isIdle(breaker, nowMs, false)) return false;
        const name = endpoints.nameOf(breaker);
        if (name === undefined || spared?.has(name)) return false;
        names.push(name);
        return true;
      },
      () => surplus() <= 0,
    );
    this.#hand += looks;
    this.#left -= looks;
    for (const name of names) this.#gone(name);
  }

  /** Whether nobody would miss it: it is as `get` would make it. */
  #isIdle(breaker: number, nowMs: number, overridden: boolean): boolean {
    const { core, herald } = this.#housing;
    return (
      (overridden || this.#presets.areSpecial || core.policyOf(breaker) === this.#termsOf(undefined)) &&
      core.isIdle(breaker, nowMs) &&
      !herald.isHeard(breaker) &&
      (overridden || !this.#presets.areSpecial || this.#isAsMade(breaker))
    );
  }

  #isAsMade(breaker: number): boolean {
    const name = this.#housing.core.endpoints.nameOf(breaker);
    return name !== undefined && this.#housing.core.policyOf(breaker) === this.#termsOf(name);
  }

  /** Address of the policy that a breaker is made with. */
  #termsOf(name: string | undefined): Terms["policy"]["address"] {
    const options = name === undefined ? this.#presets.defaults : this.#presets.of(name);
    return this.#housing.terms.of(options).policy.address;
  }
}
