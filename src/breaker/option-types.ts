/** Options of a breaker as users write them and as they are read back. */

/** "disabled" passes and does not count; "shadow" counts and reports but never refuses. */
export type Mode = "enabled" | "disabled" | "forced_open" | "shadow";

/** How a delay is spread by chance: d, d/2 + U[0, d/2), U[0, d), or U[first delay, 3 × the delay before). */
export type Jitter = "none" | "equal" | "full" | "decorrelated";

/** What the end of a call says about its endpoint. "ignored": nothing; the ticket is given back. */
export type Outcome = "success" | "failure" | "ignored";

/**
 * Judges how a call ended: with a value or with an error. A number is a failure, and if the breaker is open after it,
 * the least time in ms from now for it to stay open (0..86,400,000; more counts as that). undefined: as without it, a
 * value is a success and an error a failure.
 */
export type Classify<T> = (end: PromiseSettledResult<T>) => Outcome | number | undefined;

/** What a refused or failed call resolves to instead. */
export type Fallback<F> = (error: unknown, refused: boolean) => F | PromiseLike<F>;

/** The two rates that either window judges. */
export interface RateOptions {
  /** Opens when the share of successful calls is strictly below. 0..1, default 0.8; of a time window 0.2 with `overload`. */
  readonly requiredSuccessRate?: number;
  /** Calls in the window below which there is no verdict. 1..1,000,000, default 20 (at most the calls of a count window). */
  readonly minimumCalls?: number;
  /** A call that took strictly longer is slow, whether it failed or not. 1..86,400,000 ms, default: none is. */
  readonly slowCallMs?: number;
  /** Opens when the share of slow calls is strictly above. 0..1, default 0.5. Requires `slowCallMs`. */
  readonly maximumSlowRate?: number;
}

/** The share of successful calls in the last `windowMs`. */
export interface TimeWindowOptions extends RateOptions {
  /** Says which detector this is; the default. */
  readonly kind?: "success_rate_over_time_window";
  /** Length of the window. 1..86,400,000 ms, default 10,000. */
  readonly windowMs?: number;
  /** Slices of the window; it moves on by a slice at a time. 1..64, each at least 1 ms long, default 10. */
  readonly buckets?: number;
  /**
   * A call that is out for longer counts as a failure until it reports, and then as what it was. Judged by the bucket
   * in which it was admitted: up to a bucket's length late, never early. 1 ms to two buckets less than `windowMs`,
   * default: none does.
   */
  readonly hungAfterMs?: number;
}

/** The share of successful calls among exactly the last `calls`. */
export interface CountWindowOptions extends RateOptions {
  /** Says which detector this is. */
  readonly kind: "success_rate_over_count_window";
  /** Calls in the window. 1..10,000, default 100. */
  readonly calls?: number;
}

/** That many failures with no success between them. */
export interface ConsecutiveFailuresOptions {
  /** Says which detector this is. */
  readonly kind: "consecutive_failures";
  /** 1..1,000,000, default 5. */
  readonly failures?: number;
}

/** The rule by which a breaker decides that its endpoint fails. */
export type DetectorOptions = TimeWindowOptions | CountWindowOptions | ConsecutiveFailuresOptions;
/** A detector by its name, with the defaults of its options. */
export type DetectorName = Required<DetectorOptions>["kind"];

/** A detector with every value filled in. `slowCallMs`, `maximumSlowRate` and `hungAfterMs` are absent where none was given. */
export type Detector =
  | (Required<Omit<TimeWindowOptions, "slowCallMs" | "maximumSlowRate" | "hungAfterMs">> &
      Pick<TimeWindowOptions, "slowCallMs" | "maximumSlowRate" | "hungAfterMs">)
  | (Required<Omit<CountWindowOptions, "slowCallMs" | "maximumSlowRate">> &
      Pick<CountWindowOptions, "slowCallMs" | "maximumSlowRate">)
  | Required<ConsecutiveFailuresOptions>;

/** The same delay each time. */
export interface ConstantBackoffOptions {
  /** Says which backoff this is. */
  readonly kind: "constant";
  /** 1..86,400,000 ms, default 10,000. */
  readonly delayMs?: number;
  /** Default "none". */
  readonly jitter?: Jitter;
}

/** min(initialMs × factor^level, maximumMs). */
export interface ExponentialBackoffOptions {
  /** Says which backoff this is. */
  readonly kind: "exponential";
  /** 1..86,400,000 ms, default 1,000. */
  readonly initialMs?: number;
  /** 1..100, default 2. */
  readonly factor?: number;
  /** initialMs..86,400,000 ms, default 5,000 (or initialMs, if that is more). */
  readonly maximumMs?: number;
  /** Default "equal". */
  readonly jitter?: Jitter;
}

/** One delay after the other; the last one repeats. */
export interface StepsBackoffOptions {
  /** Says which backoff this is. */
  readonly kind: "steps";
  /**
   * 1 to 64 delays of 1..86,400,000 ms, default 50, 100, 250, 500, 1,000, 5,000, 10,000. Or where to take them
   * from: a function of the level, or any iterable.
   */
  readonly delaysMs?: Iterable<number> | BackoffFunction;
  /** Default "none". */
  readonly jitter?: Jitter;
}

/** The delay in ms for a level from 0 on, 1..86,400,000; called once for each level up to 63 when the options are read. */
export type BackoffFunction = (level: number) => number;

/**
 * A function or an iterable stands for steps without jitter: `{ kind: "steps", delaysMs }`. Of an iterable at most
 * the first 64 values are taken, once; the last one repeats. An array must not be longer.
 */
export type BackoffOptions =
  | ConstantBackoffOptions
  | ExponentialBackoffOptions
  | StepsBackoffOptions
  | BackoffFunction
  | Iterable<number>;
/** A backoff by its name, with the defaults of its options. */
export type BackoffName = "constant" | "exponential" | "steps";

/** A backoff with every value filled in. */
export type Backoff = Required<ConstantBackoffOptions> | Required<ExponentialBackoffOptions> | Steps;

/** A table of delays. */
export interface Steps {
  /** Says which backoff this is. */
  readonly kind: "steps";
  /** Delays in ms by level; the last one serves all higher levels. */
  readonly delaysMs: readonly number[];
  /** How each delay is spread by chance. */
  readonly jitter: Jitter;
}

/** After the probes a growing share of calls passes before the breaker closes. */
export interface RampOptions {
  /** Shares, one after the other, evenly spread over the calls. Up to 64, growing, each 0.001..0.999; default 0.1, 0.25, 0.5. None: no ramp. */
  readonly shares?: readonly number[];
  /** How long each of them holds. 1..86,400,000 ms, default 5,000. */
  readonly stepMs?: number;
}

/** A ramp with every value filled in. */
export type Ramp = Required<RampOptions>;

/**
 * A throttle: while the breaker is closed and calls fail for want of capacity, it refuses a part of them, so that about
 * 1 / `successRate` times as many pass as succeeded lately. Requires a time window. docs/adr/0025 has the rule.
 */
export interface ThrottleOptions {
  /** Says what kind this is; the only one. */
  readonly kind?: "throttle";
  /** Refuses calls while the success rate of the newest buckets is below. 0.01..1, default 0.8. */
  readonly successRate?: number;
  /** Largest share of the calls that is refused. 0.01..0.999, default 0.97. */
  readonly maximumRefused?: number;
}

/** What a breaker does about an endpoint that is overloaded. */
export type OverloadOptions = ThrottleOptions;
/** By its name, with the defaults of its options; "none" takes a throttle away that defaults or earlier options gave. */
export type OverloadName = "throttle" | "none";

/** A throttle with every value filled in. */
export type Throttle = Required<ThrottleOptions>;

/** How a breaker finds out that its endpoint has come back. */
export interface HalfOpenOptions {
  /** Calls let through at once while half-open. 1..64, default 1. */
  readonly probes?: number;
  /** Successful probes that close the breaker. 1..1,000, default 1. */
  readonly successesToClose?: number;
  /** Failed probes that do not open it again; one more does. 0..1,000, default 0. */
  readonly toleratedFailures?: number;
  /** A probe that has not reported by then counts as failed. 1..86,400,000 ms, default 30,000. */
  readonly probeTimeoutMs?: number;
  /**
   * A gradual return: it stays half-open while a growing share of calls passes. A verdict goes back to the share before,
   * and opens it at the first one. Default: none, the probes close it.
   */
  readonly ramp?: RampOptions;
}

/** Defaults of the calls of a breaker; the options of a call come before them. */
export interface CallDefaults {
  /** A call that takes longer fails. 1..86,400,000 ms, default: no limit. */
  readonly timeoutMs?: number;
  /** Judges how a call ended. Default: a value is a success, an error is a failure. */
  // biome-ignore lint/suspicious/noExplicitAny: a breaker's calls have results of many types
  readonly classify?: Classify<any>;
  /** Gives the result of a call that failed or was refused. Default: the error is thrown. */
  readonly fallback?: Fallback<unknown>;
}

/** Options of a breaker: plain data, checked when given, copied and frozen. Only own properties are read. */
export interface CircuitBreakerOptions extends CallDefaults {
  /** A name with its defaults, an object, or an array of different kinds (any one trips). Default "success_rate_over_time_window". */
  readonly detector?: DetectorName | DetectorOptions | readonly (DetectorName | DetectorOptions)[];
  /** How long it stays open, by level. Default "exponential". */
  readonly backoff?: BackoffName | BackoffOptions;
  /** Closed time that lowers the level by one; 0: closing resets it. 0..86,400,000 ms, default 10,000. */
  readonly decayMs?: number;
  /** Which probes it lets through, and what they decide. Default: one probe, whose success closes. */
  readonly halfOpen?: HalfOpenOptions;
  /**
   * Refuses a part of the calls of an overloaded endpoint instead of all of them: a name with its defaults or an object. The
   * default of `requiredSuccessRate` of the time window is 0.2 then. Requires a time window. Default: none.
   */
  readonly overload?: OverloadName | OverloadOptions;
  /**
   * Calls that may be pending at once; more are refused with the reason "busy", and are no failures. A call whose ticket is
   * lost counts until its bucket leaves the time window, which is required, or until the state changes; with threads as many more
   * as there are threads may pass. 1..1,000,000, default: any number.
   */
  readonly maximumPending?: number;
  /** Default "enabled". */
  readonly mode?: Mode;
}

/** Options with every value filled in, deeply frozen; themselves valid options. */
export interface ResolvedOptions extends CallDefaults {
  /** Any one of them trips; in the order in which the core asks them. */
  readonly detector: readonly Detector[];
  /** How long it stays open, by level. */
  readonly backoff: Backoff;
  /** ms of closed time that lower the level by one; 0: closing resets it. */
  readonly decayMs: number;
  /** Probes, with every value; a ramp only where there is one. */
  readonly halfOpen: Required<Omit<HalfOpenOptions, "ramp">> & {
    /** What comes between the probes and closing. */
    readonly ramp?: Ramp;
  };
  /** Only where there is one. */
  readonly overload?: Throttle;
  /** Only where it was given. */
  readonly maximumPending?: number;
  /** The mode it begins in. */
  readonly mode: Mode;
}
