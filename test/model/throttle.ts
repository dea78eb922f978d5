/**
 * The throttle: which share of the calls of a closed breaker passes, by what the newest buckets hold.
 */

import type { TimeWindowRule } from "./options.ts";
import { bucketAt, type Counts, countTimeWindow, type Outcome } from "./window.ts";

/** What a throttle aims at, and how much it refuses at most. */
export interface ThrottleRule {
  readonly successRate: number;
  readonly maximumRefused: number;
}

/** Shares are whole numbers of these parts. */
const PARTS = 65_536;
/** Of a breaker that closes after its probes: a fifth. */
const FIRST_SHARE = 13_107 / PARTS;
const MOST_DOUBLINGS = 15;
const MOST_SUCCESSES = 65_535;
/** A call that is due is a whole one of these. */
const DUE = 2 ** 32;

/** What follows from the newest buckets. */
export type ThrottleVerdict = "overloaded" | "relieved" | "useless" | undefined;

/** See the file. */
export class ThrottleModel {
  #rule: ThrottleRule;
  #window: TimeWindowRule;
  #share = 1;
  #doublings = 0;
  #successes = 0;
  /** Bucket of the latest doubling or failure. */
  #changedIn = 0;
  #due = 0;
  /** By the number of the bucket: calls that were refused. */
  readonly #refused = new Map<number, number>();

  constructor(rule: ThrottleRule, window: TimeWindowRule) {
    this.#rule = rule;
    this.#window = window;
  }

  /** Part of the calls that passes. */
  get share(): number {
    return this.#share;
  }

  /** Goes on by other rules, with buckets of the same width. */
  follow(rule: ThrottleRule, window: TimeWindowRule): void {
    this.#rule = rule;
    this.#window = window;
  }

  /** Another generation: all calls pass; after the probes, a fifth of them. */
  restart(isAfterProbes: boolean, nowMs: number): void {
    this.#share = isAfterProbes ? FIRST_SHARE : 1;
    this.#doublings = 0;
    this.#successes = 0;
    this.#changedIn = this.#bucketAt(nowMs);
    this.#due = DUE - 1;
    this.#refused.clear();
  }

  /** It goes to another block of memory: one that does not work takes nothing along. */
  move(): void {
    if (this.#share === 1) this.#refused.clear();
  }

  /** Whether the next call passes: each adds the share to what is due. */
  admits(nowMs: number): boolean {
    if (this.#share === 1) return true;
    this.#due += this.#share * DUE;
    const passes = this.#due >= DUE;
    if (passes) this.#due -= DUE;
    else {
      const bucket = this.#bucketAt(nowMs);
      this.#refused.set(bucket, (this.#refused.get(bucket) ?? 0) + 1);
    }
    return passes;
  }

  /** What the buckets hold that it looks back at: at least two, and enough for half of the least calls of a verdict. */
  countsAt(outcomes: readonly Outcome[], nowMs: number): Counts & { readonly refused: number } {
    const { buckets, windowMs } = this.#window;
    const current = this.#bucketAt(nowMs);
    let count = Math.min(2, buckets);
    const held = () => {
      const rule = { ...this.#window, buckets: count, windowMs: (windowMs / buckets) * count };
      return countTimeWindow(rule, outcomes, nowMs, windowMs / buckets);
    };
    while (count < buckets && held().calls < this.#least) count++;
    let refused = 0;
    for (let age = 0; age < count; age++) refused += this.#refused.get(current - age) ?? 0;
    return { ...held(), refused };
  }

  /** Judges the newest buckets; `ended`: the calls that are the latest of them. */
  judge(
    outcomes: readonly Outcome[],
    nowMs: number,
    ended?: { readonly failed: boolean; readonly weight: number },
  ): ThrottleVerdict {
    const { calls, failures, refused } = this.countsAt(outcomes, nowMs);
    const isKnown = calls >= this.#least;
    if (isKnown && calls === failures) return "useless";
    const before = this.#share;
    if (before === 1 && !ended?.failed) return undefined; // only a failure begins it
    const bucket = this.#bucketAt(nowMs);
    if (before < 1 && ended) this.#note(ended, calls, bucket);
    if (isKnown || (before < 1 && calls > 0)) {
      const { successRate, maximumRefused } = this.#rule;
      const admitted = ((calls - failures) * 2 ** this.#doublings) / (successRate * (calls + refused));
      const wanted = Math.min(Math.max(admitted, 1 - maximumRefused), 1);
      const share = Math.floor(wanted * PARTS) / PARTS;
      this.#share = isKnown ? share : Math.max(share, before); // too few calls to refuse more
    }
    if (this.#share === 1) {
      this.#doublings = 0;
      this.#successes = 0;
      return before < 1 ? "relieved" : undefined;
    }
    if (before < 1) return undefined;
    this.#changedIn = bucket;
    this.#due = DUE - 1;
    return "overloaded";
  }

  #note({ failed, weight }: { failed: boolean; weight: number }, calls: number, bucket: number): void {
    if (failed) {
      this.#successes = 0;
      this.#doublings = 0;
      this.#changedIn = bucket;
      return;
    }
    this.#successes = Math.min(this.#successes + weight, MOST_SUCCESSES);
    const long = Math.min(Math.max(3 * this.#least, calls / 4), MOST_SUCCESSES);
    const isLaterBucket = (bucket - this.#changedIn) % 32 !== 0;
    if (this.#successes < long && !(this.#successes >= 3 && isLaterBucket)) return;
    this.#successes = 0;
    this.#doublings = Math.min(this.#doublings + 1, MOST_DOUBLINGS);
    this.#changedIn = bucket;
  }

  get #least(): number {
    return Math.ceil(this.#window.minimumCalls / 2);
  }

  #bucketAt(nowMs: number): number {
    return bucketAt(nowMs, this.#window.windowMs / this.#window.buckets);
  }
}
