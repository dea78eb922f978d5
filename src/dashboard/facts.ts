/** The options of a breaker in words, for the page. */
import type { Backoff, Detector, ResolvedOptions } from "../breaker/options.ts";
import { durationText, percentText } from "../features/reason.ts";
import type { Facts } from "./protocol.ts";

/** See `Facts`. */
export function factsOf({ detector, backoff }: Pick<ResolvedOptions, "detector" | "backoff">): Facts {
  const rate = detector.find((one) => "requiredSuccessRate" in one);
  return {
    ...(rate && "requiredSuccessRate" in rate ? { requiredSuccessRate: rate.requiredSuccessRate } : {}),
    detectors: detector.map(detectorText).join("; or "),
    backoff: backoffText(backoff),
  };
}

function detectorText(detector: Detector): string {
  if (detector.kind === "consecutive_failures") return `${detector.failures} failures in a row`;
  const { requiredSuccessRate, minimumCalls } = detector;
  const window =
    detector.kind === "success_rate_over_time_window"
      ? durationText(detector.windowMs)
      : `the last ${detector.calls} calls`;
  const slow = detector.slowCallMs
    ? `, or more than ${percentText(detector.maximumSlowRate ?? 0.5)} slower than ${durationText(detector.slowCallMs)}`
    : "";
  return `success rate below ${percentText(requiredSuccessRate)} over ${window}${slow}, from ${minimumCalls} calls on`;
}

function backoffText(backoff: Backoff): string {
  const jitter = backoff.jitter === "none" ? "" : `, ${backoff.jitter} jitter`;
  if (backoff.kind === "constant") return `${durationText(backoff.delayMs)}${jitter}`;
  if (backoff.kind === "steps")
    return `${backoff.delaysMs.slice(0, 8).map(durationText).join(", ")}${backoff.delaysMs.length > 8 ? ", …" : ""}${jitter}`;
  const { initialMs, factor, maximumMs } = backoff;
  return `${durationText(initialMs)}, then ${factor} times as long each, up to ${durationText(maximumMs)}${jitter}`;
}
