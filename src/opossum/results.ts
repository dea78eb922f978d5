/** Results that calls with the same key share: kept answers, and promises under way. */
import { warn } from "../breaker/platform.ts";
import type { Call } from "./call.ts";
import type { ReadOptions } from "./options.ts";
import type { Counts } from "./types.ts";

/** Of calls whose result has no key. */
export const NO_KEY = /* @__PURE__ */ Symbol("no key");

/** A breaker, as far as it looks for results: it counts and emits what it found. */
export interface Seeker {
  readonly options: ReadOptions;
  _note(count: keyof Counts, event: string): void;
}

/** The result that is kept or shared under the key; undefined: there is none. @throws what the store throws */
export function findResult(seeker: Seeker, key: string): Promise<unknown> | undefined {
  const { cache, cacheTransport, coalesceCache } = seeker.options;
  if (cache) {
    const kept = cacheTransport!.get(key);
    seeker._note(kept ? "cacheHits" : "cacheMisses", kept ? "cacheHit" : "cacheMiss");
    if (kept) return kept as Promise<unknown>;
  }
  if (coalesceCache) {
    const shared = coalesceCache.get(key);
    const event = shared ? "coalesceCacheHit" : "coalesceCacheMiss";
    seeker._note(shared ? "coalesceCacheHits" : "coalesceCacheMisses", event);
    if (shared) return shared as Promise<unknown>;
  }
  return undefined;
}

/** Keeps the result of a call that succeeded. An error of the store is a warning: the call has its result. */
export function keepResult({ cache, cacheTTL, cacheTransport }: ReadOptions, { key, result }: Call): void {
  if (!cache || key === NO_KEY) return;
  try {
    cacheTransport!.set(key as string, result, expiryAfter(cacheTTL));
  } catch (error) {
    warn(error);
  }
}

/** Lets later calls with the same key have the promise. */
export function shareResult(
  { coalesceTTL, coalesceCache }: ReadOptions,
  call: Call,
  promise: Promise<unknown>,
): Promise<unknown> {
  if (call.key !== NO_KEY && !call.isUnshared) {
    coalesceCache?.set(call.key as string, promise, expiryAfter(coalesceTTL));
  }
  return promise;
}

/** Ends that, where an end of this kind does. */
export function unshareResult(
  { coalesceCache, coalesceResetOn }: ReadOptions,
  call: Call,
  end: string,
): void {
  if (call.key === NO_KEY || !coalesceResetOn.includes(end)) return;
  call.isUnshared = true;
  coalesceCache?.delete(call.key as string);
}

/** ms since 1970; 0: never. */
function expiryAfter(ttlMs: number): number {
  return ttlMs > 0 ? Date.now() + ttlMs : 0;
}
