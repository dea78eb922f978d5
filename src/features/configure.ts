/** Giving live breakers other options. */
import { CircuitBreaker } from "../breaker/breaker.ts";
import { checkTime } from "../breaker/clock.ts";
import {
  type CircuitBreakerOptions,
  completeOptions,
  type NamedOptions,
  type ResolvedOptions,
  readOptions,
} from "../breaker/options.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { objectOption } from "../breaker/validate.ts";
import { isSameShape, keptState } from "../core/compatibility.ts";
import { addressIn } from "../core/state.ts";
import { writeState } from "../core/write-state.ts";
import { changesUnder } from "./overrides.ts";
import { each, type Predicate } from "./switches.ts";

/** Which breakers, and when. */
export interface ConfigureOptions {
  /** Of a registry: the breakers that are meant. Default: all there are, and all to come. */
  readonly which?: Predicate | undefined;
  /** Default: the clock. */
  readonly nowMs?: number | undefined;
}

/**
 * Gives a breaker, or breakers of a registry, other options from now on; what is left out stays as it is (each option by
 * itself, `halfOpen` value by value). State, level, deadline and counters stay, and so do windows whose shape stays
 * (`windowMs`, `buckets`, `calls`): they are judged anew at once. Another window starts empty. An open breaker stays open
 * until the time that was set when it opened. A change of a window's shape or of `halfOpen.probes` begins a new generation:
 * calls under way are late when they report. `mode` switches, as `enable`, `disable`, `forceOpen` and `shadow` do.
 *
 * Of a registry without `which`: overrides of a name stay (see `setOverrides`). Of a shared registry, each thread has
 * defaults of its own for breakers to come. Returns how many breakers there were.
 * @throws OptionError for bad options, RangeError when `nowMs` is no time or there is no memory. Nothing is changed then.
 */
export function configure(
  target: CircuitBreaker | CircuitBreakerRegistry,
  options: CircuitBreakerOptions,
  choice?: ConfigureOptions,
): number {
  const { which, nowMs } = objectOption("options", choice, ["which", "nowMs"]) as ConfigureOptions;
  const named = readOptions(options);
  if (target instanceof CircuitBreaker || "tryAcquire" in target) {
    const breaker = target as CircuitBreaker;
    assume(breaker, completeOptions(named, breaker.options), named, breaker._time(nowMs));
    return 1;
  }
  if (nowMs !== undefined) checkTime(nowMs);
  const isOfAll = which === undefined;
  if (isOfAll) target._defaults = completeOptions(named, target._defaults);
  const completed = new Map<ResolvedOptions, ResolvedOptions>(); // most breakers have the same
  return each(target, which, nowMs, (breaker, now) => {
    const present = breaker.options;
    const changes = isOfAll ? changesUnder(target, breaker.name, named) : named;
    let next = changes === named ? completed.get(present) : undefined;
    if (!next) {
      next = completeOptions(changes, present);
      if (changes === named) completed.set(present, next);
    }
    assume(breaker, next, changes, now);
  });
}

/** Options that were checked. */
function assume(
  breaker: CircuitBreaker,
  options: ResolvedOptions,
  { mode }: NamedOptions,
  nowMs: number,
): void {
  const { _core: core, _engine: engine } = breaker;
  const policy = engine.policies.of(options);
  const { address } = policy.placed;
  breaker._change(nowMs, (id, _, now, seen) => {
    const from = id >>> 0;
    const stays = isSameShape(core.memory, core.policyOf(from), address);
    const to = stays ? from : move(breaker, from, policy.placed);
    if (to === 0) return -1;
    if (!stays) engine.dispatcher.forget(from, to);
    const stripe = core.stripeOf(to, policy.placed);
    // Of a breaker that has moved this is the policy already: it is only judged. FREED has risen by one then, or else
    // another thread may have freed the breaker since.
    const bits = core.exports.configure(to, stripe, address, now, stays ? seen : seen + 1);
    if (bits < 0) return bits;
    core.announce();
    for (const object of objectsOf(breaker)) object._moveTo(to, policy);
    return bits;
  });
  if (mode !== undefined && !breaker._isRemoved) breaker._switchTo(options.mode, nowMs);
}

/** Every object of the breaker in this thread. */
function objectsOf(breaker: CircuitBreaker): readonly CircuitBreaker[] {
  const registry = breaker._place.home as CircuitBreakerRegistry | undefined;
  const objects = registry?._objectsOf(breaker.name) ?? [];
  return objects.includes(breaker) ? objects : [...objects, breaker];
}

/**
 * Moves a breaker to a block of another shape with all that it holds but windows of another shape. It begins a new generation
 * there, and writes no journal. 0: another thread owns the breaker, and nothing is changed.
 * @throws RangeError when there is no memory; nothing is changed then.
 */
function move(breaker: CircuitBreaker, from: number, placed: CircuitBreaker["_policy"]["placed"]): number {
  const { _core: core, name } = breaker;
  return core.move(name, from, placed, breaker._place.home !== undefined, (to) => {
    const state = keptState(addressIn(core, from), placed.address);
    writeState(addressIn(core, to), state, state.nowMs, core.generationOf(to));
  });
}
