/**
 * `bluesmoke`: breakers, registries, and functions over them. Importing it does nothing yet.
 *
 * `#core-module` is the build of the core: `inline.ts` here; the build makes `bluesmoke/js` and the entries of workerd and of
 * Vercel's edge runtime from this file with `javascript.ts`, `workerd.ts` and `edge.ts` in its place (docs/adr/0024).
 * @module bluesmoke
 */
export { CircuitBreaker, type StandaloneOptions } from "../breaker/breaker.ts";
export type { CallContext, CallFunction, ExecuteOptions } from "../breaker/call-options.ts";
export { type Clock, coarseClock, systemClock } from "../breaker/clock.ts";
export {
  CallTimeoutError,
  CircuitOpenError,
  isCallTimeoutError,
  isCircuitOpenError,
  isWasmRefusedError,
  type Refusal,
  type RefusalReason,
  WasmRefusedError,
} from "../breaker/errors.ts";
export type {
  Cause,
  CircuitBreakerEvent,
  ErrorSummary,
  EventKind,
  Listener,
  Opening,
  State,
  Unsubscribe,
} from "../breaker/events.ts";
export type { ExecuteSyncOptions } from "../breaker/execute-sync.ts";
export type {
  Backoff,
  BackoffFunction,
  BackoffName,
  BackoffOptions,
  CircuitBreakerOptions,
  Classify,
  ConsecutiveFailuresOptions,
  ConstantBackoffOptions,
  CountWindowOptions,
  Detector,
  DetectorName,
  DetectorOptions,
  ExponentialBackoffOptions,
  Fallback,
  HalfOpenOptions,
  Jitter,
  Mode,
  Outcome,
  OverloadName,
  OverloadOptions,
  Ramp,
  RampOptions,
  ResolvedOptions,
  Steps,
  StepsBackoffOptions,
  Throttle,
  ThrottleOptions,
  TimeWindowOptions,
} from "../breaker/options.ts";
export { CircuitBreakerRegistry, type RegistryOptions } from "../breaker/registry.ts";
export type { Snapshot, Totals } from "../breaker/snapshot.ts";
export { isOptionError, type OptionError, type OptionErrorFields } from "../breaker/validate.ts";
export type { WrapOptions } from "../breaker/wrap.ts";
export * from "../features/index.ts";
