/** Calls of breakers on a tracing channel of Node's `diagnostics_channel`. */
import diagnostics, { type TracingChannel } from "node:diagnostics_channel";
import type { CircuitBreaker } from "../breaker/breaker.ts";
import type { Engine } from "../breaker/engine.ts";
import type { State, Unsubscribe } from "../breaker/events.ts";
import type { ObservedJob } from "../breaker/policy-cache.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { type ObservedOutcome, testOf, watchCalls } from "./observe-calls.ts";

/** Name of the tracing channel: its channels are `tracing:bluesmoke:call:start` and so on. */
export const CALL_CHANNEL = "bluesmoke:call";

/** What is published of a call: one object from its start to its end. */
export interface CallTrace {
  /** Name of the breaker. */
  readonly endpoint: string;
  /** State of the breaker when the call began. */
  readonly state: State;
  /** How it ended; undefined until then. Where a fallback answered, "fallback". */
  outcome: ObservedOutcome | undefined;
  /** The value that the call gave. Set by Node. */
  readonly result?: unknown;
  /** The error that the call gave. Set by Node. */
  readonly error?: unknown;
}

interface Tracing {
  readonly tests: Set<(job: ObservedJob) => boolean>;
  readonly traces: WeakMap<ObservedJob, CallTrace>;
}

type Tracer = NonNullable<Engine["policies"]["around"]>;

const TRACINGS = /* @__PURE__ */ new WeakMap<Engine, Tracing>();

/**
 * Publishes every call that goes through a breaker, or through a breaker of a registry, by `execute`, `executeSync` or `wrap`,
 * on the tracing channel `bluesmoke:call`, as Node's `tracePromise` and `traceSync` do: `start` and `end` around the part of
 * the call that runs at once, `asyncStart` and `asyncEnd` where its promise has settled, `error` where it failed or was refused
 * without a fallback. All get the same `CallTrace`. Without subscribers nothing is published. While calls are traced, none
 * takes the fast path. A call is published once, however often this was called for it.
 * @returns the undo.
 * @throws Error where the runtime has no tracing channels.
 */
export function traceCalls(target: CircuitBreaker | CircuitBreakerRegistry): Unsubscribe {
  if (typeof diagnostics.tracingChannel !== "function") {
    throw new Error(
      "traceCalls requires diagnostics_channel.tracingChannel, which this runtime does not have",
    );
  }
  const { _engine: engine } = target;
  const tracing = TRACINGS.get(engine) ?? { tests: new Set(), traces: new WeakMap() };
  TRACINGS.set(engine, tracing);
  const { tests, traces } = tracing;
  const test = testOf(target);
  tests.add(test);
  engine.policies.around = tracerOf(tracing, diagnostics.tracingChannel<object>(CALL_CHANNEL));
  const off = watchCalls(target, (job, outcome) => {
    const trace = traces.get(job);
    if (trace) trace.outcome = outcome;
  });
  const stop = () => {
    off();
    tests.delete(test);
    if (tests.size === 0) engine.policies.around = undefined;
  };
  return Object.assign(stop, { [Symbol.dispose]: stop });
}

/** What runs the calls of an engine. */
function tracerOf({ tests, traces }: Tracing, channel: TracingChannel<object>): Tracer {
  return <R>(job: ObservedJob, run: () => R, isSync = false): R => {
    if (!channel.hasSubscribers || ![...tests].some((test) => test(job))) return run();
    const { name: endpoint, state } = job.breaker as CircuitBreaker;
    const trace: CallTrace = { endpoint, state, outcome: undefined };
    traces.set(job, trace);
    if (isSync) return channel.traceSync(run, trace);
    return channel.tracePromise(run as () => Promise<unknown>, trace) as R; // an asynchronous call gives a promise
  };
}
