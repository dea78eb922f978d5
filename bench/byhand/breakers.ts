/**
 * The honest baseline: breakers written by hand in JavaScript, all of them in one buffer.
 *
 * The semantics are the library's (agreement.ts holds the two together, call by call) with whatever would make
 * them slower left out: one thread, always enabled, one detector (success rate over a time window, with slow
 * calls), one probe, no jitter, no events, no check of arguments.
 *
 * Written for speed before beauty, as measured on Node 20 for one admission and report of 3.7 ns: the constants
 * of the fast path are in this file (imported ones are looked up at every use: + 2.6 ns), the fields are
 * declared only, so that the constructor's is their one assignment and V8 takes them for constants
 * (else + 1.6 ns) and are not `#private` (+ 0.7 ns), and there are two views of one buffer (one of doubles:
 * slower with many).
 */
import * as fields from "./fields.ts";
import { CLOSED, type HandPolicy, type HandSnapshot } from "./policy.ts";
import { acquireByState, check, enter, release, report, snapshot } from "./states.ts";
import { advance } from "./window.ts";

const { LATEST, END, TICKET, CURRENT, CALLS, BUCKET_CALLS, BUCKETS, BUCKET_SIZE } = fields;

/** Breakers of one policy. `at` says which: the number of the breaker times `size`. Times are in ms. */
export class HandBreakers implements fields.HandBuffer {
  declare readonly size: number;
  declare readonly policy: HandPolicy;
  declare readonly numbers: Int32Array;
  declare readonly times: Float64Array;

  constructor(policy: HandPolicy, count: number) {
    this.policy = policy;
    this.size = BUCKETS + policy.buckets * BUCKET_SIZE + (policy.buckets & 1);
    this.numbers = new Int32Array(count * this.size);
    this.times = new Float64Array(this.numbers.buffer);
    for (let at = 0; at < this.numbers.length; at += this.size) enter(this, at, CLOSED);
  }

  /** A ticket, or 0: refused. */
  tryAcquire(at: number, now: number): number {
    const { numbers, times } = this;
    const ticket = numbers[at + TICKET]!;
    if (ticket !== 0 && now < times[(at >> 1) + END]! && now >= times[(at >> 1) + LATEST]!) {
      times[(at >> 1) + LATEST] = now;
      return ticket;
    }
    return acquireByState(this, at, advance(this, at, now));
  }

  /** `duration` in ms, NaN: unknown. */
  onSuccess(at: number, ticket: number, now: number, duration: number): void {
    const { numbers, times, policy } = this;
    if (
      ticket === numbers[at + TICKET] &&
      now < times[(at >> 1) + END]! &&
      now >= times[(at >> 1) + LATEST]! &&
      numbers[at + CALLS]! >= policy.minimumCalls &&
      !(duration > policy.slowCallMs)
    ) {
      times[(at >> 1) + LATEST] = now;
      numbers[at + CALLS]!++;
      numbers[at + numbers[at + CURRENT]! + BUCKET_CALLS]!++;
    } else {
      report(this, at, ticket, false, now, duration);
    }
  }

  onFailure(at: number, ticket: number, now: number, duration: number): void {
    report(this, at, ticket, true, now, duration);
  }

  /** Gives a ticket back without a result. */
  release(at: number, ticket: number, now: number): void {
    release(this, at, ticket, now);
  }

  /** Applies what the time alone has changed. */
  check(at: number, now: number): void {
    check(this, at, now);
  }

  /** As of the latest time seen. */
  snapshot(at: number): HandSnapshot {
    return snapshot(this, at);
  }
}
