/** What a run has found out: the contents of `--json`. */
import type { Case, Comparison, Reading, Section } from "./section.ts";
import { median, spread } from "./statistics.ts";

/** ns for one operation in each round, by case. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

export interface CaseResult {
  readonly name: string;
  /** Median over the rounds, for one operation. */
  readonly ns: number;
  readonly operationsPerSecond: number;
  /** Half the distance of the quartiles of `ns`, as a share of it. */
  readonly spread: number;
  /** `ns` of each round, in their order. */
  readonly rounds: readonly number[];
  /** The case that `ratio` refers to; null: it was not measured. */
  readonly baseline: string | null;
  /** Times as long as the baseline: the median of the ratios of all rounds. */
  readonly ratio: number | null;
}

export interface ComparisonResult {
  readonly what: string;
  readonly by: "time" | "rate";
  readonly ratio: number;
  readonly spread: number;
  readonly target: number;
  readonly met: boolean;
}

export interface ReadingResult {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** At most; null: there is none. */
  readonly target: number | null;
  readonly met: boolean | null;
}

/** A case that gave no number, or whose numbers must not be believed. */
export interface Breakage {
  readonly case: string;
  readonly error: string;
}

export interface SectionResult {
  readonly name: string;
  readonly title: string;
  readonly operation: string;
  readonly cases: readonly CaseResult[];
  readonly comparisons: readonly ComparisonResult[];
  readonly readings: readonly ReadingResult[];
  /** Cases and readings left out since their package is missing. */
  readonly missing: readonly string[];
  readonly broken: readonly Breakage[];
}

/** Makes medians and ratios of the rounds. */
export function resultsOf(section: Section, rounds: Rounds): Pick<SectionResult, "cases" | "comparisons"> {
  const cases = section.cases.flatMap((one) => caseResult(one, section, rounds));
  const comparisons = section.comparisons.flatMap((one) => comparisonResult(one, rounds));
  return { cases, comparisons };
}

function caseResult(one: Case, section: Section, rounds: Rounds): CaseResult[] {
  const times = rounds.get(one.name);
  if (times === undefined) return [];
  const ns = median(times);
  const baseline = one.baseline ?? section.cases[0]?.name ?? one.name;
  const base = rounds.get(baseline);
  return [
    {
      name: one.name,
      ns,
      operationsPerSecond: 1e9 / ns,
      spread: spread(times),
      rounds: times,
      baseline: base === undefined ? null : baseline,
      ratio: base === undefined ? null : median(ratios(times, base)),
    },
  ];
}

function comparisonResult(comparison: Comparison, rounds: Rounds): ComparisonResult[] {
  const { what, by, target, above } = comparison;
  const of = rounds.get(comparison.of);
  const to = rounds.get(comparison.to);
  const floor = above === undefined ? undefined : rounds.get(above);
  if (of === undefined || to === undefined || (above !== undefined && floor === undefined)) return [];
  const times = ratios(less(of, floor), less(to, floor));
  const values = by === "time" ? times : times.map((time) => 1 / time);
  const ratio = median(values);
  const met = by === "time" ? ratio <= target : ratio >= target;
  return [{ what, by, ratio, spread: spread(values), target, met }];
}

/** A reading and whether it keeps to its target. */
export function readingResult({ name, unit, target }: Reading, value: number): ReadingResult {
  return { name, unit, value, target: target ?? null, met: target === undefined ? null : value <= target };
}

/** Round by round, so that what slows a whole round down cancels out. */
function ratios(of: readonly number[], to: readonly number[]): readonly number[] {
  return of.map((time, round) => time / to[round]!); // every case takes part in every round
}

function less(times: readonly number[], floor: readonly number[] | undefined): readonly number[] {
  return floor === undefined ? times : times.map((time, round) => time - floor[round]!);
}
