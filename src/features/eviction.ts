/** Forgetting breakers that are idle: on request, or where a registry is to have no more than so many. */
import type { CircuitBreaker } from "../breaker/breaker.ts";
import { checkTime } from "../breaker/clock.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { numberOption, objectOption } from "../breaker/validate.ts";
import { isLikeNew } from "../core/idle.ts";

/** Names that are looked at for an idle breaker, at most: at each call, and for each ms since the call before. */
const LOOKS = 64;
const LOOKS_PER_MS = 256;

/** A registry has as many breakers as it may, and too few of them are idle. */
export class RegistryFullError extends Error {
  /** "RegistryFullError". */
  override name = "RegistryFullError";
  /** Stable, for `isRegistryFullError`. */
  readonly code = "ERR_REGISTRY_FULL";
  /** The endpoint that gets no breaker. */
  readonly endpoint: string;
  /** The limit of `limitBreakers`. */
  readonly maximumBreakers: number;

  /** @internal */
  constructor(endpoint: string, maximumBreakers: number) {
    super(
      `no breaker for "${endpoint}": there are maximumBreakers (${maximumBreakers}), and too few are idle`,
    );
    this.endpoint = endpoint;
    this.maximumBreakers = maximumBreakers;
  }
}

/** Whether a registry had no room for another breaker; works across realms and duplicate installs. */
export function isRegistryFullError(error: unknown): error is RegistryFullError {
  return (error as Partial<RegistryFullError> | null | undefined)?.code === "ERR_REGISTRY_FULL";
}

/** Which idle breakers may be evicted. */
export interface EvictionOptions {
  /** Evict breakers made with options of their own, too. Only right where every `get` names the same ones. Default: false. */
  readonly overridden?: boolean | undefined;
}

/**
 * Frees idle breakers: in the mode in which they were made, closed, level 0, empty window, no failures in a row, the options
 * that `get` would give them, no listeners of their own. Such a breaker is the same as a new one, but for its counts of late
 * and refused calls: objects of it go on as before, and make it anew at the next call. A call under way is lost to it.
 * Returns how many were freed.
 * @throws RangeError when `nowMs` is no time; OptionError.
 */
export function evictIdle(
  registry: CircuitBreakerRegistry,
  nowMs?: number,
  options: EvictionOptions = {},
): number {
  const { overridden } = objectOption("options", options, ["overridden"]);
  const now = nowMs === undefined ? registry.now() : checkTime(nowMs);
  prepare(registry);
  let count = 0;
  for (const address of registry._core.names.addresses()) {
    if (isIdle(registry, address, now, overridden === true) && evict(registry, address)) count++;
  }
  return count;
}

/**
 * Lets a registry have no more than so many breakers: idle ones make room for another one (see `evictIdle`); where none is
 * idle, `get` and `importState` throw a RegistryFullError. A breaker that was evicted comes back when an object of it is
 * called, also over the limit.
 * @param maximum 1..16,000,000
 * @throws OptionError
 */
export function limitBreakers(registry: CircuitBreakerRegistry, maximum: number): void {
  numberOption("maximum", maximum, { from: 1, to: 16_000_000, whole: true });
  prepare(registry);
  const { names } = registry._core;
  let hand: Iterator<number> | undefined;
  let lookedMs = 0;
  const clear = (count: number, spared?: ReadonlySet<string>) => {
    if (names.size + count <= maximum) return true;
    if (count > maximum) return false;
    const nowMs = registry.now();
    // Once round at most, and no more in a row of calls than time allows: a registry full of busy breakers stays fast.
    let looks = Math.min(names.size, LOOKS + LOOKS_PER_MS * Math.max(0, nowMs - lookedMs));
    lookedMs = nowMs;
    for (; looks > 0 && names.size + count > maximum; looks--) {
      let next = hand?.next();
      if (!next || next.done) {
        hand = names.addresses()[Symbol.iterator]();
        next = hand.next();
      }
      if (next.done) break;
      const isSpared = spared?.has(names.nameOf(next.value) ?? "");
      if (!isSpared && isIdle(registry, next.value, nowMs, false)) evict(registry, next.value);
    }
    return names.size + count <= maximum;
  };
  registry._makeRoom = (endpoint, count, spared) => {
    if (!clear(count, spared) && endpoint !== undefined) throw new RegistryFullError(endpoint, maximum);
  };
}

/** @internal Evicts the breaker of a name if it is idle, see `evictIdle`. True where it has none now. */
export function evictIfIdle(registry: CircuitBreakerRegistry, name: string): boolean {
  prepare(registry);
  const address = registry._core.names.find(name);
  return !address || (isIdle(registry, address, registry.now(), false) && evict(registry, address));
}

/** Whether `get` would make the same breaker: idle, with the options of its name, without listeners of its own. */
function isIdle(
  registry: CircuitBreakerRegistry,
  address: number,
  nowMs: number,
  isOverridden: boolean,
): boolean {
  const { _core: core, _engine: engine } = registry;
  const policyOf = (name: string) => engine.policies.of(registry._optionsFor(name)).placed.address;
  const placed = core.policyOf(address);
  const isSure = isOverridden || registry._namedFor !== undefined;
  if (!isSure && placed !== engine.policies.of(registry._defaults).placed.address) return false;
  if (!isLikeNew(core, address, nowMs)) return false;
  const name = core.names.nameOf(address);
  if (name === undefined || engine.dispatcher.toOne.has(name)) return false;
  return isOverridden || placed === policyOf(name);
}

/** Takes a breaker out: its objects make it anew when they are called. */
function evict(registry: CircuitBreakerRegistry, address: number): boolean {
  const name = registry._core.names.nameOf(address);
  if (name === undefined || !registry._core.names.remove(name, address)) return false;
  for (const breaker of registry._objectsOf(name)) breaker._moveTo(0, breaker._policy);
  registry._free(address, name);
  return true;
}

/** Lets objects of evicted breakers find their breaker again. */
function prepare(registry: CircuitBreakerRegistry): void {
  registry.locate ??= (breaker, create) => locate(registry, breaker, create);
}

function locate(registry: CircuitBreakerRegistry, breaker: CircuitBreaker, create: boolean): void {
  if (breaker._isRemoved) return;
  const { name, _policy: policy } = breaker;
  const { names } = registry._core;
  let address = names.find(name);
  if (!address && create) {
    registry._makeRoom?.(undefined, 1);
    address = registry._enter(name, policy);
  }
  if (!address) {
    breaker._moveTo(0, policy);
    return;
  }
  breaker._moveTo(address, registry._policyAt(address, name, policy));
  const objects = registry._objectsOf(name);
  if (objects.length === 0) registry._objects.set(name, breaker);
  // After an eviction both a new and an old object of one breaker may be in use.
  else if (!objects.includes(breaker)) registry._twins.set(name, [...objects.slice(1), breaker]);
}
