/** The data that a circuit breaker operator makes: breaker events at `cb`, and why an event was turned away. */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { CircuitBreakerEvent } from "../../breaker/events.ts";

/** A breaker event as data, with snake_case keys; see `CircuitBreakerEvent`. */
export interface BreakerRecord {
  /** The change. */
  readonly kind: CircuitBreakerEvent["kind"];
  /** Name of the breaker. */
  readonly endpoint: string;
  /** The state before. */
  readonly from: CircuitBreakerEvent["from"];
  /** The state after. */
  readonly to: CircuitBreakerEvent["to"];
  /** Why. */
  readonly cause: CircuitBreakerEvent["cause"];
  /** The mode after the change. */
  readonly mode: CircuitBreakerEvent["mode"];
  /** ms, on the clock of the flow. */
  readonly at_ms: number;
  /** Number of the generation that began, 1..4,194,303. */
  readonly generation: number;
  /** Calls in the window that gave the verdict; 0 for other causes. */
  readonly calls: number;
  /** Of `calls`, those that failed. */
  readonly failures: number;
  /** Of `calls`, those that were slow. */
  readonly slow: number;
  /** 0..1; null where there were no calls. */
  readonly success_rate: number | null;
  /** How many times in a row it opened. */
  readonly level: number;
  /** 0..1: the share of calls that passes from here on. */
  readonly share: number;
  /** null: for ever, since JSON has no infinity. */
  readonly delay_ms: number | null;
  /** null: never. */
  readonly retry_at_ms: number | null;
  /** The failure that opened it; null: none did, or its error is not known. */
  readonly last_error: ErrorRecord | null;
}

/** The failure that opened a breaker. */
export interface ErrorRecord {
  /** Such as `Error`. */
  readonly name: string;
  /** At most 500 characters. */
  readonly message: string;
  /** The status of an HTTP response, or the code of an error; null: it has none. */
  readonly code: string | number | null;
}

/** Under `circuit_breaker` in the metadata of an event that was turned away. */
export interface TurnedAway {
  /** Name of the breaker that turned it away. */
  readonly endpoint: string;
  /** Why: the state or mode that refuses; `failure`: it came by the port `err`, so it is a failure. */
  readonly reason: "open" | "half_open" | "forced_open" | "throttled" | "busy" | "failure";
  /** ms until a probe may pass; 0: half-open, others have its probes or its share; null: at a signal or a restore. */
  readonly retry_after_ms: number | null;
  /** The same as a time; null: not known. */
  readonly retry_at_ms: number | null;
}

/** The record of a breaker event. */
export function recordOf(event: CircuitBreakerEvent): BreakerRecord {
  const { lastError } = event;
  return {
    kind: event.kind,
    endpoint: event.endpoint,
    from: event.from,
    to: event.to,
    cause: event.cause,
    mode: event.mode,
    at_ms: event.atMs,
    generation: event.generation,
    calls: event.calls,
    failures: event.failures,
    slow: event.slow,
    success_rate: event.successRate ?? null,
    level: event.level,
    share: event.share,
    delay_ms: finite(event.delayMs),
    retry_at_ms: finite(event.retryAtMs),
    last_error: lastError ? { ...lastError, code: lastError.code ?? null } : null,
  };
}

/** Why the breaker has just refused, or its state after a failure that was reported to it. */
export function turnedAway(breaker: CircuitBreaker, atMs: number, failed: boolean): TurnedAway {
  const retryAfterMs = breaker.retryAfterMs(atMs);
  return {
    endpoint: breaker.name,
    reason: failed ? "failure" : refuser(breaker, retryAfterMs, atMs),
    retry_after_ms: finite(retryAfterMs),
    retry_at_ms: retryAfterMs === 0 ? null : finite(atMs + retryAfterMs),
  };
}

/** Found by the time to wait, since refusals come in millions and asking for the state costs as much again. */
function refuser(breaker: CircuitBreaker, retryAfterMs: number, atMs: number): TurnedAway["reason"] {
  if (retryAfterMs === 0) {
    const { reason } = breaker._refusal(atMs);
    return reason === "open" ? "half_open" : reason;
  }
  return retryAfterMs === Number.POSITIVE_INFINITY ? "forced_open" : "open";
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
