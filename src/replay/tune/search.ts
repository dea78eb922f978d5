/** The search: random candidates first, then neighbours of the best ones. */
import type { CircuitBreakerOptions } from "../../breaker/options.ts";
import type { Score } from "./evaluate.ts";
import type { Goal } from "./goal.ts";
import { type Candidate, chanceOf, neighbourOf, optionsOfCandidate, randomCandidate } from "./space.ts";

/** Options and what they achieve. */
export interface Scored {
  readonly options: CircuitBreakerOptions;
  readonly score: Score;
}

/** Scores of those options, in their order; on one thread or on many. */
export type ScoreAll = (options: readonly CircuitBreakerOptions[]) => Promise<readonly Score[]>;

/** How long a search lasts. */
export interface SearchOptions {
  readonly goal: Goal;
  /** Options that are tried. */
  readonly candidates: number;
  readonly seed: number;
  /** Thresholds for slow calls. */
  readonly slowMs: readonly number[];
  /** Called after each round. */
  readonly onProgress?: ((tried: number, best: number) => void) | undefined;
}

/** Share of the candidates that are random. */
const RANDOM_SHARE = 0.3;
const ROUNDS = 12;
/** The best ones, of which neighbours are tried. */
const PARENTS = 24;

interface Member extends Scored {
  readonly candidate: Candidate;
}

/** All that were tried, once each; the first has the default options of the library. */
export async function search(scoreAll: ScoreAll, options: SearchOptions): Promise<readonly Scored[]> {
  const { goal, candidates, seed, slowMs, onProgress } = options;
  const chance = chanceOf(seed);
  const seen = new Set<string>();
  const members: Member[] = [];
  const [defaults] = await scoreAll([{}]);
  const tryAll = async (list: readonly Candidate[]) => {
    const fresh = list
      .map((candidate) => ({ candidate, options: optionsOfCandidate(candidate, slowMs) }))
      .filter(({ options: one }) => isNew(seen, JSON.stringify(one)));
    const scores = await scoreAll(fresh.map(({ options: one }) => one));
    for (const [index, one] of fresh.entries()) members.push({ ...one, score: scores[index]! });
    members.sort((one, other) => rankOf(one.score, goal) - rankOf(other.score, goal));
    onProgress?.(members.length + 1, members[0] ? penaltyOf(members[0].score, goal) : Infinity);
  };
  const random = Math.max(1, Math.round(candidates * RANDOM_SHARE));
  await tryAll(Array.from({ length: random }, () => randomCandidate(chance)));
  const perRound = Math.max(1, Math.round((candidates - random) / ROUNDS));
  for (let round = 0; round < ROUNDS && random < candidates; round++) {
    const front = frontOf(members) as readonly Member[];
    const parents = [...members.slice(0, PARENTS), ...front.slice(0, PARENTS)];
    await tryAll(
      Array.from({ length: perRound }, () => neighbourOf(parents[chance(parents.length)]!.candidate, chance)),
    );
  }
  return [
    { options: {}, score: defaults! },
    ...members.map(({ options: own, score }) => ({ options: own, score })),
  ];
}

function isNew(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

/** ms until outages are noticed at worst; an outage that is not counts as noticed at its end, if it lasts longer than `goal` wants. */
export function worstNoticeOf({ noticeMs, missedMs }: Score, goal: Goal = {}): number {
  return Math.max(noticeMs, 0, ...missedMs.filter((lengthMs) => lengthMs > (goal.noticeMs ?? 0)));
}

/** How far the goal is missed; 0: it is reached. */
export function penaltyOf(score: Score, goal: Goal): number {
  const over = (value: number, bound: number | undefined) =>
    bound === undefined ? 0 : Math.max(0, (value - bound) / Math.max(bound, 1e-6));
  const saved = goal.failedSaved;
  return (
    over(score.goodRefused, goal.goodRefused) +
    over(worstNoticeOf(score, goal), goal.noticeMs) +
    (saved === undefined ? 0 : Math.max(0, saved - score.failedSaved) / Math.max(saved, 1e-6))
  );
}

/** The goal first, then what is saved. */
function rankOf(score: Score, goal: Goal): number {
  return penaltyOf(score, goal) * 1_000 - score.failedSaved + score.goodRefused;
}

/** Those that no other one beats: fewer good calls refused, outages noticed sooner, more failed calls saved. By the first. */
export function frontOf<T extends Scored>(members: readonly T[]): readonly T[] {
  const ordered = [...members].sort((one, other) => one.score.goodRefused - other.score.goodRefused);
  const front: T[] = [];
  for (const one of ordered) {
    const isBeaten = front.some(
      ({ score }) =>
        worstNoticeOf(score) <= worstNoticeOf(one.score) && score.failedSaved >= one.score.failedSaved,
    );
    if (!isBeaten) front.push(one);
  }
  return front;
}
