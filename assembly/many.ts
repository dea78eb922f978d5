/** What looks at many breakers in one call: batches, and the sums for metrics. The build `batch` has nothing else. */
export { acquireBatch, firstBad, reportBatch } from "./batch";
export { collect } from "./collect";
