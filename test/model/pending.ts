/**
 * Calls that are out, by the bucket of the time window in which they were admitted: a plain list of who came and went.
 */

import type { TimeWindowRule } from "./options.ts";
import { bucketAt } from "./window.ts";

/** A ticket tells the bucket of its call by its slot: the first of these, and the bucket's number modulo their number. */
const FIRST_SLOT = 65;
const SLOTS = 190;

/** One call that came or went. */
interface Change {
  readonly bucket: number;
  readonly by: 1 | -1;
}

/** See the file. */
export class PendingModel {
  readonly #rule: TimeWindowRule;
  readonly #widthMs: number;
  #changes: Change[] = [];

  constructor(rule: TimeWindowRule) {
    this.#rule = rule;
    this.#widthMs = rule.windowMs / rule.buckets;
  }

  /** The slot of a call that is admitted now, which is counted from here on. */
  admit(nowMs: number): number {
    const bucket = bucketAt(nowMs, this.#widthMs);
    this.#changes.push({ bucket, by: 1 });
    return FIRST_SLOT + (bucket % SLOTS);
  }

  /** A call with that slot is out no more. One whose bucket has left the window was forgotten before. */
  giveBack(slot: number, nowMs: number): void {
    const bucket = this.#bucketsAt(nowMs).find((number) => number % SLOTS === slot - FIRST_SLOT);
    if (bucket !== undefined) this.#changes.push({ bucket, by: -1 });
  }

  /** Nobody is out: another generation has begun. */
  clear(): void {
    this.#changes = [];
  }

  /** Calls that are out, admitted in a bucket that the window has. */
  countAt(nowMs: number): number {
    return this.#count(this.#bucketsAt(nowMs));
  }

  /** Those of them that count as hung: `hungAfterMs`, in whole buckets, has passed since their bucket ended. */
  countHungAt(nowMs: number): number {
    const { hungAfterMs, buckets } = this.#rule;
    if (hungAfterMs === undefined) return 0;
    const wait = Math.min(Math.ceil(hungAfterMs / this.#widthMs), buckets - 2);
    const current = bucketAt(nowMs, this.#widthMs);
    return this.#count(this.#bucketsAt(nowMs).filter((bucket) => current - (bucket + 1) >= wait));
  }

  /** Who reports a ticket twice takes back the call of somebody else: hence never fewer than none. */
  #count(buckets: readonly number[]): number {
    const changes = this.#changes.filter(({ bucket }) => buckets.includes(bucket));
    return Math.max(
      0,
      changes.reduce((sum, { by }) => sum + by, 0),
    );
  }

  #bucketsAt(nowMs: number): number[] {
    const current = bucketAt(nowMs, this.#widthMs);
    return Array.from({ length: this.#rule.buckets }, (_, age) => current - age);
  }
}
