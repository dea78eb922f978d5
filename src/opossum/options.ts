/** Reads the options of a breaker: defaults of opossum, and an error for a value that cannot work. */
import { fieldsOf, functionOption, numberOption, type Range, wrongType } from "../breaker/validate.ts";
import { MemoryCache } from "./memory-cache.ts";
import type { Aborter, CacheTransport, Options } from "./types.ts";

/** ms: a timer of the platform cannot wait longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** ms: the core keeps a breaker open no longer. */
export const LONGEST_RESET_MS = 86_400_000;
/** ms, a thousand days. */
const LONGEST_TTL_MS = 1_000 * LONGEST_RESET_MS;

const ENDS = ["error", "success", "timeout"];

const TIMER: Range = { from: 0, to: LONGEST_TIMER_MS };
const TTL: Range = { from: 0, to: LONGEST_TTL_MS };
const CACHE_SIZE: Range = { from: 1, to: 2 ** 24 - 1, whole: true };
const WHOLE: Range = { from: 0, to: Number.MAX_SAFE_INTEGER, whole: true };
/** Slices of a window. */
export const BUCKETS: Range = { from: 0, to: 10_000, whole: true };
/** ms of a window. */
export const WINDOW: Range = TIMER;

/** Options with every default filled in. The object is the breaker's own; what is written to it later counts from then on. */
export interface ReadOptions extends Options<any[]> {
  timeout: number | false;
  resetTimeout: number;
  errorThresholdPercentage: number;
  rollingCountTimeout: number;
  rollingCountBuckets: number;
  rollingPercentilesEnabled: boolean;
  enableSnapshots: boolean;
  capacity: number;
  errorFilter: (error: any, ...args: any[]) => boolean | undefined | void;
  cacheTTL: number;
  cacheGetKey: (...args: any[]) => string;
  cacheTransport: CacheTransport | undefined;
  coalesce: boolean;
  coalesceTTL: number;
  coalesceResetOn: readonly string[];
  /** Promises that calls share. */
  coalesceCache: MemoryCache | undefined;
  abortController: Aborter | undefined;
}

const filterNothing = (): boolean => false;
const keyOf = (...args: unknown[]): string => JSON.stringify(args);

/** @throws OptionError, a TypeError or a RangeError that names option, range and value. */
export function readOptions(given: unknown): ReadOptions {
  const fields = given === undefined ? {} : fieldsOf("options", given);
  // Not own properties alone: opossum reads options that an object inherits, too.
  const options = (given ?? {}) as Options;
  const number = (name: keyof Options & string, range: Range, fallback: number): number =>
    numberOption(name, options[name] ?? undefined, range, fallback);
  const timeout = options.timeout === false ? false : number("timeout", TIMER, 10_000);
  const cache = options.cache ? transportOf(options, number) : options.cacheTransport;
  const coalesce = !!options.coalesce;
  number("volumeThreshold", WHOLE, 0);
  return {
    ...fields,
    timeout,
    resetTimeout: number("resetTimeout", { from: 0, to: LONGEST_RESET_MS }, 30_000),
    errorThresholdPercentage: number("errorThresholdPercentage", { from: 0, to: 100 }, 50),
    rollingCountTimeout: number("rollingCountTimeout", WINDOW, 10_000),
    rollingCountBuckets: number("rollingCountBuckets", BUCKETS, 10),
    rollingPercentilesEnabled: options.rollingPercentilesEnabled !== false,
    rotateBucketController: options.rotateBucketController,
    enableSnapshots: options.enableSnapshots !== false,
    capacity: number("capacity", WHOLE, Number.MAX_SAFE_INTEGER),
    errorFilter: optionalFunction("errorFilter", options.errorFilter) ?? filterNothing,
    cacheTTL: number("cacheTTL", TTL, 0),
    cacheGetKey: optionalFunction("cacheGetKey", options.cacheGetKey) ?? keyOf,
    cacheTransport: cache,
    coalesce,
    coalesceTTL: number("coalesceTTL", TTL, timeout === false ? 0 : timeout),
    coalesceResetOn: resetOn(options.coalesceResetOn),
    coalesceCache: coalesce ? new MemoryCache(number("coalesceSize", CACHE_SIZE, CACHE_SIZE.to)) : undefined,
    abortController: aborterOf(options),
  };
}

function transportOf(
  { cacheTransport }: Options,
  number: (name: keyof Options & string, range: Range, fallback: number) => number,
): CacheTransport {
  if (cacheTransport === undefined) return new MemoryCache(number("cacheSize", CACHE_SIZE, CACHE_SIZE.to));
  const { get, set, flush } = Object(cacheTransport) as Partial<CacheTransport>;
  if (get && set && flush) return cacheTransport;
  throw new TypeError("options.cacheTransport should be an object with `get`, `set` and `flush` methods");
}

function aborterOf({ abortController, autoRenewAbortController }: Options): Aborter | undefined {
  if (!abortController) return autoRenewAbortController ? new AbortController() : undefined;
  if (typeof abortController.abort === "function") return abortController;
  throw new TypeError("AbortController does not contain `abort()` method");
}

function optionalFunction<F>(name: string, value: F): F {
  if (value) functionOption(name, value);
  return value;
}

function resetOn(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongType("coalesceResetOn", "an array", value);
  return value.filter((end) => ENDS.includes(end));
}
