/** What is guarded, and what that needs of a breaker. */

import type { CircuitOpenError } from "../errors.ts";
import type { Clock } from "../time/clock.ts";

/** A function to guard. It gets a signal that is aborted by the timeout and by the caller's own signal. */
export type Guarded<T> = (signal: AbortSignal) => T | PromiseLike<T>;

/** A breaker, as far as a call needs it. */
export interface Guard {
  readonly name: string;
  readonly clock: Clock;
  /** ms; a call that takes longer is slow. Infinity: none is, and calls need not be timed. */
  readonly slowCallMs: number;
  tryAcquire(nowMs?: number): number;
  onSuccess(ticket: number, nowMs?: number, durationMs?: number): void;
  /**
   * The call failed with `end`. If that leaves the breaker open, it stays so for `holdMs` at least, or where that is
   * not given, for as long as `end` says (see `retryAfterOf`); its event tells of the whole time.
   */
  failWith(end: unknown, ticket: number, nowMs?: number, durationMs?: number, holdMs?: number): void;
  release(ticket: number, nowMs?: number): void;
  /** The error for a call that was just refused. */
  refusal(nowMs: number): CircuitOpenError;
}
