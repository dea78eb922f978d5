/** Calls of each endpoint by time, for a chart. */
import type { CallTrace } from "../calls/call-trace.ts";
import { FAILURE, SUCCESS } from "../calls/call-trace.ts";
import type { CallWatcher } from "../whatif/replay-calls.ts";

/** Calls of one slice of time. */
export interface TimelineSlice {
  /** Let through, and succeeded. */
  succeeded: number;
  /** Let through, and failed. */
  failed: number;
  /** Let through, or refused then too: without an outcome. */
  unknown: number;
  /** Refused: they would have succeeded. */
  goodRefused: number;
  /** Refused: they would have failed. */
  failedSaved: number;
}

/** Calls by endpoint and time. */
export interface Timeline {
  /** For each endpoint its slices, in order. */
  readonly slices: readonly (readonly TimelineSlice[])[];
  /** Counts a call. */
  readonly watch: CallWatcher;
}

/** Slices of a chart. */
export const SLICES = 240;

/** Counts the calls of a replay: give `watch` to it. */
export function timelineOf(
  { endpoint, endpoints, startMs, weights }: CallTrace,
  fromMs: number,
  toMs: number,
): Timeline {
  const slices = endpoints.map(() => Array.from({ length: SLICES }, noCalls));
  const widthMs = Math.max(toMs - fromMs, 1) / SLICES;
  const watch: CallWatcher = (call, outcome, isRefused) => {
    const at = Math.min(Math.floor((startMs[call]! - fromMs) / widthMs), SLICES - 1);
    const slice = slices[endpoint[call]!]![at]!;
    const kind =
      outcome === SUCCESS
        ? isRefused
          ? "goodRefused"
          : "succeeded"
        : outcome === FAILURE
          ? isRefused
            ? "failedSaved"
            : "failed"
          : "unknown";
    slice[kind] += weights[call]!;
  };
  return { slices, watch };
}

function noCalls(): TimelineSlice {
  return { succeeded: 0, failed: 0, unknown: 0, goodRefused: 0, failedSaved: 0 };
}
