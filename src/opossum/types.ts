/** The types of opossum's interface, under the names that `@types/opossum` gives them. */
import type { EventEmitter } from "node:events";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";

/** A cache of results: a `Map` of this process, or a store of the program. */
export interface CacheTransport {
  /** What is stored under the key: what `fire` returns then; a falsy value: nothing. */
  get(key: string): unknown;
  /** Stores a promise. `expiresAtMs`: ms since 1970; 0: never. */
  set(key: string, value: unknown, expiresAtMs: number): void;
  /** Forgets everything. */
  flush(): void;
}

/** An `AbortController`, as far as a breaker uses it. */
export interface Aborter {
  /** Aborted by `abort`. */
  readonly signal?: AbortSignal;
  /** Aborts what listens to the signal. */
  abort(reason?: unknown): void;
}

/** State of a breaker, as `toJSON` writes it. */
export interface BreakerState {
  /** Name of the breaker it was taken from; not read. */
  readonly name?: string | undefined;
  /** Whether calls are guarded. Default: true. */
  readonly enabled?: boolean | undefined;
  /** Whether every call passes. Default: true. */
  readonly closed?: boolean | undefined;
  /** Not read: open is what is neither closed nor half-open. */
  readonly open?: boolean | undefined;
  /** Whether the next call is a probe; needs `closed` false. Default: false. */
  readonly halfOpen?: boolean | undefined;
  /** Whether it warms up. Default: the option `allowWarmUp`. */
  readonly warmUp?: boolean | undefined;
  /** Whether it is shut down. Default: false. */
  readonly shutdown?: boolean | undefined;
  /** ms since 1970 when it opened last; before the first time: when it was made. */
  readonly lastTimerAt?: number | undefined;
}

/** A breaker as plain data. */
export interface BreakerRecord {
  /** For the option `state`. */
  readonly state: BreakerState;
  /** For the option `status`. */
  readonly status: Stats;
}

/** What a slice of the window counts. */
export interface Counts {
  /** Calls that failed, those that took too long included. */
  failures: number;
  /** Calls of the fallback. */
  fallbacks: number;
  /** Calls that succeeded, and those whose error `errorFilter` takes. */
  successes: number;
  /** Calls refused because the circuit is not closed. */
  rejects: number;
  /** Calls of `fire` and `call`, whatever became of them. */
  fires: number;
  /** Calls that took longer than `timeout`. */
  timeouts: number;
  /** Calls answered from the cache. */
  cacheHits: number;
  /** Calls not found in the cache. */
  cacheMisses: number;
  /** Calls that got the promise of another one. */
  coalesceCacheHits: number;
  /** Calls that found no promise to share. */
  coalesceCacheMisses: number;
  /** Calls over `capacity`. */
  semaphoreRejections: number;
}

/** A slice of the window. */
export interface Bucket extends Counts {
  /** Whether the circuit opened, or closed, last in this slice; undefined: neither. */
  isCircuitBreakerOpen?: boolean;
  /** Empty. */
  percentiles: Record<number, number>;
  /** ms, one for each success, failure and timeout, in the order in which they came. */
  latencyTimes: number[];
}

/** The counts of the whole window. */
export interface Stats extends Counts {
  /** ms by 0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995 and 1; -1 where `rollingPercentilesEnabled` is false. */
  percentiles: Record<number, number>;
  /** ms, sorted; empty where `rollingPercentilesEnabled` is false. */
  latencyTimes: number[];
  /** ms; 0 without latencies, -1 where `rollingPercentilesEnabled` is false. */
  latencyMean: number;
}

/** Options of a `Status`. */
export interface StatusOptions {
  /** Slices of the window: a whole number from 1 to 10,000. Default, also for 0: 10. */
  readonly rollingCountBuckets?: number | undefined;
  /** Length of the window: 1..86,400,000 ms. Default, also for 0: 10,000. */
  readonly rollingCountTimeout?: number | undefined;
  /** Whether latencies are kept. Default: true. */
  readonly rollingPercentilesEnabled?: boolean | undefined;
  /** Whether "snapshot" is emitted at the end of each slice, to listeners that there are. Default: true. */
  readonly enableSnapshots?: boolean | undefined;
  /** Turns the slices by its event "rotate". Default: time does. */
  readonly rotateBucketController?: EventEmitter | undefined;
  /** Counts to begin with; they go into the newest slice. */
  readonly stats?: Partial<Stats> | undefined;
}

/** Options of a breaker: those of opossum 10, with its defaults. Unknown ones are kept in `breaker.options`. */
export interface Options<TI extends unknown[] = unknown[]> extends Omit<StatusOptions, "stats"> {
  /** A call that takes longer fails: 1..86,400,000 ms; false or 0: no limit. Default: 10,000. */
  readonly timeout?: number | false | undefined;
  /** How long it stays open: 0..86,400,000 ms. Default: 30,000. */
  readonly resetTimeout?: number | undefined;
  /** It opens when a larger share of the calls fired fails: 0..100 percent. Default: 50. */
  readonly errorThresholdPercentage?: number | undefined;
  /** With fewer calls fired in the window it does not open: a whole number from 0. Default: 0. */
  readonly volumeThreshold?: number | undefined;
  /** Calls at once: a whole number from 0. Default: 2^53 - 1. */
  readonly capacity?: number | undefined;
  /** Default: the name of the function, else a random one. */
  readonly name?: string | undefined;
  /** Default: the name. */
  readonly group?: string | undefined;
  /** Default: true. */
  readonly enabled?: boolean | undefined;
  /** Whether it stays closed for the first `rollingCountTimeout`. Default: false. */
  readonly allowWarmUp?: boolean | undefined;
  /** Whether an error is no failure: it counts as a success then. Default: none is. */
  readonly errorFilter?: ((error: any, ...args: TI) => boolean | undefined | void) | undefined;
  /** Whether answers are kept for calls with the same key. Default: false. */
  readonly cache?: boolean | undefined;
  /** 0..86,400,000,000 ms; 0: for ever. Default: 0. */
  readonly cacheTTL?: number | undefined;
  /** A whole number from 1. Default: 2^24 - 1. */
  readonly cacheSize?: number | undefined;
  /** The key of a call. Default: its arguments as JSON. */
  readonly cacheGetKey?: ((...args: TI) => string) | undefined;
  /** Default: a cache in this process. */
  readonly cacheTransport?: CacheTransport | undefined;
  /** Whether calls with the same key share the promise of the first one. Default: false. */
  readonly coalesce?: boolean | undefined;
  /** As `cacheTTL`. Default: `timeout`. */
  readonly coalesceTTL?: number | undefined;
  /** As `cacheSize`. */
  readonly coalesceSize?: number | undefined;
  /** Ends after which the promise is no longer shared: "error", "success", "timeout". Default: none. */
  readonly coalesceResetOn?: readonly string[] | undefined;
  /** Aborted when a call takes too long. */
  readonly abortController?: Aborter | undefined;
  /** Whether an aborted one is replaced when the circuit half-opens or closes. Default: false. */
  readonly autoRenewAbortController?: boolean | undefined;
  /** Counts to begin with: a `Status`, or what `toJSON().status` gave. */
  readonly status?: object | undefined;
  /** State to begin with: what `toJSON().state` gave. */
  readonly state?: BreakerState | undefined;
  /** @deprecated Prints a warning, as in opossum. */
  readonly maxFailures?: number | undefined;
  /** Not in opossum: the registry in which the breaker appears by its name, for metrics and the live page. Default: none. */
  readonly breakers?: CircuitBreakerRegistry | undefined;
  readonly [unknown: string]: unknown;
}

/** Events of a breaker, with their arguments. */
export interface Events<TI extends unknown[] = unknown[], TR = unknown> {
  /** A call was fired, whatever becomes of it. */
  fire: [args: TI];
  /** The result, or an error that `errorFilter` takes. */
  success: [result: TR, latencyMs: number];
  /** A call failed, or took too long. */
  failure: [error: any, latencyMs: number, args: TI];
  /** A call took longer than `timeout`; "failure" follows. */
  timeout: [error: Error, latencyMs: number, args: TI];
  /** A call was refused because the circuit is not closed. */
  reject: [error: Error];
  /** It opened. */
  open: [];
  /** It closed. */
  close: [];
  /** `resetTimeout` is over. */
  halfOpen: [resetTimeoutMs: number];
  /** The fallback was called: what it returned, and the error that led to it. */
  fallback: [result: unknown, error: any];
  /** A call was over `capacity`. */
  semaphoreLocked: [error: Error, latencyMs: number];
  /** The function of `healthCheck` threw or rejected; "open" follows. */
  healthCheckFailed: [error: any];
  /** A call was answered from the cache. */
  cacheHit: [];
  /** A call was not found in the cache. */
  cacheMiss: [];
  /** A call got the promise of another one. */
  coalesceCacheHit: [];
  /** A call found no promise to share. */
  coalesceCacheMiss: [];
  /** It was shut down. */
  shutdown: [];
}
