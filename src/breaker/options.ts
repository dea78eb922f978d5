/** Options of a breaker: plain data, checked once, copied and frozen. The core trusts them from here on. */
import { MAXIMUM_LEVELS } from "../../assembly/layout.ts";
import type { DetectorRule, Policy } from "../core/policy.ts";
import {
  DETECTORS,
  HALF_OPEN,
  IMPLIED_RATES,
  JITTERS,
  MODES,
  OPTIONS,
  own,
  RAMP,
  readTable,
  type Table,
  THROTTLED_RATE,
  TIME_WINDOW,
  USUAL_RATE,
} from "./option-table.ts";
import type { Backoff, Detector, RateOptions, ResolvedOptions } from "./option-types.ts";
import { type Fields, optionError } from "./validate.ts";

export { MAXIMUM_NAME_LENGTH } from "../../assembly/layout.ts";
export {
  BACKOFFS,
  BREAKER,
  CALL,
  DETECTORS,
  HALF_OPEN,
  longerDelay,
  MODES,
  OVERLOADS,
  RAMP,
  type Rule,
  readTable,
  type Spec,
  stepsOption,
  type Table,
} from "./option-table.ts";
export * from "./option-types.ts";

/** The options that were given, checked: a flat record of all tables, without a prototype. */
export type NamedOptions = Readonly<Record<string, unknown>>;

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
      detector.map((rule) => pick({ kind: OPTIONS.mode!, ...DETECTORS[rule.kind] }, { ...rule })),
    ),
    backoff: Object.freeze(steps),
    ...(overload && { overload: Object.freeze({ kind: "throttle", ...overload }) }),
    mode: MODES[startMode],
  };
  return completeOptions(named, DEFAULTS);
}
