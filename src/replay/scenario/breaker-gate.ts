/** A breaker of the library as a gate. */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { Gate } from "./gate.ts";

/** Its clock is never read: every time is given. */
export class BreakerGate implements Gate {
  readonly #breaker: CircuitBreaker;

  constructor(breaker: CircuitBreaker) {
    this.#breaker = breaker;
  }

  admit(nowMs: number): number {
    return this.#breaker.tryAcquire(nowMs);
  }

  succeed(ticket: number, nowMs: number, durationMs: number): void {
    this.#breaker.onSuccess(ticket, nowMs, durationMs);
  }

  fail(ticket: number, nowMs: number, durationMs: number): void {
    this.#breaker.onFailure(ticket, nowMs, durationMs);
  }
}
