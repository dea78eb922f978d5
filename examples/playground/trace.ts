/** A trace that was dropped onto the page, replayed with each policy. */
import { type CallTrace, FAILURE, SUCCESS, spanOf } from "../../src/replay/calls/call-trace.ts";
import { type ReadOptions, readTrace } from "../../src/replay/formats/read-trace.ts";
import { SLICES, timelineOf } from "../../src/replay/report/timeline.ts";
import { isTraceError } from "../../src/replay/trace-error.ts";
import { type ReplayResult, replayCalls } from "../../src/replay/whatif/replay-calls.ts";
import type { ChartData } from "./chart-data.ts";
import type { Value, Values } from "./fields.ts";
import { CLOSED, OPEN } from "./lab.ts";
import { optionsOf, POLICIES, type PolicyId } from "./policies.ts";
import { counted, countOf, durationOf } from "./words.ts";

/** A trace, or why there is none. */
export type Loaded = { readonly trace: CallTrace } | { readonly problem: string };

/** More would stop the page for long. */
const MOST_BYTES = 512 * 1_048_576;

/** Reads a file; the problem says what is wrong, where, and what was read before it. */
export async function loadTrace(
  file: Blob & { readonly name: string },
  options: ReadOptions,
): Promise<Loaded> {
  if (file.size > MOST_BYTES) {
    return {
      problem: `${file.name} has ${countOf(file.size)} bytes; this page reads at most ${countOf(MOST_BYTES)}.`,
    };
  }
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    return { problem: `${file.name} cannot be read: ${(error as Error).message}` };
  }
  return readBytes(file.name, bytes, options);
}

/** See `loadTrace`. */
export function readBytes(name: string, bytes: Uint8Array, options: ReadOptions): Loaded {
  try {
    const trace = readTrace(bytes, options);
    if (trace.count === 0) return { problem: `${name}: the trace has no calls` };
    return { trace };
  } catch (error) {
    if (isTraceError(error)) return { problem: `${name}: ${error.message}` };
    throw error;
  }
}

/** What a policy would have done. */
export interface TraceLane {
  readonly id: PolicyId;
  readonly data: ChartData;
  readonly sentence: string;
  readonly good: number;
  readonly failed: number;
  readonly refused: number;
  readonly noticedMs: number | undefined;
  readonly openings: number;
}

/** All policies. @throws OptionError for bad options */
export function replayTrace(trace: CallTrace, values: Values, timeoutMs: Value): readonly TraceLane[] {
  const [fromMs, toMs] = spanOf(trace);
  const sliceMs = Math.max(toMs - fromMs, 1) / SLICES;
  const lanes = POLICIES.map(({ id }) => {
    const { slices, watch } = timelineOf(trace, fromMs, toMs);
    const options = optionsOf(id, values);
    const result = options
      ? replayCalls(trace, { defaults: { ...options, timeoutMs: timeoutMs as number } }, watch)
      : replayCalls(trace, { defaults: { mode: "disabled" } }, watch);
    const perSecond = (count: number) => count / (sliceMs / 1_000);
    const sums = Array.from({ length: SLICES }, (_, at) => {
      const sum = { good: 0, failed: 0, refused: 0 };
      for (const list of slices) {
        const { succeeded, failed, goodRefused, failedSaved } = list[at]!; // what has no outcome is in no sum
        sum.good += succeeded;
        sum.failed += failed;
        sum.refused += goodRefused + failedSaved;
      }
      return sum;
    });
    const data: ChartData = {
      from: 0,
      to: (toMs - fromMs) / 1_000,
      width: sliceMs / 1_000,
      times: sums.map((_, at) => (at * sliceMs) / 1_000),
      good: sums.map(({ good }) => perSecond(good)),
      failed: sums.map(({ failed }) => perSecond(failed)),
      refused: sums.map(({ refused }) => perSecond(refused)),
      state: statesOf(result, fromMs, sliceMs),
      marks: [],
      highest: 1,
    };
    return { id, data, ...sumOf(result), sentence: sentenceOf(result, id) };
  });
  const highest = Math.max(
    ...lanes.flatMap(({ data }) => data.good.map((good, at) => good + data.failed[at]! + data.refused[at]!)),
  );
  return lanes.map((lane) => ({ ...lane, data: { ...lane.data, highest: Math.max(highest, 1e-3) * 1.1 } }));
}

/** Open where a breaker of any endpoint is. */
function statesOf({ endpoints, toMs }: ReplayResult, fromMs: number, sliceMs: number): number[] {
  const states = Array.from({ length: SLICES }, () => CLOSED);
  for (const { openings } of endpoints) {
    for (const { atMs, closedMs = toMs } of openings) {
      const first = Math.max(0, Math.floor((atMs - fromMs) / sliceMs));
      const last = Math.min(SLICES - 1, Math.floor((closedMs - fromMs) / sliceMs));
      for (let at = first; at <= last; at++) states[at] = OPEN;
    }
  }
  return states;
}

function sumOf({ total, endpoints }: ReplayResult): Omit<TraceLane, "id" | "data" | "sentence"> {
  const notices = endpoints.flatMap(({ outages }) =>
    outages.flatMap(({ noticedAfterMs }) => noticedAfterMs ?? []),
  );
  return {
    good: total.succeeded,
    failed: total.failed,
    refused: total.goodRefused + total.failedSaved,
    noticedMs: notices.length > 0 ? Math.max(...notices) : undefined,
    openings: endpoints.reduce((sum, { openings }) => sum + openings.length, 0),
  };
}

function sentenceOf({ total, endpoints }: ReplayResult, id: PolicyId): string {
  const { failed, failedSaved, goodRefused } = total;
  if (id === "none") return `${counted(failed, "call")} failed.`;
  const openings = endpoints.reduce((sum, one) => sum + one.openings.length, 0);
  return `Opens ${openings === 1 ? "once" : `${countOf(openings)} times`}: saves ${countOf(failedSaved)} of ${counted(failed + failedSaved, "failed call")}, refuses ${counted(goodRefused, "good call")}.`;
}

/** What a trace holds, in one sentence. */
export function aboutTrace(trace: CallTrace): string {
  const [fromMs, toMs] = spanOf(trace);
  let [good, failed, all] = [0, 0, 0];
  for (let call = 0; call < trace.count; call++) {
    const weight = trace.weights[call]!;
    all += weight;
    if (trace.outcomes[call] === SUCCESS) good += weight;
    else if (trace.outcomes[call] === FAILURE) failed += weight;
  }
  const unknown = all - good - failed;
  return `${counted(all, "call")} of ${counted(trace.endpoints.length, "endpoint")} in ${durationOf(toMs - fromMs)}: ${countOf(good)} succeeded, ${countOf(failed)} failed${unknown > 0 ? `, ${countOf(unknown)} were refused` : ""}.`;
}
