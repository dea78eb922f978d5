/** Helpers for tests of code behind a breaker: a clock that stands still, breakers that open and close, recorded events. */
import type { CircuitBreaker } from "../breaker/breaker.ts";
import { type Clock, MAXIMUM_TIME_MS } from "../breaker/clock.ts";
import { type CircuitBreakerEvent, EVENT_KINDS, type EventKind } from "../breaker/events.ts";
import { numberOption } from "../breaker/validate.ts";
import type { EventSource } from "./event-iterator.ts";

/** Rounds of promise reactions that `advance` lets run: more than any chain of a call behind a breaker has. */
const ROUNDS = 32;
/** Calls that a helper reports before it gives up: more than any detector needs. */
const MAXIMUM_CALLS = 1_100_000;

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** A clock for `new CircuitBreakerRegistry({ clock })` or `new CircuitBreaker(name, { clock })`. Timeouts of calls run on it, too. */
export interface ManualClock extends Clock {
  readonly after: (delayMs: number, run: () => void) => () => void;
  /**
   * Lets `ms` pass: 0 or more. Timeouts that become due run at once, in their order, each at its time.
   * Await the promise to let calls that ended by them go on.
   * @throws OptionError when `ms` is out of range.
   */
  readonly advance: (ms: number) => Promise<void>;
}

/**
 * Makes a clock that stands at `startMs` until `advance` is called.
 * @param startMs 0 or more, default 1,000.
 * @throws OptionError when it is out of range.
 */
export function manualClock(startMs = 1_000): ManualClock {
  let now = numberOption("startMs", startMs, { from: 0, to: MAXIMUM_TIME_MS });
  const timers = new Set<Timer>();
  const after = (delayMs: number, run: () => void) => {
    const timer = { dueMs: now + delayMs, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const advance = (ms: number) => {
    const endMs = now + numberOption("ms", ms, { from: 0, to: MAXIMUM_TIME_MS - now });
    for (let timer = firstDue(timers, endMs); timer; timer = firstDue(timers, endMs)) {
      timers.delete(timer);
      now = Math.max(now, timer.dueMs);
      timer.run();
    }
    now = Math.max(now, endMs); // a timer may have advanced the clock itself
    return runReactions();
  };
  return Object.assign(() => now, { after, advance });
}

function firstDue(timers: ReadonlySet<Timer>, endMs: number): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timers) {
    if (timer.dueMs <= endMs && (!first || timer.dueMs < first.dueMs)) first = timer;
  }
  return first;
}

async function runReactions(): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) await undefined;
}

/**
 * Opens a breaker as an endpoint that is down does: by as many failed calls as its detectors need. `breaker.trip()` opens it
 * without calls.
 * @throws Error when it does not open: it is disabled or in shadow mode, or its detectors never trip.
 */
export function openByFailures(breaker: CircuitBreaker): void {
  const { mode, name } = breaker;
  const isJudged = mode !== "disabled" && mode !== "shadow";
  for (let calls = 0; breaker.state !== "open"; calls++) {
    if (!isJudged) throw new Error(`breaker "${name}" does not open: it is in mode "${mode}"`);
    if (calls === MAXIMUM_CALLS) {
      throw new Error(`breaker "${name}" does not open: ${calls} calls failed`);
    }
    breaker.onFailure(breaker.tryAcquire());
  }
}

/**
 * Closes a breaker as an endpoint that has come back does: lets its delay pass on the clock, lets probes succeed, and lets
 * its ramp pass.
 * @param clock the clock of the breaker.
 * @throws Error when it does not close: it is forced open, its probes are out, or it has another clock.
 */
export function closeByProbes(breaker: CircuitBreaker, clock: ManualClock): void {
  const { name, options } = breaker;
  const { shares = [], stepMs = 0 } = options.halfOpen.ramp ?? {};
  for (let calls = 0; breaker.state !== "closed"; calls++) {
    const waitMs = breaker.retryAfterMs();
    if (Number.isFinite(waitMs)) void clock.advance(waitMs);
    if (breaker.snapshot().share === 0) {
      const ticket = breaker.tryAcquire();
      if (ticket === 0 || calls === MAXIMUM_CALLS) {
        throw new Error(`breaker "${name}" does not close: it refuses a probe in state "${breaker.state}"`);
      }
      breaker.onSuccess(ticket);
    }
    // On its ramp. Step by step: a breaker follows a clock that jumps for two days at most.
    for (let step = 0; breaker.snapshot().share > 0 && step < shares.length; step++) {
      void clock.advance(stepMs);
      breaker.check();
    }
  }
}

/** Events since recording began. */
export interface Recording {
  /** All of them, in their order. */
  readonly events: readonly CircuitBreakerEvent[];
  /** Their kinds. */
  readonly kinds: readonly EventKind[];
  /** Stops listening. */
  readonly stop: () => void;
}

/** Records every event of a breaker or of a registry from now on. */
export function recordEvents(source: EventSource): Recording {
  const events: CircuitBreakerEvent[] = [];
  const kinds: EventKind[] = [];
  const add = (event: CircuitBreakerEvent) => {
    events.push(event);
    kinds.push(event.kind);
  };
  const undo = EVENT_KINDS.map((kind) => source.on(kind, add));
  return {
    events,
    kinds,
    stop: () => {
      for (const off of undo) off();
    },
  };
}
