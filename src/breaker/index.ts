/** What of this layer every entry hands on. */
export type { Heap } from "../core/exports.ts";
export { ImportError, type ImportFault, isImportError } from "./archive/importerror.ts";
export { Batch, FAILURE, MAXIMUM_BATCH_SIZE, NONE, RELEASE, SUCCESS } from "./batch.ts";
export type { GuardedBreaker } from "./breaker.ts";
export type { Classify, Outcome } from "./call/classify.ts";
export type { ExecuteOptions, Fallback } from "./call/execute.ts";
export type { Guarded } from "./call/guard.ts";
export type { ExecuteSyncOptions } from "./call/sync.ts";
export type { WrapOptions } from "./call/wrap.ts";
export type { Undo } from "./dispose.ts";
export {
  CallTimeoutError,
  CircuitOpenError,
  isCallTimeoutError,
  isCircuitOpenError,
  isRegistryFullError,
  isWasmRefusedError,
  RegistryFullError,
  ThreadError,
  WasmRefusedError,
} from "./errors.ts";
export type { Cause, CircuitBreakerEvent, EventKind, Opening, State } from "./event/event.ts";
export type { EventStream, EventStreamOptions } from "./event/eventstream.ts";
export type { Listener } from "./event/listeners.ts";
export type { Choice } from "./group.ts";
export type {
  Backoff,
  BackoffFunction,
  BackoffName,
  BackoffOptions,
  ConstantBackoffOptions,
  ExponentialBackoffOptions,
  Jitter,
  StepsBackoffOptions,
} from "./options/backoff.ts";
export { isOptionError, type OptionError, type OptionErrorFields } from "./options/check.ts";
export type {
  ConsecutiveFailuresOptions,
  CountWindowOptions,
  Detector,
  DetectorName,
  DetectorOptions,
  RateOptions,
  TimeWindowOptions,
} from "./options/detector.ts";
export type { CircuitBreakerOptions, HalfOpenOptions, Mode, ResolvedOptions } from "./options/options.ts";
export type { Overrides } from "./options/presets.ts";
export type { Ramp, RampOptions } from "./options/ramp.ts";
export type { EvictionOptions, Registry, RegistryOptions } from "./registry.ts";
export type { Snapshot } from "./snapshot.ts";
export type {
  AttachOptions,
  Exiting,
  RegistryHandle,
  SharedOptions,
  ThreadedRegistry,
  WebWorker,
} from "./thread/threads.ts";
export { type Clock, systemClock } from "./time/clock.ts";
export { coarseClock } from "./time/coarse.ts";
