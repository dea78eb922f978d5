/**
 * What becomes of an event that a sink has failed: it is sent again, or goes to the sink for failed events, or ends.
 *
 * An event that is sent again enters the graph anew, as it was read, so every operator decides about it again: while a
 * breaker refuses it, it waits, and no try is used up. An event that was refused and that no sink has taken waits likewise.
 */
import { DISPOSITION, type FlowEvent, type Meta } from "../protocol/event.ts";
import { type Attempt, failureDelayOf, firstAttempt, refusalDelayOf } from "./attempt.ts";
import { FailureReasons } from "./failure-reasons.ts";
import type { ResolvedRetryOptions } from "./retry-options.ts";

/** Between two checks of all that wait, in ms. */
const SHORTEST_CHECK_MS = 10;
/** A time without failures after which the first one begins anew, in ms. */
const QUIET_MS = 10_000;

/** Functions of the graph. */
export interface UndeliveredParts {
  /** In ms. */
  readonly now: () => number;
  /** Events that were delivered so far. */
  readonly delivered: () => number;
  /** An event enters the graph again. */
  readonly enter: (root: FlowEvent) => void;
  /** Hands an event to the sink for failed events; false: there is none. */
  readonly takeFailed: (root: FlowEvent, failed: Meta) => boolean;
  /** An event has ended with the disposition that it has. */
  readonly end: (root: FlowEvent) => void;
}

export class Undelivered {
  readonly #parts: UndeliveredParts;
  /** Events that were failed or refused, and have not ended. */
  readonly attempts: ReadonlyMap<FlowEvent, Attempt>;
  readonly #attempts = new Map<FlowEvent, Attempt>();
  /** Events that ended as failed, by the error of their latest try. */
  readonly reasons = new FailureReasons();
  #options: ResolvedRetryOptions | undefined;
  /** Those that wait. */
  #waiting: FlowEvent[] = [];
  /** Before then none is due, in ms. */
  #nextMs = 0;
  /** Some are due, and a sink is full or broken. */
  #isDelayed = false;
  #isReleasing = false;
  #resent = 0;
  /** Events that were delivered at the latest check, and when the number had risen last, in ms. */
  #delivered = { count: 0, atMs: Number.NaN };
  /** When an event was failed or refused for the first time last, in ms. */
  #activeMs = Number.NaN;

  constructor(parts: UndeliveredParts) {
    this.#parts = parts;
    this.attempts = this.#attempts;
  }

  /** Events that wait to be sent again. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** How often an event was sent again. */
  get resent(): number {
    return this.#resent;
  }

  /** No source should be read: too many events wait, or some are due and go first. */
  get isBlocking(): boolean {
    return (
      this.#isDelayed || this.#waiting.length >= (this.#options?.maximumWaiting ?? Number.POSITIVE_INFINITY)
    );
  }

  /** From now on events are sent again. */
  retry(options: ResolvedRetryOptions): void {
    if (options.retries > 0) this.#options = options;
  }

  /** A sink has failed a copy of the event. */
  noteFailure(root: FlowEvent, reason: Meta): void {
    const attempt = this.#attemptOf(root);
    if (attempt.passage !== "failed") {
      attempt.tries++;
      attempt.refusals = 0;
      attempt.reason = undefined;
    }
    attempt.passage = "failed";
    // Of several sinks one may know that no try will help.
    if (attempt.reason?.final !== true) attempt.reason = reason;
  }

  /** True, and noted, where an event that was refused shall wait instead of ending. */
  waits(event: FlowEvent, isOnlyCopy: boolean): boolean {
    if (this.#options === undefined || event.source < 0) return false;
    if (!isOnlyCopy && !this.#attempts.has(event.root)) return false;
    const attempt = this.#attemptOf(event.root);
    attempt.refusals++;
    if (attempt.passage === "none") {
      attempt.passage = "refused";
      // It entered again, and came to no sink.
      if (attempt.tries > 0) this.#resent--;
    }
    attempt.dueMs = this.#parts.now() + refusalDelayOf(event.meta, attempt.refusals);
    return true;
  }

  /** Every copy of the event is answered. True: it has not ended, it is sent again or kept. */
  take(root: FlowEvent): boolean {
    const attempt = this.#attempts.get(root);
    if (attempt === undefined) return false;
    const isUndelivered =
      root.disposition === DISPOSITION.failed ||
      (root.disposition === DISPOSITION.overflow && attempt.passage === "refused");
    if (attempt.isDeadLetter || !isUndelivered) {
      this.#attempts.delete(root);
      return false;
    }
    if (!this.#isWorthATry(attempt)) return this.#finish(root, attempt);
    if (attempt.passage === "failed") attempt.dueMs = this.#parts.now() + failureDelayOf(attempt);
    this.#waiting.push(root);
    this.#nextMs = Math.min(this.#nextMs, attempt.dueMs);
    return true;
  }

  /** Sends again the events that are due, as long as no sink blocks. */
  release(isBlocked: () => boolean): void {
    if (this.#waiting.length === 0 || this.#isReleasing) return;
    const nowMs = this.#parts.now();
    this.#noteDeliveries(nowMs);
    if (nowMs < this.#nextMs && !this.#isDelayed) return;
    this.#isReleasing = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#nextMs = Number.POSITIVE_INFINITY;
    let checked = 0;
    for (; checked < waiting.length && !isBlocked(); checked++)
      this.#recheck(waiting[checked] as FlowEvent, nowMs);
    // Events that are refused again were added meanwhile.
    for (; checked < waiting.length; checked++) this.#putBack(waiting[checked] as FlowEvent);
    this.#isDelayed = this.#nextMs <= nowMs;
    this.#nextMs = Math.max(this.#nextMs, nowMs + SHORTEST_CHECK_MS);
    this.#isReleasing = false;
  }

  /** No event is sent again any more: those that wait end now. */
  stop(): void {
    this.#options = undefined;
    this.#isDelayed = false;
    for (const root of this.#waiting.splice(0)) this.#endWaiting(root);
  }

  #attemptOf(root: FlowEvent): Attempt {
    const known = this.#attempts.get(root);
    if (known !== undefined) return known;
    const attempt = this.#begin();
    this.#attempts.set(root, attempt);
    return attempt;
  }

  #begin(): Attempt {
    const sinceMs = this.#parts.now();
    // A flow that had nothing to deliver for long is no endpoint that takes nothing.
    if (this.#attempts.size === 0 && !(sinceMs - this.#activeMs < QUIET_MS)) {
      this.#delivered = { count: this.#parts.delivered(), atMs: sinceMs };
    }
    this.#activeMs = sinceMs;
    return firstAttempt(sinceMs);
  }

  #isWorthATry({ tries, reason, sinceMs }: Attempt): boolean {
    if (this.#options === undefined || reason?.final === true) return false;
    const { retries, forMs } = this.#options;
    const nowMs = this.#parts.now();
    this.#noteDeliveries(nowMs);
    return tries <= retries && nowMs - sinceMs < forMs && nowMs - this.#delivered.atMs < forMs;
  }

  /** Before the first delivery the time counts from the first failure. */
  #noteDeliveries(nowMs: number): void {
    const count = this.#parts.delivered();
    if (count > this.#delivered.count || Number.isNaN(this.#delivered.atMs)) {
      this.#delivered = { count, atMs: nowMs };
    }
  }

  #recheck(root: FlowEvent, nowMs: number): void {
    const attempt = this.#attempts.get(root);
    if (attempt === undefined) return;
    if (!this.#isWorthATry(attempt)) this.#endWaiting(root);
    else if (attempt.dueMs > nowMs) this.#putBack(root);
    else {
      if (attempt.tries > 0) this.#resent++;
      attempt.passage = "none";
      root.reopen(nowMs);
      this.#parts.enter(root);
    }
  }

  #putBack(root: FlowEvent): void {
    this.#waiting.push(root);
    this.#nextMs = Math.min(this.#nextMs, this.#attempts.get(root)?.dueMs ?? 0);
  }

  #endWaiting(root: FlowEvent): void {
    const attempt = this.#attempts.get(root);
    if (attempt !== undefined && !this.#finish(root, attempt)) this.#parts.end(root);
  }

  /** An event that a sink has failed ends as failed, also where it was refused since. True: the sink for failed events has it. */
  #finish(root: FlowEvent, attempt: Attempt): boolean {
    const { reason, tries } = attempt;
    if (reason === undefined) {
      this.#attempts.delete(root);
      return false;
    }
    root.disposition = DISPOSITION.failed;
    this.reasons.add(reason);
    attempt.isDeadLetter = true;
    if (this.#parts.takeFailed(root, { ...reason, tries })) return true;
    this.#attempts.delete(root);
    return false;
  }
}
