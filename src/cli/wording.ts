/** Breaker events as sentences. */
import type { Cause, CircuitBreakerEvent } from "../breaker/events.ts";
import type { Detector } from "../breaker/options.ts";
import { count, seconds } from "./figures.ts";
import { printable } from "./printable.ts";

/**
 * Such as "breaker payments opened: 6 of 20 calls failed (success rate 0.700 < 0.8), retry in 1.0 s".
 *
 * @param detectors those of the breaker, for the limit that was crossed. Default: the limit is not told.
 */
export function sentenceOf(event: CircuitBreakerEvent, detectors: readonly Detector[] = []): string {
  const { kind, mode } = event;
  const breaker = `breaker ${printable(event.endpoint)}`;
  const cause = causeOf(event, detectors);
  switch (kind) {
    case "opened":
      return `${breaker} ${mode === "shadow" ? "would have opened" : "opened"}: ${cause}${errorOf(event)}, ${retryOf(event)}`;
    case "half_opened":
      return `${breaker} half-open: ${cause}, ${event.cause === "delay_ended" ? "a probe" : "a growing share"} may pass`;
    case "throttled":
      return `${breaker} throttled: ${cause}, a share of ${event.share.toFixed(3)} may pass`;
    case "restored":
      return `${breaker} restored: ${cause}`;
    case "closed":
      return `${breaker} closed: ${cause}`;
    default:
      return `${breaker} ${kind}`;
  }
}

const CAUSES: Readonly<
  Record<Cause, (event: CircuitBreakerEvent, detectors: readonly Detector[]) => string>
> = {
  success_rate_over_time_window: tooManyFailed,
  success_rate_over_count_window: tooManyFailed,
  slow_call_rate_over_time_window: tooManySlow,
  slow_call_rate_over_count_window: tooManySlow,
  consecutive_failures: failedInARow,
  hung_calls: tooManyHang,
  delay_ended: () => "the delay has ended",
  probe_failed: () => "the probe failed",
  probe_timed_out: () => "the probe was not answered in time",
  probes_succeeded: () => "the probe succeeded",
  ramp_ended: () => "all calls may pass again",
  tripped: () => "it was tripped",
  overloaded: ({ failures, calls }) => `${count(failures)} of ${count(calls)} calls failed`,
  relieved: () => "all calls may pass again",
  mode: ({ mode }) => (mode === "forced_open" ? "told to stop" : "told to go on"),
  reset: () => "started over",
};

function causeOf(event: CircuitBreakerEvent, detectors: readonly Detector[]): string {
  return CAUSES[event.cause](event, detectors);
}

function tooManyFailed(event: CircuitBreakerEvent, detectors: readonly Detector[]): string {
  const { failures, calls, successRate = 0, cause } = event;
  const detector = detectors.find(({ kind }) => kind === cause);
  const limit =
    detector !== undefined && "requiredSuccessRate" in detector ? detector.requiredSuccessRate : undefined;
  // Rounded down, since 0.79996 must not read as 0.8 beside a limit of 0.8.
  const rate = (Math.floor(successRate * 1_000) / 1_000).toFixed(3);
  return `${count(failures)} of ${count(calls)} calls failed (success rate ${rate}${limit === undefined ? "" : ` < ${limit}`})`;
}

function tooManyHang(event: CircuitBreakerEvent): string {
  return `${count(event.failures)} of ${count(event.calls)} calls failed or hang`;
}

/** The window that counts slow calls is that of the success rate. */
function tooManySlow({ slow, calls, cause }: CircuitBreakerEvent, detectors: readonly Detector[]): string {
  const detector = detectors.find(({ kind }) => kind === cause.replace("slow_call_rate", "success_rate"));
  const limit =
    detector !== undefined && "maximumSlowRate" in detector ? detector.maximumSlowRate : undefined;
  return `${count(slow)} of ${count(calls)} calls were slow${limit === undefined ? "" : ` (a share of more than ${limit})`}`;
}

function failedInARow(_: CircuitBreakerEvent, detectors: readonly Detector[]): string {
  const detector = detectors.find(({ kind }) => kind === "consecutive_failures");
  const failures = detector?.kind === "consecutive_failures" ? count(detector.failures) : "too many";
  return `${failures} calls failed in a row`;
}

/** The failure that opened it, where its error is known. */
function errorOf({ lastError }: CircuitBreakerEvent): string {
  return lastError ? `, last error: ${printable(lastError.message || lastError.name)}` : "";
}

function retryOf({ delayMs, level }: CircuitBreakerEvent): string {
  if (!Number.isFinite(delayMs)) return "until it is told to go on";
  return `retry in ${seconds(delayMs)}${level > 1 ? ` (opened ${level} times in a row)` : ""}`;
}
