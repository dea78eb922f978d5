/** Observing calls: how each one ended, and how long it took. */
import type { CircuitBreaker } from "../breaker/breaker.ts";
import { exactTimeOf } from "../breaker/clock.ts";
import type { Engine } from "../breaker/engine.ts";
import type { Unsubscribe } from "../breaker/events.ts";
import type { ObservedJob } from "../breaker/policy-cache.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { functionOption } from "../breaker/validate.ts";

/**
 * How a call ended. "success", "failure", "ignored": as it was judged, by `classify` or by the usual rule; "ignored" also
 * where its caller aborted it. "timeout": a failure by `timeoutMs`. "refused": the function was not called. "fallback":
 * told beside the refusal or failure that the fallback answers, when it is called.
 */
export type ObservedOutcome = "success" | "failure" | "refused" | "timeout" | "ignored" | "fallback";

/** One call behind a breaker. */
export interface ObservedCall {
  /** Name of the breaker. */
  readonly endpoint: string;
  /** How it ended. */
  readonly outcome: ObservedOutcome;
  /** ms since it began, on the exact clock of the breaker; 0 for a refused one. */
  readonly durationMs: number;
  /**
   * What it ended with, unless that is a success: the error, or the value that `classify` judged a failure or ignored. Of a
   * refusal a `CircuitOpenError`, of a timeout a `CallTimeoutError`, of a fallback the error that it answers.
   */
  readonly error?: unknown;
}

/** Gets each call. What it throws goes to `onError` of the registry, and changes nothing. */
export type CallObserver = (call: ObservedCall) => void;

/**
 * Tells of every call that goes through a breaker, or through a breaker of a registry, by `execute`, `executeSync` or `wrap`,
 * in this thread and from now on: a call is told before the breaker gets its report, and so before the events that follow
 * from it. Not told are tickets by hand, which have neither a duration nor an error: who reports them can tell of them; and
 * calls that began before, or whose signal was aborted before they began. While a registry has an observer, its calls are
 * timed, and none takes the fast path. Breakers that belong to no registry count as those of one.
 * @returns the undo.
 * @throws OptionError when `observer` is no function.
 */
export function observeCalls(
  target: CircuitBreaker | CircuitBreakerRegistry,
  observer: CallObserver,
): Unsubscribe {
  functionOption("observer", observer);
  const { onError } = target._engine.dispatcher;
  return watchCalls(target, ({ breaker, startMs }, outcome, error) => {
    const durationMs = outcome === "refused" ? 0 : Math.max(0, exactTimeOf(breaker._clock) - startMs);
    if (Number.isNaN(durationMs)) return; // it began before
    const { name: endpoint } = breaker;
    try {
      observer({ endpoint, outcome, durationMs, ...(outcome !== "success" && { error }) });
    } catch (error) {
      onError(error);
    }
  });
}

/** Gets the end of each call. */
type Watch = (job: ObservedJob, outcome: ObservedOutcome, end: unknown) => void;

const WATCHES = /* @__PURE__ */ new WeakMap<Engine, Set<Watch>>();

/** @internal Has `watch` called with the end of each call that is meant. Returns the undo. */
export function watchCalls(target: CircuitBreaker | CircuitBreakerRegistry, watch: Watch): Unsubscribe {
  const { policies } = target._engine;
  const watches = WATCHES.get(target._engine) ?? new Set();
  WATCHES.set(target._engine, watches);
  const isMeant = testOf(target);
  const own: Watch = (job, outcome, end) => {
    if (isMeant(job)) watch(job, outcome, end);
  };
  watches.add(own);
  policies.observers++;
  policies.observe = (job, outcome, end) => {
    for (const each of [...watches]) each(job, typeof outcome === "number" ? "failure" : outcome, end);
  };
  const stop = () => {
    if (!watches.delete(own)) return;
    policies.observers--;
    if (watches.size === 0) policies.observe = undefined;
  };
  return Object.assign(stop, { [Symbol.dispose]: stop });
}

/** @internal Whether a call goes through that breaker, or through one of that registry. */
export function testOf(target: CircuitBreaker | CircuitBreakerRegistry): (job: ObservedJob) => boolean {
  if (!("tryAcquire" in target)) return () => true;
  const { name, _engine: engine, _place: place } = target;
  if (engine.isByName) return ({ breaker }) => breaker.name === name;
  return ({ breaker }) => (breaker as CircuitBreaker)._place === place;
}
