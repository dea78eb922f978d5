/**
 * Options of a breaker: plain data, checked once, copied and frozen. The core trusts them from here on.
 * One table has every option with its range and default; the checks, README's table, the JSON Schema and the options
 * of `qos::circuit_breaker` come from it.
 */
import {
  MAXIMUM_BUCKETS,
  MAXIMUM_COUNT_CALLS,
  MAXIMUM_LEVELS,
  MAXIMUM_PROBES,
} from "../../assembly/layout.ts";
import type { DetectorRule, Policy } from "../core/policy.ts";
import {
  type Fields,
  fieldsOf,
  functionOption,
  nameOption,
  numberOption,
  objectOption,
  optionError,
  outOfRange,
  pathOf,
  type Range,
  wrongType,
} from "./validate.ts";

export { MAXIMUM_NAME_LENGTH } from "../../assembly/layout.ts";

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

/** The options that were given, checked: a flat record of all tables, without a prototype. */
export type NamedOptions = Readonly<Record<string, unknown>>;

/** Options by name, in the order in which they are read. */
export type Table = Readonly<Record<string, Spec>>;
/** A rule, or one that depends on the values that come before it in the table. */
export type Spec = Rule | ((before: Readonly<Record<string, number>>) => Rule);

/** What a value may be, and what it is where none is given. */
export interface Rule extends Partial<Range> {
  /** Checks a value; returns a frozen copy. */
  readonly read: (option: string, value: unknown, rule: Range) => unknown;
  /** Default; absent: none. */
  readonly initial?: unknown;
  /** The value is one of these. */
  readonly names?: readonly string[];
}

const ONE_DAY_MS = 86_400_000;
const number = (from: number, to: number, initial?: number, whole?: boolean): Rule & Range => ({
  read: numberOption,
  from,
  to,
  initial,
  whole,
});
const time = (initial?: number) => number(1, ONE_DAY_MS, initial);
const count = (to: number, initial: number) => number(1, to, Math.min(initial, to), true);
const oneOf = (names: readonly string[], initial: string): Rule => ({
  read: (option, value) => nameOption(option, value, names),
  names,
  initial,
});
const requires = (what: string): Rule => ({
  read(option) {
    throw optionError(option, `${option} requires ${what}`);
  },
});

/** In the order of their codes in the core. */
export const MODES: readonly Mode[] = ["enabled", "disabled", "forced_open", "shadow"];
/** In the order of their codes in the core. */
const JITTERS: readonly Jitter[] = ["none", "equal", "full", "decorrelated"];
const TIME_WINDOW = "success_rate_over_time_window";
const COUNT_WINDOW = "success_rate_over_count_window";

/** Defaults of `requiredSuccessRate`; the second of a time window with a throttle, which leaves it full outages. */
const USUAL_RATE = 0.8;
const THROTTLED_RATE = 0.2;

/** Detectors whose `requiredSuccessRate` is the default: what it is depends on whether there is a throttle. */
const IMPLIED_RATES = /* @__PURE__ */ new WeakSet<object>();

// The tables are made in functions: a bundler can drop the call of one, and no object that spreads another.

const RATES: Table = /* @__PURE__ */ (() => ({
  requiredSuccessRate: number(0, 1, USUAL_RATE),
  minimumCalls: ({ calls = 1_000_000 }) => count(calls, 20),
  slowCallMs: time(),
  maximumSlowRate: ({ slowCallMs }) => (slowCallMs ? number(0, 1, 0.5) : requires("slowCallMs")),
}))();

/** By kind, in the order in which the core asks them. */
export const DETECTORS: Readonly<Record<DetectorName, Table>> = /* @__PURE__ */ (() => ({
  [TIME_WINDOW]: {
    windowMs: time(10_000),
    buckets: ({ windowMs }) => count(Math.min(MAXIMUM_BUCKETS, Math.floor(windowMs!)), 10),
    // A hung call must be in the window for at least the length of a bucket, or no verdict need ever count it.
    hungAfterMs: ({ windowMs, buckets }) => {
      const most = windowMs! - 2 * (windowMs! / buckets!);
      return most < 1 ? requires("a longer window or more buckets") : number(1, most);
    },
    ...RATES,
  },
  [COUNT_WINDOW]: { calls: count(MAXIMUM_COUNT_CALLS, 100), ...RATES },
  consecutive_failures: { failures: count(1_000_000, 5) },
}))();

/** Those of tremor's qos::backpressure. */
const STEPS_MS = [50, 100, 250, 500, 1_000, 5_000, 10_000];

/** By kind. */
export const BACKOFFS: Readonly<Record<BackoffName, Table>> = /* @__PURE__ */ (() => ({
  constant: { delayMs: time(10_000), jitter: oneOf(JITTERS, "none") },
  exponential: {
    initialMs: time(1_000),
    factor: number(1, 100, 2),
    maximumMs: ({ initialMs }) => number(initialMs!, ONE_DAY_MS, Math.max(5_000, initialMs!)),
    jitter: oneOf(JITTERS, "equal"),
  },
  steps: {
    delaysMs: { read: readDelays, initial: STEPS_MS },
    jitter: oneOf(JITTERS, "none"),
  },
}))();

export const RAMP: Table = /* @__PURE__ */ (() => ({
  shares: { read: readShares, initial: [0.1, 0.25, 0.5] },
  stepMs: time(5_000),
}))();

export const HALF_OPEN: Table = /* @__PURE__ */ (() => ({
  probes: count(MAXIMUM_PROBES, 1),
  successesToClose: count(1_000, 1),
  toleratedFailures: number(0, 1_000, 0, true),
  probeTimeoutMs: time(30_000),
  ramp: { read: (option, value) => readTable(option, value, RAMP) },
}))();

/** By kind. */
export const OVERLOADS: Readonly<Record<OverloadName, Table>> = /* @__PURE__ */ (() => ({
  throttle: { successRate: number(0.01, 1, 0.8), maximumRefused: number(0.01, 0.999, 0.97) },
  none: {},
}))();

/** What a pipeline may set, too: without the defaults of calls. */
export const BREAKER: Table = /* @__PURE__ */ (() => ({
  detector: { read: readDetectors, initial: TIME_WINDOW },
  backoff: { read: readBackoff, initial: "exponential" },
  decayMs: number(0, ONE_DAY_MS, 10_000),
  halfOpen: { read: (option, value) => readTable(option, value, HALF_OPEN) },
  overload: { read: (option, value) => readKind(option, value, OVERLOADS, "throttle") },
  maximumPending: number(1, 1_000_000, undefined, true),
  mode: oneOf(MODES, "enabled"),
}))();

/** Defaults of calls. */
export const CALL: Table = /* @__PURE__ */ (() => ({
  timeoutMs: time(),
  classify: { read: functionOption },
  fallback: { read: functionOption },
}))();

const OPTIONS: Table = /* @__PURE__ */ (() => ({ ...BREAKER, ...CALL }))();

/** What holds where no option is given. */
export const DEFAULTS: ResolvedOptions = /* @__PURE__ */ (() =>
  completeOptions(readTable("", {}, { ...OPTIONS, ...HALF_OPEN }, true), {
    halfOpen: {},
  } as ResolvedOptions))();

/**
 * Fills in what is missing from `defaults` (each option by itself; `halfOpen` value by value).
 *
 * @returns `defaults` itself where `options` is undefined
 * @throws OptionError (a TypeError or RangeError) that names option, range and value.
 */
export function resolveOptions(options: unknown, defaults: ResolvedOptions = DEFAULTS): ResolvedOptions {
  return options === undefined ? defaults : completeOptions(readOptions(options), defaults);
}

/** Checks the options that are given; an iterable of delays is read once. @throws OptionError */
export function readOptions(options: unknown): NamedOptions {
  const named = readTable("options", options, OPTIONS);
  const { halfOpen } = named as { halfOpen?: Fields };
  return own({ ...named, ...halfOpen, ...(halfOpen?.ramp as Fields) });
}

/** What is named, over what holds otherwise. */
export function completeOptions(named: NamedOptions, base: ResolvedOptions): ResolvedOptions {
  const { ramp } = own(base.halfOpen);
  const initial = readTable("", {}, RAMP, true);
  const all = own<Record<string, unknown>>({ ...initial, ...base, ...base.halfOpen, ...ramp, ...named });
  all.ramp = all.ramp && (all.shares as unknown[]).length ? pick(RAMP, all) : undefined;
  all.halfOpen = pick(HALF_OPEN, all);
  if ((all.overload as { kind: string } | undefined)?.kind === "none") all.overload = undefined;
  all.detector = detectorsFor(all as unknown as ResolvedOptions);
  return pick(OPTIONS, all) as unknown as ResolvedOptions;
}

/** The detectors with the default rate that holds with the other options. @throws OptionError */
function detectorsFor({ detector, overload, maximumPending }: ResolvedOptions): readonly Detector[] {
  const hasWindow = detector.some(({ kind }) => kind === TIME_WINDOW);
  const limited = overload ? "overload" : "maximumPending";
  if (!hasWindow && (overload ?? maximumPending)) {
    const kinds = detector.map(({ kind }) => `"${kind}"`).join(", ");
    throw optionError(limited, `${limited} requires a detector "${TIME_WINDOW}", got ${kinds}`);
  }
  const requiredSuccessRate = overload ? THROTTLED_RATE : USUAL_RATE;
  const isAsItIs = (one: Detector) =>
    !IMPLIED_RATES.has(one) || (one as RateOptions).requiredSuccessRate === requiredSuccessRate;
  if (detector.every(isAsItIs)) return detector;
  return Object.freeze(
    detector.map((one) => {
      if (isAsItIs(one)) return one;
      const other = Object.freeze({ ...one, requiredSuccessRate });
      IMPLIED_RATES.add(other);
      return other;
    }),
  );
}

/** What either of them names; `over` where both do. `halfOpen` and its `ramp` are taken value by value. */
export function combineOptions(over: NamedOptions, under: NamedOptions): NamedOptions {
  return own({ ...under, ...over });
}

/** A frozen object of the values that the table names. */
function pick(table: Table, values: Fields): Fields {
  const named = Object.keys(table).filter((key) => values[key] !== undefined);
  return Object.freeze(Object.fromEntries(named.map((key) => [key, values[key]])));
}

/** A copy that reads nothing from a prototype. */
function own<T extends object>(value?: T): T {
  return { __proto__: null, ...value } as T;
}

/**
 * Reads an object by a table.
 *
 * @param fills puts defaults where nothing is given, and freezes
 * @returns without `fills` an object that has no prototype
 * @throws OptionError
 */
export function readTable(option: string, value: unknown, table: Table, fills = false): Fields {
  const keys = Object.keys(table);
  const given = objectOption(option, value, keys);
  const values = own<Record<string, unknown>>();
  for (const key of keys) {
    const spec = table[key]!;
    const rule = typeof spec === "function" ? spec(values as Record<string, number>) : spec;
    const one = given[key] === undefined && fills ? rule.initial : given[key];
    if (one !== undefined) values[key] = rule.read(pathOf(option, key), one, rule as Range);
  }
  return fills ? Object.freeze({ ...values }) : values;
}

/** One of several kinds of options: by its name, or as an object with `kind`. */
function readKind(
  option: string,
  value: unknown,
  kinds: Readonly<Record<string, Table>>,
  fallback?: string,
): Fields {
  const names = Object.keys(kinds);
  const isName = typeof value === "string";
  const given = isName ? { kind: value } : fieldsOf(option, value);
  const kind = nameOption(isName ? option : `${option}.kind`, given.kind, names, fallback);
  return readTable(option, given, { kind: oneOf(names, kind), ...kinds[kind] }, true);
}

/** One detector, or several of different kinds of which any one trips. */
function readDetectors(option: string, value: unknown): unknown {
  const isList = Array.isArray(value);
  const list: unknown[] = isList ? [...value] : [value];
  const detectors = list.map((one, index) => {
    const detector = readKind(isList ? `${option}[${index}]` : option, one, DETECTORS, TIME_WINDOW);
    const isGiven = Object.hasOwn(Object(one), "requiredSuccessRate");
    if (detector.kind === TIME_WINDOW && !isGiven) IMPLIED_RATES.add(detector);
    return detector;
  });
  const sorted = Object.keys(DETECTORS).flatMap((kind) => detectors.find((one) => one.kind === kind) ?? []);
  if (sorted.length && sorted.length === list.length) return Object.freeze(sorted);
  throw outOfRange(option, "1 to 3 detectors of different kinds", value);
}

function readBackoff(option: string, value: unknown): unknown {
  return typeof value === "function" || (typeof value === "object" && isIterable(value))
    ? stepsOption(option, value)
    : readKind(option, value, BACKOFFS);
}

function isIterable(value: unknown): value is Iterable<unknown> & { readonly length?: number } {
  return !!(value as Iterable<unknown> | null | undefined)?.[Symbol.iterator];
}

/** The table that a function or an iterable gives. */
function readDelays(option: string, value: unknown): readonly number[] {
  const isFunction = typeof value === "function";
  const delays = isFunction ? Array.from({ length: MAXIMUM_LEVELS }, (_, level) => value(level)) : value;
  return readNumbers(option, delays, time(), 1);
}

function readShares(option: string, value: unknown): readonly number[] {
  const shares = readNumbers(option, value, number(0.001, 0.999), 0);
  shares.forEach((one, index) => {
    const before = shares[index - 1]!;
    if (one <= before) throw outOfRange(`${option}[${index}]`, `more than ${before}`, one);
  });
  return shares;
}

/** An iterable may have no end: its first 64 are taken. An array has one, so that a longer one is a mistake. */
function readNumbers(option: string, value: unknown, range: Range, least: number): readonly number[] {
  const wanted = `${least} to ${MAXIMUM_LEVELS} numbers`;
  if (!isIterable(value)) throw wrongType(option, wanted, value);
  const numbers: number[] = [];
  for (const one of value) {
    if (numbers.push(numberOption(`${option}[${numbers.length}]`, one, range)) === MAXIMUM_LEVELS) break;
  }
  if (numbers.length < least || value.length! > MAXIMUM_LEVELS) throw outOfRange(option, wanted, value);
  return Object.freeze(numbers);
}

/**
 * A table of delays without jitter, for a back-off without a breaker.
 *
 * @param value as `delaysMs` of `StepsBackoffOptions`; undefined: its default
 * @throws OptionError that names `option`
 */
export function stepsOption(option: string, value: unknown = STEPS_MS): Steps {
  return Object.freeze({ kind: "steps", delaysMs: readDelays(option, value), jitter: "none" });
}

/** The first delay of the table that is longer than this one, or else its last: how `qos::backpressure` climbs. */
export function longerDelay({ delaysMs }: Pick<Steps, "delaysMs">, delayMs: number): number {
  return delaysMs.find((delay) => delay > delayMs) ?? delaysMs.at(-1)!; // no table is empty
}

/** Delays in ms by level; the last one serves all higher levels. */
function delaysOf(backoff: Backoff): readonly number[] {
  const {
    delaysMs,
    delayMs,
    initialMs = delayMs!,
    factor,
    maximumMs = initialMs,
  } = own(backoff as BackoffValues);
  const delays: number[] = [];
  // Up to and including the first power that reaches the maximum. It is a product, since runtimes round `**` in
  // different ways: the same options give the same delays everywhere.
  for (let power = 1; ; power *= factor!) {
    const delay = Math.min(initialMs * power, maximumMs);
    if (delays.push(delay) === MAXIMUM_LEVELS || delay === maximumMs || factor === 1)
      return delaysMs ?? delays;
  }
}

/** The numbers of any kind. */
interface BackoffValues {
  readonly delaysMs?: readonly number[];
  readonly delayMs?: number;
  readonly initialMs?: number;
  readonly factor?: number;
  readonly maximumMs?: number;
}

/** The numbers of the core; the same ones for the same options. */
export function policyOf(options: ResolvedOptions): Policy {
  const { detector, backoff, decayMs, halfOpen, overload, maximumPending, mode } = options;
  return {
    ...halfOpen,
    ...(overload && {
      overload: { successRate: overload.successRate, maximumRefused: overload.maximumRefused },
    }),
    ...(maximumPending && { maximumPending }),
    detector: detector as readonly DetectorRule[],
    delaysMs: delaysOf(backoff),
    jitter: JITTERS.indexOf(backoff.jitter),
    startMode: MODES.indexOf(mode),
    decayMs,
  };
}

/** The inverse of `policyOf` for a policy that another thread has placed; its backoff reads as steps. */
export function optionsOf(policy: Policy): ResolvedOptions {
  const { detector, delaysMs, jitter, startMode, ramp, overload, ...rest } = policy;
  const steps = { kind: "steps", delaysMs: Object.freeze([...delaysMs]), jitter: JITTERS[jitter] };
  const named = {
    ...rest,
    ...(ramp && { ramp, shares: Object.freeze([...ramp.shares]), stepMs: ramp.stepMs }),
    detector: Object.freeze(
      detector.map((rule) => pick({ kind: time(), ...DETECTORS[rule.kind] }, { ...rule })),
    ),
    backoff: Object.freeze(steps),
    ...(overload && { overload: Object.freeze({ kind: "throttle", ...overload }) }),
    mode: MODES[startMode],
  };
  return completeOptions(named, DEFAULTS);
}
