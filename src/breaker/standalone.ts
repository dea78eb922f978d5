/** Breakers that belong to no registry: all share an engine, and each is freed with its object. */
import { type Clock, guardClock } from "./clock.ts";
import { checkName, standaloneEngine } from "./engine.ts";
import { type CircuitBreakerOptions, resolveOptions } from "./options.ts";
import { fieldsOf } from "./validate.ts";

/** Options of a breaker that belongs to no registry. */
export interface StandaloneOptions extends CircuitBreakerOptions {
  /** Default: monotonic ms since 1970, coarse under load; see `Clock`. */
  readonly clock?: Clock | undefined;
}

/** The block of one breaker: all that is kept of it to free its memory. */
export interface Slot {
  address: number;
}

/** Frees the memory of breakers that belong to no registry when their objects are garbage. */
export const finalizer =
  typeof FinalizationRegistry === "function"
    ? /* @__PURE__ */ new FinalizationRegistry<Slot>(freeStandalone)
    : undefined;

/** Frees the block of a breaker. */
export function freeStandalone({ address }: Slot): void {
  const engine = standaloneEngine();
  engine.dispatcher.forget(address);
  engine.core.free(address);
}

/** A block for a breaker of that name. @throws OptionError; RangeError when there is no memory */
export function placeStandalone(name: string, given: StandaloneOptions | undefined) {
  checkName(name);
  const { clock, ...options } = fieldsOf("options", given === undefined ? {} : given) as StandaloneOptions;
  const resolved = resolveOptions(given && options);
  const own = guardClock(clock);
  const engine = standaloneEngine();
  const policy = engine.policies.of(resolved);
  const address = engine.core.create(policy.placed, name);
  return { engine, clock: own, home: undefined, address, policy, slot: { address } };
}
