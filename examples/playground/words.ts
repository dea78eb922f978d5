/** Numbers and sentences of the page. */
import { countOf, durationOf } from "../../src/replay/text/format-text.ts";
import { CLOSED, HALF_OPEN, type Lane, OPEN, THROTTLED } from "./lab.ts";

export { countOf, durationOf };

const FEW = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

/** "1.5", "1,200" */
export function shortOf(value: number): string {
  return value >= 1_000 ? countOf(value) : FEW.format(value);
}

/** "500 ms", "1.5 s", "2 min" */
export function msOf(ms: number): string {
  if (ms < 1_000) return `${shortOf(ms)} ms`;
  return ms < 120_000 ? `${shortOf(ms / 1_000)} s` : `${shortOf(ms / 60_000)} min`;
}

/** "33 %" */
export function percentOf(share: number): string {
  return `${shortOf(share * 100)} %`;
}

/** Simulated time: "0:32", "1:02:03" */
export function timeOf(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number) => String(value).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export const STATE_TITLES: Readonly<Record<number, string>> = {
  [CLOSED]: "closed",
  [OPEN]: "open",
  [HALF_OPEN]: "half-open",
  [THROTTLED]: "throttling",
};

/** What a policy does with the load in the second that has just passed. */
export function doingOf({ columns, breaker }: Lane, nowMs: number): string {
  const last = columns.good.length - 1;
  if (last < 0) return "Waits for the first call.";
  const [good, failed, refused] = [columns.good[last]!, columns.failed[last]!, columns.refused[last]!];
  const ended = good + failed;
  if (!breaker) {
    return failed === 0
      ? `Makes all calls: ${countOf(good)} succeed in this second.`
      : `Makes all calls: of ${countOf(ended)} in this second ${countOf(failed)} fail.`;
  }
  const state = columns.state[last]!;
  const { share } = breaker.snapshot(nowMs);
  if (breaker.state === "open") {
    const waitMs = breaker.retryAfterMs(nowMs);
    const until = Number.isFinite(waitMs) && waitMs > 0 ? ` for another ${durationOf(waitMs)}` : "";
    return `Open: refuses all calls${until}; ${countOf(refused)} in this second.`;
  }
  if (breaker.state === "half_open" && share > 0)
    return `Half-open, on its ramp: lets ${percentOf(share)} of the calls pass.`;
  if (breaker.state === "half_open") return "Half-open: a probe is out, all other calls are refused.";
  if (state === OPEN) return `Closed again in this second; ${countOf(refused)} calls were refused before.`;
  if (refused > 0) {
    return `Refuses ${countOf(refused)} of ${countOf(ended + refused)} calls in this second; of those that pass ${countOf(failed)} fail.`;
  }
  return failed === 0
    ? "Closed: all calls pass, and none fails."
    : `Closed: all calls pass; ${countOf(failed)} of ${countOf(ended)} fail in this second.`;
}

/** What it has achieved, compared with no breaker. */
export function balanceOf(lane: Lane, none: Lane): string {
  const { good, failed, refused } = lane.world;
  if (lane === none) return "";
  if (refused === 0) return "No call was refused: the same as without a breaker.";
  const saved = none.world.failed - failed;
  const gained = good - none.world.good;
  const parts = [
    saved >= 0
      ? `${countOf(saved)} fewer failed calls than without a breaker`
      : `${countOf(-saved)} more failed calls than without a breaker`,
    gained === 0
      ? "as many good ones"
      : gained > 0
        ? `${countOf(gained)} more good ones`
        : `${countOf(-gained)} fewer good ones`,
  ];
  return `${parts.join(", ")}; ${countOf(refused)} refused.`;
}

/** "1 call", "1,234 calls" */
export function counted(value: number, noun: string): string {
  return `${countOf(value)} ${noun}${value === 1 ? "" : "s"}`;
}
