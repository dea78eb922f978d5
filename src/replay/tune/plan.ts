/** What a search works on: the two parts of the trace, the width of slices, thresholds for slow calls. */
import { type CallTrace, SUCCESS, sliceTrace, spanOf } from "../calls/call-trace.ts";
import { type Outage, outagesOf } from "../whatif/outages.ts";
import type { Goal } from "./goal.ts";
import { type RunTrace, runsOf } from "./runs.ts";

/** See the file. */
export interface TunePlan {
  /** The part that the search sees; all of the trace where it cannot be divided. */
  readonly seen: CallTrace;
  readonly unseen: CallTrace | undefined;
  readonly outages: readonly Outage[];
  readonly runs: RunTrace;
  readonly slowMs: readonly number[];
  readonly warnings: readonly string[];
}

/** ms: slices are a hundredth of the time in which an outage is to be noticed, within these bounds. */
const NARROWEST_MS = 10;
const WIDEST_MS = 100;
/** Calls that each part has at least. */
const LEAST_CALLS = 1_000;
/** Multiples of the usual duration of a call, and of its 99th percentile, from which on it may count as slow. */
const SLOW_FACTORS = [1.5, 5] as const;

/** Divides a trace, and makes its first part short. */
export function planOf(trace: CallTrace, goal: Goal): TunePlan {
  const warnings: string[] = [...trace.warnings];
  const outages = outagesOf(trace);
  const cutMs = cutOf(trace, outages);
  if (outages.length === 0) warnings.push("the trace has no outage: how soon one is noticed cannot be told");
  if (outages.length === 1)
    warnings.push("the trace has one outage: none is left to check the suggestions with");
  if (cutMs === undefined) warnings.push("the trace is too short to be divided: over-fitting would not show");
  const seen = cutMs === undefined ? trace : sliceTrace(trace, 0, cutMs);
  const unseen = cutMs === undefined ? undefined : sliceTrace(trace, cutMs, Infinity);
  const slowMs = slowThresholdsOf(seen);
  const widthMs = Math.min(Math.max((goal.noticeMs ?? 5_000) / 100, NARROWEST_MS), WIDEST_MS);
  return { seen, unseen, outages: outagesOf(seen), runs: runsOf(seen, widthMs, slowMs), slowMs, warnings };
}

/** ms: where the second part begins, so that both have outages where there are two; undefined: nowhere. */
function cutOf(trace: CallTrace, outages: readonly Outage[]): number | undefined {
  if (trace.count < 2 * LEAST_CALLS) return undefined;
  const [fromMs, toMs] = spanOf(trace);
  const usualMs = fromMs + (toMs - fromMs) * 0.6;
  if (outages.length === 0) return usualMs;
  const index = Math.ceil(outages.length / 2);
  const before = Math.max(...outages.slice(0, index).map((outage) => outage.toMs));
  const after = outages[index]?.fromMs ?? toMs;
  // All outages of the first part are over, and time for the way back has passed, before the cut.
  if (before >= after) return usualMs;
  return Math.min(Math.max(usualMs, before + (after - before) * 0.5), before + (after - before) * 0.9);
}

/** Growing; none where durations are unknown. */
function slowThresholdsOf({ durationMs, outcomes }: CallTrace): readonly number[] {
  const known = durationMs.filter((ms, call) => ms > 0 && outcomes[call] === SUCCESS).sort();
  if (known.length < LEAST_CALLS) return [];
  const p50 = known[known.length >>> 1]!;
  const p99 = known[Math.floor(known.length * 0.99)]!;
  const round = (ms: number) => Math.max(1, Number(ms.toPrecision(2)));
  const list = [round(p50 * SLOW_FACTORS[1]), round(p99 * SLOW_FACTORS[0]), round(p99 * SLOW_FACTORS[1])];
  return [...new Set(list)].sort((one, other) => one - other);
}
