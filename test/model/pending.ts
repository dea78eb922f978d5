/**
 * Calls that are out, by the bucket of the time window in which they were admitted.
 */

import type { TimeWindowRule } from "./options.ts";
import { bucketAt } from "./window.ts";

/** A ticket tells the bucket of its call by its slot: the first of these, and the bucket's number modulo their number. */
const FIRST_SLOT = 65;
const SLOTS = 190;

/** See the file. */
export class PendingModel {
  #rule: TimeWindowRule;
  readonly #widthMs: number;
  /** By the number of the bucket: calls that came less calls that went. */
  readonly #counts = new Map<number, number>();

  constructor(rule: TimeWindowRule) {
    this.#rule = rule;
    this.#widthMs = rule.windowMs / rule.buckets;
  }

  /** The slot of a call that is admitted now, which is counted from here on. */
  admit(nowMs: number): number {
    const bucket = bucketAt(nowMs, this.#widthMs);
    this.#add(bucket, 1);
    return FIRST_SLOT + (bucket % SLOTS);
  }

  /** A call with that slot is out no more. False: its bucket has left the window, so it was forgotten before. */
  giveBack(slot: number, nowMs: number): boolean {
    const bucket = this.#bucketsAt(nowMs).find((number) => number % SLOTS === slot - FIRST_SLOT);
    if (bucket !== undefined) this.#add(bucket, -1);
    return bucket !== undefined;
  }

  /** Goes on by another rule, with buckets of the same width. */
  follow(rule: TimeWindowRule): void {
    this.#rule = rule;
  }

  /** Nobody is out: another generation has begun. */
  clear(): void {
    this.#counts.clear();
  }

  /** Calls that are out, admitted in a bucket that the window has. */
  countAt(nowMs: number): number {
    return this.#sum(this.#bucketsAt(nowMs));
  }

  /** Those of them that count as hung: `hungAfterMs`, in whole buckets, has passed since their bucket ended. */
  countHungAt(nowMs: number): number {
    const { hungAfterMs, buckets } = this.#rule;
    if (hungAfterMs === undefined) return 0;
    const wait = Math.min(Math.ceil(hungAfterMs / this.#widthMs), buckets - 2);
    const current = bucketAt(nowMs, this.#widthMs);
    return this.#sum(this.#bucketsAt(nowMs).filter((bucket) => current - (bucket + 1) >= wait));
  }

  #add(bucket: number, by: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + by);
  }

  /** Who reports a ticket twice takes back the call of somebody else: hence never fewer than none. */
  #sum(buckets: readonly number[]): number {
    const sum = buckets.reduce((total, bucket) => total + (this.#counts.get(bucket) ?? 0), 0);
    return Math.max(0, sum);
  }

  #bucketsAt(nowMs: number): number[] {
    const current = bucketAt(nowMs, this.#widthMs);
    return Array.from({ length: this.#rule.buckets }, (_, age) => current - age);
  }
}
