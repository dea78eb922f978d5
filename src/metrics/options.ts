/** Options of the exporters, and the one ledger of each registry. */
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { functionOption, numberOption, objectOption, optionError, wrongType } from "../breaker/validate.ts";
import { Ledger } from "./ledger.ts";

/** What is exported of a registry. */
export interface MetricsOptions {
  /**
   * Series that one registry has at most: as many breakers as fit have a name, those that are not closed first, and all others
   * are summed under the name "*". A breaker has 12 series, and one more for each cause of a transition; a histogram has 17.
   * 100..1,000,000, default 1,000: about 80 breakers, with `durations` about 30.
   */
  readonly maximumSeries?: number | undefined;
  /**
   * Measures from now on how long calls take, in buckets: `true`, or upper bounds in ms, growing, 1 to 50 of 0.001..86,400,000.
   * Each call of the registry is timed then. Default: no histogram; `true` means 5, 10, 25, 50, 75, 100, 250, 500, 750, 1,000,
   * 2,500, 5,000, 7,500, 10,000.
   */
  readonly durations?: boolean | readonly number[] | undefined;
}

/** Options with every value. */
export interface ReadOptions {
  readonly maximumSeries: number;
  /** Bounds in ms; undefined: not said. */
  readonly bounds: readonly number[] | undefined;
  readonly [other: string]: unknown;
}

/** ms: those that OpenTelemetry's conventions give for durations of HTTP requests. */
const DEFAULT_BOUNDS = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];
const MAXIMUM_BOUNDS = 50;

/** @throws OptionError when it is no registry, and for bad options. */
export function readOptions(
  registry: CircuitBreakerRegistry,
  options: MetricsOptions,
  more: readonly string[],
): ReadOptions {
  const { _engine, _place, get } = Object(registry) as Partial<CircuitBreakerRegistry>;
  if (_engine === undefined || _place === undefined || typeof get !== "function") {
    throw wrongType("registry", "a CircuitBreakerRegistry", registry);
  }
  const { maximumSeries, durations, ...others } = objectOption("options", options, [
    "maximumSeries",
    "durations",
    ...more,
  ]);
  const range = { from: 100, to: 1_000_000, whole: true };
  return {
    ...others,
    maximumSeries: numberOption("maximumSeries", maximumSeries, range, 1_000),
    bounds: readBounds(durations),
  };
}

function readBounds(durations: unknown): readonly number[] | undefined {
  if (durations === undefined || durations === false) return undefined;
  if (durations === true) return DEFAULT_BOUNDS;
  if (!Array.isArray(durations)) throw wrongType("durations", "a boolean or an array of ms", durations);
  const count = { from: 1, to: MAXIMUM_BOUNDS, whole: true };
  numberOption("durations.length", durations.length, count);
  const bounds = durations.map((bound, at) =>
    numberOption(`durations[${at}]`, bound, { from: 0.001, to: 86_400_000 }),
  );
  const wrong = bounds.findIndex((bound, at) => at > 0 && bound <= bounds[at - 1]!);
  if (wrong > 0) {
    throw optionError(
      `durations[${wrong}]`,
      `durations[${wrong}] must be more than ${bounds[wrong - 1]}, got ${bounds[wrong]}`,
    );
  }
  return Object.freeze(bounds);
}

interface Kept {
  readonly ledger: Ledger;
  /** Exporters that may be undone. */
  users: number;
  /** It is kept as long as the registry: a text has no undo. */
  isKept: boolean;
}

const LEDGERS = /* @__PURE__ */ new WeakMap<CircuitBreakerRegistry, Kept>();

/** The ledger of a registry, for good. @throws OptionError when its durations have other bounds. */
export function ledgerOf(registry: CircuitBreakerRegistry, options: ReadOptions): Ledger {
  const kept = keep(registry, options);
  kept.isKept = true;
  return kept.ledger;
}

/** The ledger of a registry until the undo is called. @throws OptionError when its durations have other bounds. */
export function borrowLedger(
  registry: CircuitBreakerRegistry,
  options: ReadOptions,
): { readonly ledger: Ledger; readonly end: () => void } {
  const kept = keep(registry, options);
  kept.users++;
  const end = () => {
    kept.users--;
    if (kept.users > 0 || kept.isKept) return;
    kept.ledger.stop();
    LEDGERS.delete(registry);
  };
  return { ledger: kept.ledger, end };
}

function keep(registry: CircuitBreakerRegistry, { bounds }: ReadOptions): Kept {
  const known = LEDGERS.get(registry);
  const measured = known?.ledger.history.bounds;
  if (bounds && measured && bounds.join() !== measured.join()) {
    throw optionError(
      "durations",
      `durations must be those that are measured already, ${measured.join(", ")}, got ${bounds.join(", ")}`,
    );
  }
  const kept = known ?? { ledger: new Ledger(registry), users: 0, isKept: false };
  LEDGERS.set(registry, kept);
  if (bounds && !measured) kept.ledger.history.measureDurations(bounds);
  return kept;
}

/** @throws OptionError when it has no method of that name. */
export function requireMethod(option: string, value: unknown, method: string): void {
  functionOption(`${option}.${method}`, (value as Record<string, unknown> | null | undefined)?.[method]);
}
