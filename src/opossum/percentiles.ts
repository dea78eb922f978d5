/** Latencies of a window: mean and percentiles. */
import type { Stats } from "./types.ts";

const PERCENTILES = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 1];

type Latencies = Pick<Stats, "percentiles" | "latencyTimes" | "latencyMean">;

/** Sorted latencies with mean and percentiles by the nearest rank; without `times` -1 for each. */
export function latenciesOf(times: readonly (readonly number[])[] | undefined): Latencies {
  if (!times) return { percentiles: percentilesBy(() => -1), latencyTimes: [], latencyMean: -1 };
  const sorted = times.flat().sort((a, b) => a - b);
  let sum = 0;
  for (const time of sorted) sum += time;
  return {
    percentiles: percentilesBy((share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0),
    latencyTimes: sorted,
    latencyMean: sorted.length > 0 ? sum / sorted.length : 0,
  };
}

function percentilesBy(timeAt: (share: number) => number): Record<number, number> {
  return Object.fromEntries(PERCENTILES.map((share) => [share, timeAt(share)]));
}
