/**
 * `bluesmoke/percentiles`: how long calls take. Needs the package `hdr-histogram-js` beside this one; its JavaScript is used,
 * not its WebAssembly, so nothing has to be awaited.
 * @module bluesmoke/percentiles
 */
import { build } from "hdr-histogram-js";
import type { GuardedBreaker } from "../breaker/breaker.ts";
import { attachGauge } from "../breaker/latency/gauge.ts";
import { type Histogram, Latency, type LatencyOptions } from "../breaker/latency/latency.ts";
import type { Registry } from "../breaker/registry.ts";

export type { Latency, LatencyOptions, LatencySnapshot } from "../breaker/latency/latency.ts";

/**
 * Measures the calls of a breaker, or of all breakers of a registry together, in this thread, from now on: successes and
 * failures whose duration is known. `execute`, `executeSync` and `wrap` take the time of each call from then on (two readings of
 * the clock), `onSuccess` and `onFailure` say it; batches are not measured. `stop()`, or the end of a `using`, ends it.
 * @throws OptionError for bad options.
 */
export function measureLatency(source: GuardedBreaker | Registry, options: LatencyOptions = {}): Latency {
  const latency = new Latency(options, histogramOf, () => source.now());
  const isOf = "address" in source ? (address: number) => address === source.address : () => true;
  const detach = attachGauge(source.board, (address, nowMs, durationMs, weight) => {
    if (isOf(address)) latency.record(nowMs, durationMs, weight);
  });
  return latency.begin(detach);
}

/** Of whole µs; grows with the longest. */
function histogramOf(significantDigits: number): Histogram {
  return build({
    bitBucketSize: 32,
    autoResize: true,
    numberOfSignificantValueDigits: significantDigits as 1 | 2 | 3 | 4 | 5, // checked
    useWebAssembly: false,
  }) as Histogram;
}
