/** Observing reports of known duration: wraps two functions of a core, so that nothing is paid where there is no observer. */
import type { CircuitBreaker } from "../breaker/breaker.ts";
import type { Engine } from "../breaker/engine.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import type { CoreExports } from "../core/module.ts";

/** Gets each report of known duration. `weight`: it stands for so many calls. `address`: of the breaker, as a signed number. */
export type ReportObserver = (nowMs: number, durationMs: number, weight: number, address: number) => void;

type Report = CoreExports["succeed"];
type Watch = (address: number, nowMs: number, durationMs: number, weight: number) => void;

/** The observers of one engine, and how to unwrap its core. */
interface Observation {
  readonly watches: Set<Watch>;
  remove(): void;
}

const OBSERVATIONS = /* @__PURE__ */ new WeakMap<Engine, Observation>();

/**
 * From now on calls of that source's registry are timed, and `observer` gets the reports of the source. Returns the undo.
 */
export function observeReports(
  source: CircuitBreaker | CircuitBreakerRegistry,
  observer: ReportObserver,
): () => void {
  const { _engine: engine } = source;
  const isOf = "tryAcquire" in source ? addressTest(source) : () => true;
  const watch: Watch = (address, nowMs, durationMs, weight) => {
    if (isOf(address)) observer(nowMs, durationMs, weight, address);
  };
  const observation = OBSERVATIONS.get(engine) ?? wrapCore(engine);
  OBSERVATIONS.set(engine, observation);
  observation.watches.add(watch);
  return () => {
    if (!observation.watches.delete(watch) || observation.watches.size > 0) return;
    OBSERVATIONS.delete(engine);
    observation.remove();
  };
}

/** Whether a breaker is at an address now: blocks are used again, and breakers move. */
function addressTest(breaker: CircuitBreaker): (address: number) => boolean {
  const { _engine: engine, name } = breaker;
  const { names } = engine.core;
  if (engine.isByName) return (address) => names.find(name) === address >>> 0;
  return (address) => !breaker._isRemoved && breaker._id === (address | 0);
}

function wrapCore({ core: { exports }, policies }: Engine): Observation {
  const watches = new Set<Watch>();
  const { succeed, fail } = exports;
  const observed =
    (report: Report): Report =>
    (breaker, stripe, ticket, nowMs, durationMs, weight) => {
      if (durationMs >= 0) for (const watch of watches) watch(breaker, nowMs, durationMs, weight);
      return report(breaker, stripe, ticket, nowMs, durationMs, weight);
    };
  const wrapped = { succeed: observed(succeed), fail: observed(fail) };
  Object.assign(exports, wrapped);
  policies.isTimed = true;
  return {
    watches,
    remove() {
      policies.isTimed = false;
      // Only what is still in place: a thread that has detached refuses by functions of its own.
      if (exports.succeed === wrapped.succeed) exports.succeed = succeed;
      if (exports.fail === wrapped.fail) exports.fail = fail;
    },
  };
}
