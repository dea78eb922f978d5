/** The usual way: a breaker by hand that is an object with objects in it. Semantics as in breakers.ts. */
import { Bucket } from "./bucket.ts";
import {
  bucketMsOf,
  CLOSED,
  delayAt,
  GENERATION_SHIFT,
  generationAfter,
  HALF_OPEN,
  type HandPolicy,
  type HandSnapshot,
  isFailing,
  levelAfter,
  numberAt,
  numberBefore,
  OPEN,
  PROBE_SLOT,
  SLOT_MASK,
  STATES,
} from "./policy.ts";

/** One breaker. Ordinary fields, which are faster than `#private` ones on Node 20. */
export class ObjectBreaker {
  private readonly policy: HandPolicy;
  private readonly buckets: readonly Bucket[];
  private current: Bucket;
  private ticket = 1 << GENERATION_SHIFT;
  private latest = 0;
  private end = 0;
  private calls = 0;
  private failures = 0;
  private slow = 0;
  private state: number = CLOSED;
  private generation = 1;
  private deadline = 0;
  private leaseEnd = 0;
  private level = 0;
  private probeSuccesses = 0;
  private late = 0;
  private refused = 0;

  constructor(policy: HandPolicy) {
    this.policy = policy;
    this.buckets = Array.from({ length: policy.buckets }, () => new Bucket());
    this.current = this.bucketOf(0);
  }

  tryAcquire(now: number): number {
    if (this.ticket !== 0 && now < this.end && now >= this.latest) {
      this.latest = now;
      return this.ticket;
    }
    return this.acquireByState(this.advance(now));
  }

  onSuccess(ticket: number, now: number, duration: number): void {
    if (
      ticket === this.ticket &&
      now < this.end &&
      now >= this.latest &&
      this.calls >= this.policy.minimumCalls &&
      !(duration > this.policy.slowCallMs)
    ) {
      this.latest = now;
      this.calls++;
      this.current.calls++;
    } else {
      this.report(ticket, false, now, duration);
    }
  }

  onFailure(ticket: number, now: number, duration: number): void {
    this.report(ticket, true, now, duration);
  }

  release(ticket: number, nowMs: number): void {
    const now = this.advance(nowMs);
    const isProbe = this.state === HALF_OPEN && !this.isStale(ticket);
    if (!isProbe) this.look(now);
    else if (!this.endLease(now) && (ticket & SLOT_MASK) === PROBE_SLOT) this.leaseEnd = 0;
  }

  check(nowMs: number): void {
    const now = this.advance(nowMs);
    if (this.state !== OPEN) this.look(now);
    else if (now >= this.deadline) this.enter(HALF_OPEN);
  }

  /** As of the latest time seen. */
  snapshot(): HandSnapshot {
    const state = STATES[this.state]!; // one of three, see `enter`
    const isClosed = state === "closed";
    return {
      state,
      calls: isClosed ? this.calls : 0,
      failures: isClosed ? this.failures : 0,
      slow: isClosed ? this.slow : 0,
      level: this.levelAt(this.latest),
      generation: this.generation,
      late: this.late,
      refused: this.refused,
      retryAfterMs: state === "open" ? Math.max(this.deadline - this.latest, 0) : 0,
    };
  }

  private advance(now: number): number {
    if (now > this.latest) this.latest = now;
    return this.latest;
  }

  private isStale(ticket: number): boolean {
    return ticket >> GENERATION_SHIFT !== this.generation;
  }

  private acquireByState(now: number): number {
    if (this.state === CLOSED) return this.slide(now) && this.judge(now) ? this.refuse() : this.ticket;
    if (this.state === OPEN) {
      if (now < this.deadline) return this.refuse();
      this.enter(HALF_OPEN);
    }
    if (this.endLease(now) || this.leaseEnd !== 0) return this.refuse();
    this.leaseEnd = now + this.policy.probeTimeoutMs;
    return (this.generation << GENERATION_SHIFT) | PROBE_SLOT;
  }

  private refuse(): number {
    this.refused++;
    return 0;
  }

  private report(ticket: number, failed: boolean, nowMs: number, duration: number): void {
    const now = this.advance(nowMs);
    if (this.isStale(ticket)) {
      this.late++;
      this.look(now);
    } else if (this.state === HALF_OPEN) {
      this.reportProbe(ticket, failed, now);
    } else if (this.state === CLOSED) {
      this.slide(now);
      this.count(failed, duration > this.policy.slowCallMs);
      this.judge(now);
    } else {
      this.late++;
    }
  }

  private reportProbe(ticket: number, failed: boolean, now: number): void {
    const isOut = (ticket & SLOT_MASK) === PROBE_SLOT && this.leaseEnd !== 0;
    if (this.endLease(now) || !isOut) {
      this.late++;
      return;
    }
    this.leaseEnd = 0;
    if (failed) this.open(this.level, now);
    else if (++this.probeSuccesses >= this.policy.successesToClose) this.close(now);
  }

  private look(now: number): void {
    const { state } = this;
    if (state === CLOSED && this.slide(now)) this.judge(now);
    if (state === HALF_OPEN) this.endLease(now);
  }

  private endLease(now: number): boolean {
    const hasEnded = this.leaseEnd !== 0 && now >= this.leaseEnd;
    if (hasEnded) this.open(this.level, now);
    return hasEnded;
  }

  private judge(now: number): boolean {
    const fails = isFailing(this.policy, this.calls, this.failures, this.slow);
    if (fails) this.open(this.levelAt(now), now);
    return fails;
  }

  private levelAt(now: number): number {
    if (this.state !== CLOSED) return this.level;
    return levelAfter(this.policy, this.level, now - this.deadline);
  }

  private open(level: number, now: number): void {
    this.level = level + 1;
    this.deadline = now + delayAt(this.policy, level);
    this.enter(OPEN);
  }

  private close(now: number): void {
    if (this.policy.decayMs === 0) this.level = 0;
    this.deadline = now;
    this.enter(CLOSED);
    for (const bucket of this.buckets) bucket.clear();
    this.turnTo(numberAt(this.policy, now));
  }

  private enter(state: number): void {
    this.generation = generationAfter(this.generation);
    this.state = state;
    this.ticket = state === CLOSED ? this.generation << GENERATION_SHIFT : 0;
    this.probeSuccesses = 0;
    this.leaseEnd = 0;
  }

  private count(failed: boolean, slow: boolean): void {
    this.calls++;
    this.current.calls++;
    if (failed) {
      this.failures++;
      this.current.failures++;
    }
    if (slow) {
      this.slow++;
      this.current.slow++;
    }
  }

  private slide(now: number): boolean {
    if (now < this.end) return false;
    const number = numberAt(this.policy, now);
    const first = Math.max(numberBefore(this.policy, this.end), number - this.buckets.length) + 1;
    for (let n = first; n <= number; n++) this.bucketOf(n).clear();
    this.turnTo(number);
    return true;
  }

  private turnTo(number: number): void {
    this.calls = 0;
    this.failures = 0;
    this.slow = 0;
    for (const bucket of this.buckets) {
      this.calls += bucket.calls;
      this.failures += bucket.failures;
      this.slow += bucket.slow;
    }
    this.current = this.bucketOf(number);
    this.end = (number + 1) * bucketMsOf(this.policy);
  }

  private bucketOf(number: number): Bucket {
    return this.buckets[number % this.buckets.length]!; // as many as the policy says, at least one
  }
}
