/**
 * One table has every option with its range and default; the checks, docs/options.md, the JSON Schema and the options of
 * `qos::circuit_breaker` come from it.
 */
import {
  MAXIMUM_BUCKETS,
  MAXIMUM_COUNT_CALLS,
  MAXIMUM_LEVELS,
  MAXIMUM_PROBES,
} from "../../assembly/layout.ts";
import type { BackoffName, DetectorName, Jitter, Mode, OverloadName, Steps } from "./option-types.ts";
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
export const JITTERS: readonly Jitter[] = ["none", "equal", "full", "decorrelated"];
export const TIME_WINDOW = "success_rate_over_time_window";
const COUNT_WINDOW = "success_rate_over_count_window";

/** Defaults of `requiredSuccessRate`; the second of a time window with a throttle, which leaves it full outages. */
export const USUAL_RATE = 0.8;
export const THROTTLED_RATE = 0.2;

/** Detectors whose `requiredSuccessRate` is the default: what it is depends on whether there is a throttle. */
export const IMPLIED_RATES = /* @__PURE__ */ new WeakSet<object>();

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

export const OPTIONS: Table = /* @__PURE__ */ (() => ({ ...BREAKER, ...CALL }))();

/** A copy that reads nothing from a prototype. */
export function own<T extends object>(value?: T): T {
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
  const given = objectOption(option, value, keys, placeOf);
  const values = own<Record<string, unknown>>();
  for (const key of keys) {
    const spec = table[key]!;
    const rule = typeof spec === "function" ? spec(values as Record<string, number>) : spec;
    const one = given[key] === undefined && fills ? rule.initial : given[key];
    if (one !== undefined) values[key] = rule.read(pathOf(option, key), one, rule as Range);
  }
  return fills ? Object.freeze({ ...values }) : values;
}

/** The options to which a name belongs, where it is that of an option. */
export function placeOf(key: string): string | undefined {
  const all = (kinds: object): object => Object.assign({}, ...Object.values(kinds));
  const places: Readonly<Record<string, object>> = {
    breakers: BREAKER,
    detector: all(DETECTORS),
    backoff: all(BACKOFFS),
    overload: all(OVERLOADS),
    halfOpen: HALF_OPEN,
    "halfOpen.ramp": RAMP,
    calls: { ...CALL, signal: 0 },
    "a registry": { defaults: 0, seed: 0, clock: 0, onError: 0 },
  };
  return Object.keys(places).find((place) => Object.hasOwn(places[place]!, key));
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
