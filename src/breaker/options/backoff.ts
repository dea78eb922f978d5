/** Backoff options: what the user may write, and the table of delays that it becomes. */
import { MAXIMUM_LEVELS } from "../../../assembly/layout.ts";
import {
  nameOption,
  numberOption,
  type OptionError,
  objectOption,
  outOfRange,
  type Range,
  wrongType,
} from "./check.ts";

/** How a delay is spread by chance: d, d/2 + U[0, d/2), U[0, d), or U[first delay, 3 × the delay before). */
export type Jitter = "none" | "equal" | "full" | "decorrelated";

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
  /** initialMs..86,400,000 ms, default 60,000 (or initialMs, if that is more). */
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

/** The delay in ms for a level from 0 on, 1..86,400,000; asked once for each level up to 63 when the breaker is configured. */
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

/** Any backoff, as a table. */
export interface Backoff {
  /** Delays in ms by level; the last one serves all higher levels. */
  readonly delaysMs: readonly number[];
  /** How each delay is spread by chance. */
  readonly jitter: Jitter;
}

const NAMES: readonly BackoffName[] = ["constant", "exponential", "steps"];
const JITTERS: readonly Jitter[] = ["none", "equal", "full", "decorrelated"];
const DELAY: Range = { from: 1, to: 86_400_000 };
/** Those of tremor's qos::backpressure. */
const DEFAULT_STEPS_MS = [50, 100, 250, 500, 1_000, 5_000, 10_000];

export function resolveBackoff(value: unknown): Backoff {
  if (typeof value === "string") return resolveBackoff({ kind: nameOption("backoff", value, NAMES) });
  if (typeof value === "function" || isIterable(value)) return table(sample("backoff", value), "none");
  if (typeof value !== "object" || value === null) {
    throw wrongType("backoff", "the name of a backoff, an object, a function or an iterable", value);
  }
  const kind = nameOption("backoff.kind", "kind" in value ? value.kind : undefined, NAMES);
  if (kind === "constant") return resolveConstant(value);
  return kind === "exponential" ? resolveExponential(value) : resolveSteps(value);
}

/**
 * A table of delays without jitter, for whoever backs off without a breaker.
 *
 * @param value as `delaysMs` of `StepsBackoffOptions`; undefined: its default
 * @throws OptionError that names `option`
 */
export function stepsOption(option: string, value: unknown): Backoff {
  const delays = value ?? DEFAULT_STEPS_MS;
  if (typeof delays !== "function" && !isIterable(delays)) {
    throw wrongType(option, "an array of delays in ms, an iterable or a function", delays);
  }
  return table(sample(option, delays), "none");
}

/** The first delay of the table that is longer than this one, or else its last: how `qos::backpressure` climbs. */
export function longerDelay({ delaysMs }: Backoff, delayMs: number): number {
  return delaysMs.find((delay) => delay > delayMs) ?? delaysMs.at(-1)!; // no table is empty
}

function resolveConstant(value: object): Backoff {
  const fields = objectOption("backoff", value, ["kind", "delayMs", "jitter"]);
  const delay = numberOption("backoff.delayMs", fields.delayMs, DELAY, 10_000);
  return table([delay], resolveJitter(fields.jitter, "none"));
}

function resolveExponential(value: object): Backoff {
  const fields = objectOption("backoff", value, ["kind", "initialMs", "factor", "maximumMs", "jitter"]);
  const initial = numberOption("backoff.initialMs", fields.initialMs, DELAY, 1_000);
  const factor = numberOption("backoff.factor", fields.factor, { from: 1, to: 100 }, 2);
  const range = { from: initial, to: DELAY.to };
  const maximum = numberOption("backoff.maximumMs", fields.maximumMs, range, Math.max(60_000, initial));
  return table(grow(initial, factor, maximum), resolveJitter(fields.jitter, "equal"));
}

/** The powers up to and including the first that reaches the maximum. */
/** The power is a product, since runtimes round `**` in different ways: the same options give the same delays everywhere. */
function grow(initial: number, factor: number, maximum: number): readonly number[] {
  const delays: number[] = [];
  for (let level = 0, power = 1; level < MAXIMUM_LEVELS; level++, power *= factor) {
    const delay = Math.min(initial * power, maximum);
    delays.push(delay);
    if (delay === maximum || factor === 1) break;
  }
  return delays;
}

function resolveSteps(value: object): Backoff {
  const fields = objectOption("backoff", value, ["kind", "delaysMs", "jitter"]);
  const { delaysMs } = stepsOption("backoff.delaysMs", fields.delaysMs);
  return table(delaysMs, resolveJitter(fields.jitter, "none"));
}

function resolveJitter(value: unknown, fallback: Jitter): Jitter {
  return nameOption("backoff.jitter", value, JITTERS, fallback);
}

function table(delaysMs: readonly number[], jitter: Jitter): Backoff {
  return Object.freeze({ delaysMs: Object.freeze([...delaysMs]), jitter });
}

/** The table that a function or an iterable gives; each is asked once. */
function sample(option: string, delays: object): readonly number[] {
  if (typeof delays !== "function") return checkDelays(option, take(delays as Iterable<unknown>));
  const delayAt = delays as BackoffFunction;
  return Array.from({ length: MAXIMUM_LEVELS }, (_, level) =>
    numberOption(`${option}(${level})`, delayAt(level), DELAY),
  );
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

/** No more than the table holds: an iterable may have no end. An array has, so that a longer one is a mistake. */
function take(values: Iterable<unknown>): readonly unknown[] {
  if (Array.isArray(values)) return values;
  const taken: unknown[] = [];
  for (const value of values) {
    taken.push(value);
    if (taken.length === MAXIMUM_LEVELS) break;
  }
  return taken;
}

function checkDelays(option: string, delays: readonly unknown[]): readonly number[] {
  if (delays.length < 1 || delays.length > MAXIMUM_LEVELS) throw wrongLength(option, delays);
  return delays.map((delay, index) => numberOption(`${option}[${index}]`, delay, DELAY));
}

function wrongLength(option: string, delays: readonly unknown[]): OptionError {
  return outOfRange(option, `1 to ${MAXIMUM_LEVELS} delays`, delays);
}
