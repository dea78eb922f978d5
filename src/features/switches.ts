/** Switching many breakers of a registry at once. */
import type { CircuitBreaker } from "../breaker/breaker.ts";
import { checkTime } from "../breaker/clock.ts";
import type { Mode } from "../breaker/options.ts";
import { MODES } from "../breaker/options.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { functionOption, nameOption } from "../breaker/validate.ts";

/** Whether a breaker is meant. */
export type Predicate = (breaker: CircuitBreaker) => boolean;

/**
 * Switches the breakers that are meant to a mode, all of them without a predicate, as `enable`, `disable`, `forceOpen` and
 * `shadow` do; returns how many are meant.
 * @throws OptionError; RangeError when `nowMs` is no time. Nothing is switched then.
 */
export function switchAll(
  registry: CircuitBreakerRegistry,
  mode: Mode,
  which?: Predicate,
  nowMs?: number,
): number {
  nameOption("mode", mode, MODES);
  return each(registry, which, nowMs, (breaker, now) => breaker._switchTo(mode, now));
}

/** Resets the breakers that are meant, likewise. */
export function resetAll(registry: CircuitBreakerRegistry, which?: Predicate, nowMs?: number): number {
  return each(registry, which, nowMs, (breaker, now) => breaker.reset(now));
}

/** First chooses, then acts: what is done may call listeners, and they may make and delete breakers. */
export function each(
  registry: CircuitBreakerRegistry,
  which: Predicate | undefined,
  nowMs: number | undefined,
  act: (breaker: CircuitBreaker, nowMs: number) => void,
): number {
  if (which !== undefined) functionOption("which", which);
  const now = nowMs === undefined ? registry.now() : checkTime(nowMs);
  const meant = [...registry].filter((breaker) => !which || which(breaker));
  for (const breaker of meant) act(breaker, now);
  return meant.length;
}
