/** What the main entry exports beside the two classes: a bundler leaves out what a program does not import. */
export {
  type ExportedBreaker,
  type ExportedState,
  type ExportedThrottle,
  type ExportedTime,
  type ExportedTotals,
  type ExportedWindow,
  exportState,
  exportStates,
  type ImportError,
  type ImportFault,
  importState,
  isImportError,
  type TotalCounts,
} from "./archive.ts";
export {
  acquireBatch,
  type Batch,
  createBatch,
  FAILURE,
  MAXIMUM_BATCH_SIZE,
  NONE,
  RELEASE,
  reportBatch,
  SUCCESS,
} from "./batch.ts";
export { type BreakerReading, type Collection, type CollectOptions, collect } from "./collect.ts";
export { type ConfigureOptions, configure } from "./configure.ts";
export { tallyErrors } from "./error-tally.ts";
export { type EventIterator, type EventSource, type EventsOptions, events } from "./event-iterator.ts";
export {
  type EvictionOptions,
  evictIdle,
  isRegistryFullError,
  limitBreakers,
  RegistryFullError,
} from "./eviction.ts";
export { type ExplainOptions, explain } from "./explain.ts";
export { type CallObserver, type ObservedCall, type ObservedOutcome, observeCalls } from "./observe-calls.ts";
export { type Overrides, setOverrides } from "./overrides.ts";
export { mayRetry, type RetryBudgetOptions } from "./retry-budget.ts";
export { snapshots } from "./snapshots.ts";
export { type Predicate, resetAll, switchAll } from "./switches.ts";
