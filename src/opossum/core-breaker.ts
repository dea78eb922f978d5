/** The breaker of the core that keeps the states: closed, open for `resetTimeout`, half-open with one probe. */
import { MAXIMUM_NAME_LENGTH } from "../../assembly/layout.ts";
import { CircuitBreaker, type Place } from "../breaker/breaker.ts";
import { systemClock } from "../breaker/clock.ts";
import { standaloneEngine } from "../breaker/engine.ts";
import { type CircuitBreakerOptions, type ResolvedOptions, resolveOptions } from "../breaker/options.ts";
import { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { optionError, wrongType } from "../breaker/validate.ts";
import type { ReadOptions } from "./options.ts";
import type { BreakerState } from "./types.ts";

/** ms: a probe without a timeout is given up no earlier. */
const SHORTEST_LEASE_MS = 30_000;
const DAY_MS = 86_400_000;
const MAXIMUM_BUCKETS = 64;

/**
 * A breaker that no verdict of its own opens: opossum judges by the calls fired, which the core does not count. It counts the
 * calls that ended, for its snapshot.
 * @throws OptionError when `breakers` is no registry, or has a breaker of that name.
 */
export function createCore(name: string, options: ReadOptions): CircuitBreaker {
  const { breakers } = options;
  const coreOptions = coreOptionsOf(options);
  const coreName = name.slice(0, MAXIMUM_NAME_LENGTH) || "anonymous";
  if (breakers === undefined) {
    return new CircuitBreaker(coreName, undefined, placeOf(coreName, coreOptions));
  }
  if (!(breakers instanceof CircuitBreakerRegistry)) {
    throw wrongType("breakers", "a CircuitBreakerRegistry", breakers);
  }
  if (breakers.has(coreName)) {
    throw optionError(
      "breakers",
      `breakers has a breaker named ${JSON.stringify(coreName)}: give another name`,
    );
  }
  return breakers.get(coreName, coreOptions);
}

/** Where a breaker that belongs to no registry is, as `placeStandalone` says it, which reads its options anew each time. */
function placeOf(name: string, options: ResolvedOptions): Place {
  const engine = standaloneEngine();
  const policy = engine.policies.of(options);
  const address = engine.core.create(policy.placed, name);
  return { engine, clock: systemClock, home: undefined, address, policy, slot: { address } };
}

/** Options of the core that are remembered: to read them costs more than the rest of a breaker. */
const MAXIMUM_REMEMBERED = 256;
const remembered = /* @__PURE__ */ new Map<string, ResolvedOptions>();

function coreOptionsOf(options: ReadOptions): ResolvedOptions {
  const { timeout, resetTimeout, rollingCountBuckets, rollingCountTimeout } = options;
  const key = [!timeout, resetTimeout, rollingCountBuckets, rollingCountTimeout].join();
  let resolved = remembered.get(key);
  if (!resolved) {
    resolved = resolveOptions(optionsFor(options));
    if (remembered.size < MAXIMUM_REMEMBERED) remembered.set(key, resolved);
  }
  return resolved;
}

function optionsFor(options: ReadOptions): CircuitBreakerOptions {
  const { timeout, resetTimeout, rollingCountBuckets, rollingCountTimeout } = options;
  const windowMs = Math.min(rollingCountTimeout || 10_000, DAY_MS);
  const buckets = Math.min(rollingCountBuckets || 10, MAXIMUM_BUCKETS, Math.floor(windowMs));
  return {
    detector: {
      kind: "success_rate_over_time_window",
      requiredSuccessRate: 0, // no rate is below
      windowMs,
      buckets,
    },
    backoff: { kind: "constant", delayMs: Math.max(1, resetTimeout) },
    decayMs: 0,
    // A timeout ends every probe; without one, a probe that never answers must not be the last.
    halfOpen: { probeTimeoutMs: timeout ? DAY_MS : Math.max(SHORTEST_LEASE_MS, resetTimeout) },
  };
}

/** Brings a new breaker into a state that `toJSON` wrote. An open one stays so for what is left of its time. */
export function restoreState(core: CircuitBreaker, state: BreakerState, resetMs: number): void {
  if (state.closed !== false) return;
  const nowMs = core._clock();
  const openForMs = state.halfOpen ? resetMs + 1 : sinceOf(state, resetMs);
  core.trip(Math.max(0, nowMs - openForMs));
  core.check(nowMs);
}

/** For how long it has been open, ms; 0 where that is not known. */
function sinceOf({ lastTimerAt }: BreakerState, resetMs: number): number {
  const sinceMs = Date.now() - (lastTimerAt ?? Number.NaN);
  return sinceMs > 0 ? Math.min(sinceMs, resetMs + 1) : 0;
}
