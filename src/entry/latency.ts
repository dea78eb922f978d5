/**
 * `bluesmoke/latency`: how long calls take. Needs the package `hdr-histogram-js` beside this one.
 * @module bluesmoke/latency
 */
export {
  type Latency,
  type LatencyOptions,
  type LatencySnapshot,
  measureLatency,
} from "../features/latency.ts";
