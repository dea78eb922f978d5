/** When endpoints were down, by the calls of a trace alone: what a breaker should have noticed. */
import { type CallTrace, FAILURE, SUCCESS } from "../calls/call-trace.ts";

/** A time in which an endpoint failed most of its calls. */
export interface Outage {
  /** Index of the endpoint. */
  readonly endpoint: number;
  /** ms: end of the first failed call, since no breaker can know before. */
  readonly fromMs: number;
  /** ms: end of the last failed call. */
  readonly toMs: number;
  /** Calls in it. */
  readonly calls: number;
  /** Calls in it that failed. */
  readonly failures: number;
}

/** ms: slices in which calls are counted. */
const SLICE_MS = 1_000;
/** A slice is bad if at least this share of its calls failed. */
const BAD_SHARE = 0.5;
/** Failures that an outage has at least. */
const LEAST_FAILURES = 5;
/** ms: bad slices that are no further apart belong to one outage, unless a good one lies between. */
const JOINED_MS = 5_000;

interface Slice {
  number: number;
  calls: number;
  failures: number;
  firstMs: number;
  lastMs: number;
}

/**
 * Outages by endpoint, in the order of their begin: seconds in which at least half of the calls that ended failed, with five
 * failures or more in all; bad seconds up to five seconds apart are one outage where no good one lies between.
 */
export function outagesOf(trace: CallTrace): readonly Outage[] {
  const known = KNOWN.get(trace);
  if (known) return known;
  const outages = slicesOf(trace).flatMap((list, endpoint) => outagesIn(list, endpoint));
  outages.sort((one, other) => one.fromMs - other.fromMs);
  KNOWN.set(trace, outages);
  return outages;
}

/** A trace is replayed many times. */
const KNOWN = /* @__PURE__ */ new WeakMap<CallTrace, readonly Outage[]>();

function slicesOf({
  endpoints,
  count,
  endpoint,
  startMs,
  durationMs,
  outcomes,
  weights,
}: CallTrace): Slice[][] {
  const byNumber = endpoints.map(() => new Map<number, Slice>());
  for (let i = 0; i < count; i++) {
    if (outcomes[i] !== SUCCESS && outcomes[i] !== FAILURE) continue;
    const endMs = startMs[i]! + (durationMs[i]! || 0);
    const number = Math.floor(endMs / SLICE_MS);
    const slices = byNumber[endpoint[i]!]!;
    const slice = slices.get(number) ?? { number, calls: 0, failures: 0, firstMs: Infinity, lastMs: 0 };
    slices.set(number, slice);
    slice.calls += weights[i]!;
    if (outcomes[i] !== FAILURE) continue;
    slice.failures += weights[i]!;
    slice.firstMs = Math.min(slice.firstMs, endMs);
    slice.lastMs = Math.max(slice.lastMs, endMs);
  }
  return byNumber.map((slices) => [...slices.values()].sort((one, other) => one.number - other.number));
}

function outagesIn(slices: readonly Slice[], endpoint: number): Outage[] {
  const outages: { endpoint: number; fromMs: number; toMs: number; calls: number; failures: number }[] = [];
  let isOpen = false;
  for (const { calls, failures, firstMs, lastMs } of slices) {
    const isBad = failures > 0 && failures >= calls * BAD_SHARE;
    const current = outages.at(-1);
    if (!isBad) isOpen = false;
    else if (isOpen && current && firstMs - current.toMs <= JOINED_MS) {
      current.toMs = lastMs;
      current.calls += calls;
      current.failures += failures;
    } else outages.push({ endpoint, fromMs: firstMs, toMs: lastMs, calls, failures });
    if (isBad) isOpen = true;
  }
  return outages.filter((outage) => outage.failures >= LEAST_FAILURES);
}
