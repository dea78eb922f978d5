/** Why a breaker opened, with its numbers: shared by `explain` and the command. */
import type { ErrorSummary, Opening } from "../breaker/events.ts";
import type { Detector } from "../breaker/options.ts";

/** Characters of an error's text that are shown. */
const MAXIMUM_ERROR_LENGTH = 160;

type Numbers = Omit<Opening, "atMs" | "lastError">;
type Window = Extract<Detector, { readonly requiredSuccessRate: number }>;

/**
 * Such as "13 of 41 calls in 10 s failed (68.2 % < 80 %)". Limits are those of the detector that gave the verdict; where it is
 * not among `detectors`, no limit is shown.
 */
export function reasonOf(opening: Numbers, detectors: readonly Detector[]): string {
  const { cause, calls } = opening;
  switch (cause) {
    case "success_rate_over_time_window":
    case "success_rate_over_count_window":
      return `${failedOf(opening, windowOf(cause, detectors))}${rateBelow(opening, windowOf(cause, detectors))}`;
    case "slow_call_rate_over_time_window":
    case "slow_call_rate_over_count_window": {
      const window = windowOf(cause.replace("slow_call_rate", "success_rate"), detectors);
      return `${opening.slow} of ${callsOf(calls, window)} ${slowIn(window)}${rateAbove(opening, window)}`;
    }
    case "hung_calls": {
      const window = windowOf("success_rate_over_time_window", detectors);
      const hungAfterMs = window && "hungAfterMs" in window ? window.hungAfterMs : undefined;
      const bound = hungAfterMs === undefined ? "" : ` for more than ${durationText(hungAfterMs)}`;
      return `${failedOf(opening, window)} or hang${bound}${rateBelow(opening, window)}`;
    }
    case "consecutive_failures": {
      const detector = detectors.find(({ kind }) => kind === cause);
      const failures = detector?.kind === cause ? detector.failures : undefined;
      if (failures === 1) return "a call failed";
      return `${failures === undefined ? "too many" : countText(failures)} calls failed in a row`;
    }
    case "delay_ended":
      return "the delay has ended";
    case "probe_failed":
      return "the probe failed";
    case "probe_timed_out":
      return "the probe was not answered in time";
    case "probes_succeeded":
      return "the probe succeeded";
    case "ramp_ended":
      return "all calls may pass again";
    case "overloaded":
      return failedOf(opening, windowOf("success_rate_over_time_window", detectors));
    case "relieved":
      return "all calls may pass again";
    case "tripped":
      return "it was tripped";
    case "mode":
      return "its mode was changed";
    case "reset":
      return "it was reset";
  }
}

/**
 * Such as "ECONNRESET: read ECONNRESET": in one line, without what moves the cursor of a terminal. A status that the message has,
 * as in "HTTP 503", is not told twice.
 */
export function errorText({ name, message, code }: ErrorSummary): string {
  const isTold = typeof code === "number" && message.includes(String(code));
  const prefix = isTold ? undefined : (code ?? (name === "Error" ? undefined : name));
  const text = [prefix, message].filter((part) => part !== undefined && part !== "").join(": ") || name;
  const line = text.replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return line.length > MAXIMUM_ERROR_LENGTH ? `${line.slice(0, MAXIMUM_ERROR_LENGTH)}…` : line;
}

/** "350 ms", "4.1 s", "10 s", "2.5 min", "3 h". Rounded up: a time that is left is never shown as over. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)} ms`;
  if (ms < 120_000) return `${tenths(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${tenths(ms / 60_000)} min` : `${tenths(ms / 3_600_000)} h`;
}

/** "68.2 %". Rounded towards 0, so that 79.96 % never reads as 80 % beside a limit of 80 %. */
export function percentText(share: number): string {
  return `${Math.floor(Math.round(share * 1e7) / 1e4) / 10} %`;
}

/** "200,000" */
export function countText(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** "41 calls in 10 s", "the last 41 calls" */
export function callsOf(calls: number, window: Window | undefined): string {
  const noun = `${countText(calls)} ${calls === 1 ? "call" : "calls"}`;
  if (window?.kind === "success_rate_over_time_window") return `${noun} in ${durationText(window.windowMs)}`;
  return window ? `the last ${noun}` : noun;
}

/** "took longer than 500 ms" */
export function slowIn(window: Window | undefined): string {
  return window?.slowCallMs === undefined
    ? "were slow"
    : `took longer than ${durationText(window.slowCallMs)}`;
}

function failedOf({ failures, calls }: Numbers, window: Window | undefined): string {
  return `${countText(failures)} of ${callsOf(calls, window)} failed`;
}

function windowOf(kind: string, detectors: readonly Detector[]): Window | undefined {
  return detectors.find(
    (detector): detector is Window => detector.kind === kind && "minimumCalls" in detector,
  );
}

function rateBelow({ successRate }: Numbers, window: Window | undefined): string {
  if (!window || successRate === undefined) return "";
  return ` (${percentText(successRate)} < ${percentText(window.requiredSuccessRate)})`;
}

function rateAbove({ slow, calls }: Numbers, window: Window | undefined): string {
  if (window?.maximumSlowRate === undefined || calls === 0) return "";
  return ` (${percentUp(slow / calls)} > ${percentText(window.maximumSlowRate)})`;
}

/** Rounded up, since 50.04 % must not read as 50 % beside a limit of 50 %. */
function percentUp(share: number): string {
  return `${Math.ceil(Math.round(share * 1e7) / 1e4) / 10} %`;
}

function tenths(value: number): number {
  return Math.ceil(Math.round(value * 1e6) / 1e5) / 10;
}
