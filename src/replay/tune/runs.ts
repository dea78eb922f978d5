/**
 * A trace made short for the search: in slices of time, per endpoint, runs of calls with the same outcome. The order of the
 * outcomes of an endpoint stays; what is lost is when in its slice a call ended. A run is one entry of a batch with a weight.
 */
import { type CallTrace, FAILURE, SUCCESS } from "../calls/call-trace.ts";

/** Runs in the order of their slices. Plain columns, so that threads can share them. */
export interface RunTrace {
  readonly endpoints: number;
  /** ms: of a slice. */
  readonly widthMs: number;
  /** Slices: their time, and the index of their first run; one more at the end. */
  readonly sliceMs: Float64Array;
  readonly firstRun: Uint32Array;
  /** Runs: endpoint, outcome, calls, representative duration (NaN: unknown). */
  readonly endpoint: Uint32Array;
  readonly outcomes: Uint8Array;
  readonly weights: Uint32Array;
  readonly durations: Float64Array;
  /** ms: mean duration of its calls, 0 where none is known: how long a probe takes. */
  readonly meanMs: Float64Array;
  /** Calls in all. */
  readonly calls: number;
  readonly good: number;
  readonly failed: number;
}

const MOST_IN_RUN = 1_000_000;

interface Ended {
  readonly order: Uint32Array;
  readonly endMs: Float64Array;
}

/**
 * @param widthMs of a slice
 * @param slowMs thresholds that the search may take for `slowCallMs`, growing: durations are told apart only by them
 */
export function runsOf(trace: CallTrace, widthMs: number, slowMs: readonly number[] = []): RunTrace {
  const { order, endMs } = byEnd(trace);
  const { endpoint, outcomes, weights, durationMs } = trace;
  const slices: number[] = [];
  const firstRun: number[] = [];
  const columns = {
    endpoint: [] as number[],
    outcomes: [] as number[],
    weights: [] as number[],
    durations: [] as number[],
    meanMs: [] as number[],
  };
  const sums = { calls: 0, good: 0, failed: 0 };
  let pending = new Map<number, Run[]>();
  let slice = Number.NaN;
  const flush = () => {
    if (pending.size === 0) return;
    slices.push((slice + 1) * widthMs);
    firstRun.push(columns.endpoint.length);
    for (const [index, runs] of pending) {
      for (const run of runs) {
        columns.endpoint.push(index);
        columns.outcomes.push(run.outcome);
        columns.weights.push(run.weight);
        columns.durations.push(run.durationMs);
        columns.meanMs.push(run.sumMs / run.weight);
      }
    }
    pending = new Map();
  };
  for (const call of order) {
    const at = Math.floor(endMs[call]! / widthMs);
    if (at !== slice) flush();
    slice = at;
    const outcome = outcomes[call]!;
    const weight = weights[call]!;
    sums.calls += weight;
    if (outcome === SUCCESS) sums.good += weight;
    else sums.failed += weight;
    const runs = pending.get(endpoint[call]!) ?? [];
    pending.set(endpoint[call]!, runs);
    const representative = representativeOf(durationMs[call]!, slowMs);
    const last = runs.at(-1);
    const isSame = last?.outcome === outcome && Object.is(last.durationMs, representative);
    const sumMs = (durationMs[call]! || 0) * weight; // NaN: unknown
    if (last && isSame && last.weight + weight <= MOST_IN_RUN) {
      last.weight += weight;
      last.sumMs += sumMs;
    } else runs.push({ outcome, weight, sumMs, durationMs: representative });
  }
  flush();
  firstRun.push(columns.endpoint.length);
  return {
    endpoints: trace.endpoints.length,
    widthMs,
    sliceMs: Float64Array.from(slices),
    firstRun: Uint32Array.from(firstRun),
    endpoint: Uint32Array.from(columns.endpoint),
    outcomes: Uint8Array.from(columns.outcomes),
    weights: Uint32Array.from(columns.weights),
    durations: Float64Array.from(columns.durations),
    meanMs: Float64Array.from(columns.meanMs),
    ...sums,
  };
}

interface Run {
  readonly outcome: number;
  weight: number;
  sumMs: number;
  readonly durationMs: number;
}

/** Calls with an outcome in the order of their ends. */
function byEnd({ count, startMs, durationMs, outcomes }: CallTrace): Ended {
  const endMs = startMs.map((start, call) => start + (durationMs[call]! || 0));
  const known = new Uint32Array(count)
    .map((_, call) => call)
    .filter((call) => outcomes[call] === SUCCESS || outcomes[call] === FAILURE);
  known.sort((one, other) => endMs[one]! - endMs[other]! || one - other);
  return { order: known, endMs };
}

/** A duration that is slow by the same thresholds: just above the largest that it is above. */
function representativeOf(durationMs: number, slowMs: readonly number[]): number {
  if (!(durationMs >= 0)) return Number.NaN;
  let representative = 0;
  for (const limit of slowMs) if (durationMs > limit) representative = limit + 1;
  return representative;
}
