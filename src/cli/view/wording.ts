/** Breaker events as sentences. */
import type { CircuitBreakerEvent } from "../../breaker/events.ts";
import type { Detector } from "../../breaker/options.ts";
import { errorText, reasonOf } from "../../features/reason.ts";
import { seconds } from "../base/number-format.ts";
import { printable } from "../base/printable.ts";

/**
 * Such as "breaker payments opened: 6 of 20 calls in 10 s failed (70 % < 80 %), retry in 1.0 s".
 *
 * @param detectors those of the breaker, for the limit that was crossed. Default: the sentence leaves the limit out.
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

/** Of a change by a switch the command says what it means. */
function causeOf(event: CircuitBreakerEvent, detectors: readonly Detector[]): string {
  if (event.cause === "mode") return event.mode === "forced_open" ? "told to stop" : "told to go on";
  return reasonOf(event, detectors);
}

/** The failure that opened it, where its error is known. */
function errorOf({ lastError }: CircuitBreakerEvent): string {
  return lastError ? `, last error: ${errorText(lastError)}` : "";
}

function retryOf({ delayMs, level }: CircuitBreakerEvent): string {
  if (!Number.isFinite(delayMs)) return "until it is told to go on";
  return `retry in ${seconds(delayMs)}${level > 1 ? ` (opened ${level} times in a row)` : ""}`;
}
