/** A call that need not come to its own end: a timeout or its caller may end it first. */

import { CallTimeoutError } from "../errors.ts";
import { afterPoll, isHidden } from "../platform.ts";
import { exactTimeOf } from "../time/clock.ts";
import type { Attempt } from "./attempt.ts";
import type { Guarded } from "./guard.ts";
import { STALL_MS } from "./loop.ts";

/** Calls the function; the first of four ends decides: an answer, an error, the timeout, the caller's cancellation. */
export function race<T>(
  attempt: Attempt<T>,
  fn: Guarded<T>,
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
): Promise<Awaited<T>> {
  return new Promise((resolve, reject) => {
    new Race(attempt, resolve, reject, signal).start(fn, timeoutMs);
  });
}

class Race<T> {
  readonly #attempt: Attempt<T>;
  readonly #resolve: (value: Awaited<T>) => void;
  readonly #reject: (error: unknown) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #controller = new AbortController();
  #stopTimer: (() => void) | undefined;
  #ended = false;

  constructor(
    attempt: Attempt<T>,
    resolve: (value: Awaited<T>) => void,
    reject: (error: unknown) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#attempt = attempt;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
  }

  start(fn: Guarded<T>, timeoutMs: number | undefined): void {
    this.#signal?.addEventListener("abort", this.#cancel);
    if (timeoutMs !== undefined) this.#startTimer(timeoutMs);
    try {
      // Its late end finds handlers that do nothing, so no rejection is ever unhandled.
      Promise.resolve(fn(this.#controller.signal)).then(this.#answer, this.#fail);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Whether this end is the first. */
  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#stopTimer?.();
    this.#signal?.removeEventListener("abort", this.#cancel);
    return true;
  }

  readonly #answer = (value: Awaited<T>): void => {
    if (this.#end()) this.#resolve(this.#attempt.succeed(value));
  };

  readonly #fail = (error: unknown): void => {
    if (!this.#end()) return;
    this.#attempt.fail(error);
    this.#reject(error);
  };

  readonly #cancel = (): void => {
    if (!this.#end()) return;
    const reason: unknown = this.#signal?.reason;
    this.#attempt.cancel();
    this.#reject(reason);
    this.#controller.abort(reason);
  };

  #expire(timeoutMs: number): void {
    if (!this.#end()) return;
    const error = new CallTimeoutError(this.#attempt.guard.name, timeoutMs);
    this.#attempt.expire(error);
    this.#reject(error);
    this.#controller.abort(error);
  }

  #startTimer(timeoutMs: number): void {
    const { after } = this.#attempt.guard.clock;
    if (after === undefined) this.#startOwnTimer(timeoutMs);
    else this.#stopTimer = after(timeoutMs, () => this.#expire(timeoutMs));
  }

  /**
   * A timer that our own loop kept waiting says nothing about the endpoint: what it was late is given back, once. In a
   * page that nobody looks at timers are late by themselves, and answers are not.
   */
  #startOwnTimer(timeoutMs: number): void {
    const now = () => exactTimeOf(this.#attempt.guard.clock);
    const dueMs = now() + timeoutMs;
    const decide = () => afterPoll(() => this.#expire(timeoutMs));
    const timer = setTimeout(() => {
      const lateMs = now() - dueMs;
      if (isHidden()) return this.#expire(timeoutMs);
      if (lateMs <= STALL_MS) return decide();
      const grace = setTimeout(decide, Math.min(lateMs, timeoutMs));
      this.#stopTimer = () => clearTimeout(grace);
    }, timeoutMs);
    this.#stopTimer = () => clearTimeout(timer);
  }
}
