/** What a recorder costs while it is on: the same calls with and without it. */
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { record } from "../../src/replay/record/recorder.ts";
import type { Scale, Work } from "../section.ts";
import { counted, countedLater, LOOP } from "../work.ts";
import { OPTIONS, PATIENT_OPTIONS } from "./options.ts";

const BYTES = 1 << 20;
/** Awaited calls of a run. */
const CALLS = 1_024;

/** "off", or what it records. */
export type Recording = "off" | "on" | "without durations";

function breakerOf(recording: Recording, options: object) {
  const registry = new CircuitBreakerRegistry();
  if (recording !== "off") record(registry, { bytes: BYTES, durations: recording === "on" });
  return registry.get("endpoint", options);
}

/** `tryAcquire()` and `onSuccess(ticket)`. */
export function success(recording: Recording): Work {
  const breaker = breakerOf(recording, OPTIONS);
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    for (let i = 0; i < LOOP; i++) {
      const ticket = breaker.tryAcquire();
      breaker.onSuccess(ticket);
      if (ticket !== 0) admitted++;
    }
    return admitted;
  });
}

/** `tryAcquire()` and `onFailure(ticket)`: each failure is judged, and none opens. */
export function failure(recording: Recording): Work {
  const breaker = breakerOf(recording, PATIENT_OPTIONS);
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    for (let i = 0; i < LOOP; i++) {
      const ticket = breaker.tryAcquire();
      breaker.onFailure(ticket);
      if (ticket !== 0) admitted++;
    }
    return admitted;
  });
}

/** `tryAcquire()` of an open breaker. */
export function refusal(recording: Recording): Work {
  const breaker = breakerOf(recording, OPTIONS);
  breaker.trip(undefined, 86_400_000);
  return counted(LOOP, LOOP, () => {
    let refused = 0;
    for (let i = 0; i < LOOP; i++) if (breaker.tryAcquire() === 0) refused++;
    return refused;
  });
}

/** An awaited `execute`. */
export function execution(recording: Recording): Work {
  const breaker = breakerOf(recording, OPTIONS);
  const answer = Promise.resolve(1);
  const call = () => answer;
  return countedLater(CALLS, CALLS, async () => {
    let sum = 0;
    for (let i = 0; i < CALLS; i++) sum += await breaker.execute(call);
    return sum;
  });
}

/** Prepares a case. */
export function prepared(make: (recording: Recording) => Work, recording: Recording) {
  return (_: Scale): Work => make(recording);
}
