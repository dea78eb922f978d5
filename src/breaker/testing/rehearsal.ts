/** What a test does to breakers to see how the code around them behaves. */
import { type CircuitBreakerEvent, EVENT_KINDS, type EventKind, type State } from "../event/event.ts";
import type { Listener } from "../event/listeners.ts";
import type { ResolvedOptions } from "../options/options.ts";
import type { ManualClock } from "./manualclock.ts";

/** What the helpers need of a breaker. */
export interface Testable {
  /** The endpoint. */
  readonly name: string;
  /** What it does with calls. */
  readonly state: State;
  /** Its options, of which the ramp says how long healing takes. */
  readonly options: ResolvedOptions;
  /** A ticket, or 0 when refused. */
  tryAcquire(nowMs?: number): number;
  /** Reports a success. */
  onSuccess(ticket: number, nowMs?: number): void;
  /** Reports a failure. */
  onFailure(ticket: number, nowMs?: number): void;
  /** ms until the next probe. */
  retryAfterMs(nowMs?: number): number;
}

/** Calls that `trip` and `heal` report before they give up. */
const MAXIMUM_CALLS = 100_000;

/**
 * Opens a breaker the way an endpoint that is down opens it: by as many failures as its detectors need.
 * @throws Error when they never trip, such as when it is disabled.
 */
export function trip(breaker: Testable): void {
  for (let call = 0; breaker.state !== "open"; call++) {
    if (call === MAXIMUM_CALLS)
      throw new Error(`breaker "${breaker.name}" does not open: ${call} calls failed`);
    breaker.onFailure(breaker.tryAcquire());
  }
}

/**
 * Closes a breaker the way an endpoint that has come back closes it: waits on the clock, lets probes succeed, and waits
 * for the end of its ramp.
 * @throws Error when it does not close: it is forced open, or its probes are out.
 */
export function heal(breaker: Testable, clock: ManualClock): void {
  const { ramp } = breaker.options.halfOpen;
  const rampMs = ramp === undefined ? 0 : ramp.shares.length * ramp.stepMs;
  for (let call = 0; breaker.state !== "closed"; call++) {
    const waitMs = breaker.retryAfterMs();
    if (Number.isFinite(waitMs)) void clock.advance(waitMs);
    const ticket = breaker.tryAcquire();
    if (ticket === 0 || call === MAXIMUM_CALLS) {
      throw new Error(
        `breaker "${breaker.name}" does not close: it refuses probes in state ${breaker.state}`,
      );
    }
    breaker.onSuccess(ticket);
    if (breaker.state === "half_open") void clock.advance(rampMs);
  }
}

/** Events heard so far, in their order. */
export interface Recording {
  /** All events so far, in their order. */
  readonly events: readonly CircuitBreakerEvent[];
  /** Their kinds. */
  readonly kinds: readonly EventKind[];
  /** Stops to listen. */
  readonly stop: () => void;
}

/** Writes down every event of a breaker or a registry from now on. */
export function record(source: { on(kind: EventKind, listener: Listener): () => void }): Recording {
  const events: CircuitBreakerEvent[] = [];
  const kinds: EventKind[] = [];
  const hear = (event: CircuitBreakerEvent) => {
    events.push(event);
    kinds.push(event.kind);
  };
  const undo = EVENT_KINDS.map((kind) => source.on(kind, hear));
  return {
    events,
    kinds,
    stop: () => {
      for (const off of undo) off();
    },
  };
}
