/** What of this layer every entry hands on. */
export type { Heap } from "../core/exports.ts";
export type {
  Backoff,
  BackoffFunction,
  BackoffName,
  BackoffOptions,
  ConstantBackoffOptions,
  ExponentialBackoffOptions,
  Jitter,
  StepsBackoffOptions,
} from "./backoff.ts";
export { Batch, FAILURE, MAXIMUM_BATCH_SIZE, NONE, RELEASE, SUCCESS } from "./batch.ts";
export type { GuardedBreaker } from "./breaker.ts";
export { isOptionError, type OptionError, type OptionErrorFields } from "./check.ts";
export type { Classify, Outcome } from "./classify.ts";
export { type Clock, systemClock } from "./clock.ts";
export { coarseClock } from "./coarse.ts";
export type {
  ConsecutiveFailuresOptions,
  CountWindowOptions,
  Detector,
  DetectorName,
  DetectorOptions,
  RateOptions,
  TimeWindowOptions,
} from "./detector.ts";
export {
  CallTimeoutError,
  CircuitOpenError,
  isCallTimeoutError,
  isCircuitOpenError,
  isWasmRefusedError,
  ThreadError,
  WasmRefusedError,
} from "./errors.ts";
export type { Cause, CircuitBreakerEvent, EventKind, State } from "./event.ts";
export type { EventStream, EventStreamOptions } from "./eventstream.ts";
export type { ExecuteOptions, Fallback } from "./execute.ts";
export type { Guarded } from "./guard.ts";
export { ImportError, type ImportFault, isImportError } from "./importerror.ts";
export type { Listener } from "./listeners.ts";
export type { CircuitBreakerOptions, HalfOpenOptions, Mode, ResolvedOptions } from "./options.ts";
export type { EvictionOptions, Registry, RegistryOptions } from "./registry.ts";
export type { Snapshot } from "./snapshot.ts";
export type { ExecuteSyncOptions } from "./sync.ts";
export type {
  AttachOptions,
  Exiting,
  RegistryHandle,
  SharedOptions,
  ThreadedRegistry,
  WebWorker,
} from "./threads.ts";
export type { WrapOptions } from "./wrap.ts";
