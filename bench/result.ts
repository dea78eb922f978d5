/** What a run has found out: the contents of `--json`. */
import type { Scoreboard } from "./goodput/scoreboard.ts";
import { PEERS, type PeerName } from "./peers.ts";
import type { Case, Comparison, Reading, Section } from "./section.ts";
import { median, spread } from "./statistics.ts";

/** ns for one operation in each round, by case. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

const NS_PER_S = 1e9;

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
  /** The same to each peer that was measured with the same baseline. */
  readonly peers: readonly PeerRatio[];
}

/** How many times as long as the first case of a peer a case takes. */
export interface PeerRatio {
  readonly peer: PeerName;
  /** The peer's case. */
  readonly to: string;
  readonly ratio: number;
}

export interface ComparisonResult {
  readonly what: string;
  readonly by: "time" | "rate";
  /** Of `value`: "times" for a ratio, else "ns" or "/s". */
  readonly unit: "times" | "ns" | "/s";
  readonly value: number;
  readonly spread: number;
  /** null: there is none. */
  readonly target: number | null;
  readonly met: boolean | null;
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
  /** Of a section that plays a simulation. */
  readonly scoreboard?: Scoreboard;
  /** Cases, readings and policies left out since their package is missing. */
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
  const group = section.cases.filter((other) => (other.baseline ?? section.cases[0]?.name) === baseline);
  return [
    {
      name: one.name,
      ns,
      operationsPerSecond: NS_PER_S / ns,
      spread: spread(times),
      rounds: times,
      baseline: base === undefined ? null : baseline,
      ratio: base === undefined ? null : median(ratios(times, base)),
      peers: PEERS.flatMap((peer) => peerRatio(peer, times, group, rounds)),
    },
  ];
}

function peerRatio(
  peer: PeerName,
  times: readonly number[],
  group: readonly Case[],
  rounds: Rounds,
): PeerRatio[] {
  const first = group.find((one) => one.peer === peer && rounds.has(one.name));
  const theirs = first && rounds.get(first.name);
  return theirs === undefined ? [] : [{ peer, to: first!.name, ratio: median(ratios(times, theirs)) }]; // it has rounds
}

function comparisonResult(comparison: Comparison, rounds: Rounds): ComparisonResult[] {
  const { what, by, target, of, to, above } = comparison;
  const named = [of, to, above].filter((name) => name !== undefined);
  if (named.some((name) => !rounds.has(name))) return [];
  const standing = (name: string): readonly number[] => less(rounds.get(name)!, above, rounds); // all are there
  const times = to === undefined ? standing(of) : ratios(standing(of), standing(to));
  const values = by === "time" ? times : times.map((time) => (to === undefined ? NS_PER_S : 1) / time);
  const value = median(values);
  const met = target === undefined ? null : by === "time" ? value <= target : value >= target;
  const unit = to !== undefined ? "times" : by === "time" ? "ns" : "/s";
  return [{ what, by, unit, value, spread: spread(values), target: target ?? null, met }];
}

/** A reading and whether it keeps to its target. */
export function readingResult({ name, unit, target }: Reading, value: number): ReadingResult {
  return { name, unit, value, target: target ?? null, met: target === undefined ? null : value <= target };
}

/** Round by round, so that what slows a whole round down cancels out. */
function ratios(of: readonly number[], to: readonly number[]): readonly number[] {
  return of.map((time, round) => time / to[round]!); // every case takes part in every round
}

function less(times: readonly number[], floor: string | undefined, rounds: Rounds): readonly number[] {
  const below = floor === undefined ? undefined : rounds.get(floor);
  return below === undefined ? times : times.map((time, round) => time - below[round]!); // as above
}
