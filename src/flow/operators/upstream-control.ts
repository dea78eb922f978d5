/** Stops upstream by a trigger of a circuit breaker operator, and lets it go on by a restore. */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { Correlation } from "../protocol/correlation.ts";
import type { OperatorContext } from "../protocol/operator.ts";

export interface UpstreamControlParts {
  readonly context: OperatorContext;
  /** Under `pause` the breaker of all events. */
  readonly paused: CircuitBreaker | undefined;
  /** A sink is broken, and a breaker of its events refuses nothing by its mode. */
  readonly passesBroken: () => boolean;
}

export class UpstreamControl {
  readonly #parts: UpstreamControlParts;
  /** Under `pause`, while half-open: that of the event that has the probe. */
  #probe: Correlation | undefined;
  /** The latest contraflow to upstream was a trigger. */
  #isStopped = false;

  constructor(parts: UpstreamControlParts) {
    this.#parts = parts;
  }

  /** An event was admitted. */
  noteAdmission(correlation: Correlation): void {
    if (this.#parts.paused?.state === "half_open") this.#probe = correlation;
  }

  /** The outcome of an event is known. */
  noteOutcome(correlation: Correlation): void {
    if (this.#probe === correlation) this.#probe = undefined;
  }

  /** Sends a trigger or restore upstream, when the latest one is no longer right. */
  update(atMs: number): void {
    const { paused, context } = this.#parts;
    // A probe that was never answered decides nothing in the next half-open state, which a tick may begin.
    if (this.#probe !== undefined && paused?.state === "open") this.#probe = undefined;
    const isStopped = this.#parts.passesBroken() || (paused !== undefined && this.#isPaused(paused, atMs));
    if (isStopped === this.#isStopped) return;
    this.#isStopped = isStopped;
    context.contraflow(isStopped ? "trigger" : "restore", atMs);
  }

  #isPaused(breaker: CircuitBreaker, atMs: number): boolean {
    if (breaker.state === "half_open") return this.#probe !== undefined;
    return breaker.retryAfterMs(atMs) > 0;
  }
}
