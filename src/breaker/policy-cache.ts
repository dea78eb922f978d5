/** Resolved options and the policy in memory that they became. Breakers of the same options share one. */
import type { Core, PlacedPolicy } from "../core/core.ts";
import type { Policy } from "../core/policy.ts";
import type { Clock } from "./clock.ts";
import { type Classify, type Fallback, type Outcome, policyOf, type ResolvedOptions } from "./options.ts";
import { warn } from "./platform.ts";

/** ms: no call takes as long, and it is not Infinity. */
const ALWAYS_TIMED_MS = 1.7976931348623157e308; // Number.MAX_VALUE

/** Defaults of the calls of a breaker. */
export interface CallDefaults {
  readonly timeoutMs?: number | undefined;
  readonly classify?: Classify<unknown> | undefined;
  readonly fallback?: Fallback<unknown> | undefined;
}

/** What observers are told of a call. A number: a failure, and ms for the breaker to stay open. */
export type CallOutcome = Outcome | number | "timeout" | "refused" | "fallback";

/** A call, as far as observers need it. */
export interface ObservedJob {
  readonly breaker: { readonly name: string; readonly _clock: Clock };
  /** ms; NaN: it began without an observer. */
  readonly startMs: number;
}

export class PolicyEntry {
  readonly options: ResolvedOptions;
  readonly placed: PlacedPolicy;
  /** ms; a call that is out for longer counts as a failure; 0: none does. */
  readonly hungAfterMs: number;
  /** A call cannot be admitted without a time: it may be pending or throttled. */
  readonly needsTime: boolean;
  /** Snapshots show the time window, and not the count window. */
  readonly hasTimeWindow: boolean;
  readonly callDefaults: CallDefaults;
  readonly cache: PolicyCache;
  /** A call needs neither a time nor a ticket of its own, and there are no defaults for calls; unless calls are timed. */
  readonly isPlain: boolean;
  readonly #slowCallMs: number;

  constructor(cache: PolicyCache, options: ResolvedOptions, placed: PlacedPolicy, { detector }: Policy) {
    const { timeoutMs, classify, fallback } = { __proto__: null, ...options } as CallDefaults;
    this.options = options;
    this.placed = placed;
    const timeWindow = detector.find(({ windowMs }) => windowMs);
    this.hungAfterMs = timeWindow?.hungAfterMs ?? 0;
    this.needsTime = this.hungAfterMs > 0 || !!options.overload || !!options.maximumPending;
    this.hasTimeWindow = !!timeWindow;
    this.callDefaults = { timeoutMs, classify, fallback };
    this.cache = cache;
    this.#slowCallMs = Math.min(...detector.map(({ slowCallMs = Infinity }) => slowCallMs));
    // Times that a timeout makes useless: a probe must not be given up before its call, and the others must come before
    // the timeout. `checkOptions` of bluesmoke/replay finds more.
    const times: Readonly<Record<string, unknown>> = { ...options.halfOpen, ...timeWindow };
    for (const name of timeoutMs ? ["probeTimeoutMs", "hungAfterMs", "slowCallMs"] : []) {
      const ms = times[name] as number | undefined;
      const message = `${name} ${ms} contradicts timeoutMs ${timeoutMs}`;
      const isBad = ms && ms < timeoutMs! === (name === "probeTimeoutMs");
      if (isBad && WARNED.size < WARNED.add(message).size) warn(message); // it is new
    }
    const isBare = timeoutMs === undefined && !classify && !fallback;
    this.isPlain = isBare && this.#slowCallMs === Infinity && !this.needsTime;
  }

  /** ms; a call that takes longer is slow. Infinity: none is, and calls need not be timed. */
  get slowCallMs(): number {
    return this.cache.observers > 0 && this.#slowCallMs === Infinity ? ALWAYS_TIMED_MS : this.#slowCallMs;
  }
}

/** Messages that were given: each once. */
const WARNED = /* @__PURE__ */ new Set<string>();

export class PolicyCache {
  /** How many observers there are: with one, calls are timed also where none is slow, and take no fast path. */
  observers = 0;
  /** Gets how each call of `execute`, `executeSync` and `wrap` ends; see src/features/observe-calls.ts. */
  observe: ((job: ObservedJob, outcome: CallOutcome, end: unknown) => void) | undefined;
  /** Runs each of these calls; see src/features/trace-calls.ts. */
  around: (<R>(job: ObservedJob, run: () => R, isSync?: boolean) => R) | undefined;
  readonly #core: Core;
  /** For policies that another thread has placed. */
  optionsOf: ((address: number) => ResolvedOptions) | undefined;
  readonly #byOptions = new WeakMap<ResolvedOptions, PolicyEntry>();
  /** Without defaults of calls: their functions must not outlive their breakers. */
  readonly #byAddress = new Map<number, PolicyEntry>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** The policy of those options, placed in memory if it is new. */
  of(options: ResolvedOptions): PolicyEntry {
    let entry = this.#byOptions.get(options);
    if (!entry) {
      const policy = policyOf(options);
      const placed = this.#core.place(policy);
      entry = new PolicyEntry(this, options, placed, policy);
      this.#byOptions.set(options, entry);
      if (!this.#byAddress.has(placed.address)) {
        const { timeoutMs, classify, fallback, ...bare } = options;
        const isBare = Object.keys(bare).length === Object.keys(options).length;
        const kept = isBare ? entry : new PolicyEntry(this, Object.freeze(bare), placed, policy);
        this.#byAddress.set(placed.address, kept);
      }
    }
    return entry;
  }

  /** The policy of a breaker in memory. */
  at(address: number): PolicyEntry {
    return this.#byAddress.get(address) ?? this.of(this.optionsOf!(address));
  }
}
