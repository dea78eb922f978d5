/**
 * What becomes of an event that a sink has failed: it is sent again, or goes to the sink for failed events, or ends.
 *
 * An event that is sent again enters the graph anew, as it was read, so every operator decides about it again: while a
 * breaker refuses it, it waits, and no try is used up. An event that was refused and that no sink has taken waits likewise.
 */
import { FATE, type FlowEvent, type Meta } from "../event.ts";
import type { ResolvedRetryOptions } from "./retry-options.ts";

/** Before the second try, in ms; each further wait is twice as long. */
const FIRST_DELAY_MS = 100;
/** No wait is longer, in ms, unless the endpoint asks for it. */
const LONGEST_DELAY_MS = 10_000;
/** The longest wait for a breaker that does not say when it lets events pass, in ms. */
const LONGEST_REFUSAL_MS = 1_000;
/** Between two looks at all that wait, in ms. */
const SHORTEST_LOOK_MS = 10;
/** A time without failures after which the first one begins anew, in ms. */
const QUIET_MS = 10_000;
/** More reasons than these are counted together: some have a time or a name in them. */
const MAXIMUM_REASONS = 8;
const OTHER_REASONS = "other reasons";

/** What the graph does for it. */
export interface UndeliveredParts {
  /** In ms. */
  readonly now: () => number;
  /** Events that were delivered so far. */
  readonly delivered: () => number;
  /** An event enters the graph again. */
  readonly enter: (root: FlowEvent) => void;
  /** Hands an event to the sink for failed events; false: there is none. */
  readonly keep: (root: FlowEvent, failed: Meta) => boolean;
  /** An event has ended with the fate that it has. */
  readonly end: (root: FlowEvent) => void;
}

/** One event that was not delivered, from its first failure or refusal to its end. */
interface Attempt {
  readonly sinceMs: number;
  /** Passages through the graph in which a sink failed it. */
  tries: number;
  /** Refusals since the latest try. */
  refusals: number;
  /** Why the latest try failed; undefined: no sink had it. */
  reason: Meta | undefined;
  /** What this passage came to, so far. */
  passage: "none" | "failed" | "refused";
  /** When to send it again, in ms. */
  dueMs: number;
  /** The sink for failed events has it. */
  isKept: boolean;
}

export class Undelivered {
  readonly #parts: UndeliveredParts;
  readonly #attempts = new Map<FlowEvent, Attempt>();
  readonly #reasons = new Map<string, number>();
  #options: ResolvedRetryOptions | undefined;
  /** Those that wait. */
  #waiting: FlowEvent[] = [];
  /** Before then none is due, in ms. */
  #nextMs = 0;
  /** Some are due, and a sink is full or broken. */
  #isHeld = false;
  #isReleasing = false;
  #resent = 0;
  /** Events that were delivered when that was looked at last, and when the number had risen last, in ms. */
  #delivered = { count: 0, atMs: Number.NaN };
  /** When an event was failed or refused for the first time last, in ms. */
  #activeMs = Number.NaN;

  constructor(parts: UndeliveredParts) {
    this.#parts = parts;
  }

  /** Events that wait to be sent again. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** False: no event has been failed or refused that has not ended. */
  get isConcerned(): boolean {
    return this.#attempts.size > 0;
  }

  /** How often an event was sent again. */
  get resent(): number {
    return this.#resent;
  }

  /** No source should be read: too many events wait, or some are due and go first. */
  get blocks(): boolean {
    return (
      this.#isHeld || this.#waiting.length >= (this.#options?.maximumWaiting ?? Number.POSITIVE_INFINITY)
    );
  }

  /** Events that ended as failed, by the error that was told last. */
  get reasons(): ReadonlyMap<string, number> {
    return this.#reasons;
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
      root.fate === FATE.failed || (root.fate === FATE.overflow && attempt.passage === "refused");
    if (attempt.isKept || !isUndelivered) {
      this.#attempts.delete(root);
      return false;
    }
    if (!this.#isWorthATry(attempt)) return this.#finish(root, attempt);
    if (attempt.passage === "failed") attempt.dueMs = this.#parts.now() + failureDelayOf(attempt);
    this.#waiting.push(root);
    this.#nextMs = Math.min(this.#nextMs, attempt.dueMs);
    return true;
  }

  /** Sends again what is due, as long as nothing holds. */
  release(holds: () => boolean): void {
    if (this.#waiting.length === 0 || this.#isReleasing) return;
    const nowMs = this.#parts.now();
    this.#noteDeliveries(nowMs);
    if (nowMs < this.#nextMs && !this.#isHeld) return;
    this.#isReleasing = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#nextMs = Number.POSITIVE_INFINITY;
    let looked = 0;
    for (; looked < waiting.length && !holds(); looked++) this.#look(waiting[looked] as FlowEvent, nowMs);
    // What is refused again was added meanwhile.
    for (; looked < waiting.length; looked++) this.#putBack(waiting[looked] as FlowEvent);
    this.#isHeld = this.#nextMs <= nowMs;
    this.#nextMs = Math.max(this.#nextMs, nowMs + SHORTEST_LOOK_MS);
    this.#isReleasing = false;
  }

  /** Nothing is sent again any more: what waits ends now. */
  stop(): void {
    this.#options = undefined;
    this.#isHeld = false;
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
    return {
      sinceMs,
      tries: 0,
      refusals: 0,
      reason: undefined,
      passage: "none",
      dueMs: sinceMs,
      isKept: false,
    };
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

  #look(root: FlowEvent, nowMs: number): void {
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

  /** What a sink has failed ends as failed, also where it was refused since. True: it is kept. */
  #finish(root: FlowEvent, attempt: Attempt): boolean {
    const { reason, tries } = attempt;
    if (reason === undefined) {
      this.#attempts.delete(root);
      return false;
    }
    root.fate = FATE.failed;
    this.#countReason(reason);
    attempt.isKept = true;
    if (this.#parts.keep(root, { ...reason, tries })) return true;
    this.#attempts.delete(root);
    return false;
  }

  #countReason({ error }: Meta): void {
    const said = typeof error === "string" ? error : "no reason given";
    const isKnown = this.#reasons.has(said) || this.#reasons.size < MAXIMUM_REASONS;
    const reason = isKnown ? said : OTHER_REASONS;
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  }
}

/** Twice as long after each try, or as long as the endpoint asked for. */
function failureDelayOf({ tries, reason }: Attempt): number {
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), LONGEST_DELAY_MS);
  return Math.max(delayMs, positive(reason?.retry_after_ms));
}

/** Until the breaker says that it may pass; where it does not say when, a little longer each time. */
function refusalDelayOf(meta: Meta | undefined, refusals: number): number {
  const breaker = meta?.circuit_breaker;
  const said = typeof breaker === "object" && breaker !== null && "retry_after_ms" in breaker;
  const retryAfterMs = said ? positive(breaker.retry_after_ms) : 0;
  if (retryAfterMs > 0) return retryAfterMs;
  return Math.min(FIRST_DELAY_MS * 2 ** (refusals - 1), LONGEST_REFUSAL_MS);
}

/** Sinks and events may say anything. */
function positive(ms: unknown): number {
  return typeof ms === "number" && ms > 0 && ms < Number.POSITIVE_INFINITY ? ms : 0;
}
