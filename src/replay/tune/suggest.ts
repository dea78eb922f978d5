/** Three suggestions, checked by an exact replay of both parts of the trace. */
import { type CircuitBreakerOptions, type Detector, resolveOptions } from "../../breaker/options.ts";
import type { CallTrace } from "../calls/call-trace.ts";
import { durationOf } from "../text/format-text.ts";
import { replayCalls } from "../whatif/replay-calls.ts";
import type { Score } from "./evaluate.ts";
import type { Goal } from "./goal.ts";
import { penaltyOf, type Scored, worstNoticeOf } from "./search.ts";

/** Options, what they mean, and how they do. */
export interface Suggestion {
  /** What it is best at. */
  readonly title: string;
  /** The options in plain words. */
  readonly words: string;
  /** To paste. */
  readonly options: CircuitBreakerOptions;
  /** On the part of the trace that the search has seen, and on the other one (undefined: there is none), by exact replays. */
  readonly seen: Score;
  readonly unseen: Score | undefined;
  /** It reaches the goal on each part. */
  readonly reaches: boolean;
  readonly reachesUnseen: boolean | undefined;
}

/** Replays that are averaged: delays have jitter. */
const SEEDS = [1, 2, 3];
/** Candidates of each kind that are looked at exactly, and calls that are replayed for it in all. */
const CHECKED = 12;
const CHECKED_CALLS = 5_000_000;
/** Bounds of the search are taken stricter for a part of them: what it counts is a few percent off. */
const STRICTER = 0.5;

const KINDS: readonly (readonly [title: string, order: (score: Score, goal: Goal) => number])[] = [
  ["most failed calls saved", (score) => -score.failedSaved],
  ["fewest good calls refused", (score) => score.goodRefused],
  ["outages noticed soonest", (score, goal) => worstNoticeOf(score, goal) + score.goodRefused],
];

/** A part of the trace: what the search has seen, and the rest. */
export type Part = "seen" | "unseen";
/** Exact scores of those options on a part, in their order; on one thread or on many. */
export type ExactAll = (part: Part, options: readonly CircuitBreakerOptions[]) => Promise<readonly Score[]>;

/** Exact scores in this thread. */
export function exactHere(parts: Readonly<Partial<Record<Part, CallTrace>>>): ExactAll {
  return async (part, options) => options.map((one) => exactScore(parts[part]!, one));
}

/**
 * The best of each kind, by an exact replay of the seen part; those that reach the goal come first.
 * @param seenCount entries of the seen part
 */
export async function suggest(
  tried: readonly Scored[],
  goal: Goal,
  exactAll: ExactAll,
  seenCount: number,
  hasUnseen: boolean,
): Promise<readonly Suggestion[]> {
  const chosen: (readonly [title: string, options: CircuitBreakerOptions])[] = [];
  const taken = new Set<string>();
  const exact = new Map<CircuitBreakerOptions, Score>();
  const checked =
    Math.min(Math.max(Math.floor(CHECKED_CALLS / Math.max(seenCount, 1) / SEEDS.length), 2), CHECKED) / 2;
  for (const [title, order] of KINDS) {
    const free = [goal, stricter(goal)].flatMap((one) => bestBy(tried, one, order, taken, checked));
    const fresh = [...new Set(free.map(({ options }) => options))].filter((options) => !exact.has(options));
    const scores = await exactAll("seen", fresh);
    for (const [index, options] of fresh.entries()) exact.set(options, scores[index]!);
    const [best] = free.sort((one, other) => {
      const [a, b] = [exact.get(one.options)!, exact.get(other.options)!];
      return penaltyOf(a, goal) - penaltyOf(b, goal) || order(a, goal) - order(b, goal);
    });
    if (!best) continue;
    for (const one of tried) if (isSameScore(one.score, best.score)) taken.add(JSON.stringify(one.options));
    chosen.push([title, best.options]);
  }
  const options = chosen.map(([, own]) => own);
  const others = hasUnseen ? await exactAll("unseen", options) : [];
  return chosen.map(([title, own], index) => {
    const score = exact.get(own)!;
    const other = others[index];
    return {
      title,
      words: wordsOf(own),
      options: own,
      seen: score,
      unseen: other,
      reaches: penaltyOf(score, goal) === 0,
      reachesUnseen: other && penaltyOf(other, goal) === 0,
    };
  });
}

/** Options that differ in what has no effect on the trace. */
function isSameScore(one: Score, other: Score): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function stricter({ goodRefused, noticeMs, failedSaved }: Goal): Goal {
  return {
    ...(goodRefused !== undefined && { goodRefused: goodRefused * STRICTER }),
    ...(noticeMs !== undefined && { noticeMs: noticeMs * STRICTER }),
    ...(failedSaved !== undefined && { failedSaved: 1 - (1 - failedSaved) * STRICTER }),
  };
}

type Order = (typeof KINDS)[number][1];

/** The first ones by the goal, then by the order. */
function bestBy(
  tried: readonly Scored[],
  goal: Goal,
  order: Order,
  taken: ReadonlySet<string>,
  count: number,
) {
  const free = tried.filter(({ options }) => !taken.has(JSON.stringify(options)));
  free.sort(
    (one, other) =>
      penaltyOf(one.score, goal) - penaltyOf(other.score, goal) ||
      order(one.score, goal) - order(other.score, goal),
  );
  return free.slice(0, Math.ceil(count));
}

/** By replays of single calls; the mean of several seeds, and the worst notice. */
export function exactScore(trace: CallTrace, options: CircuitBreakerOptions): Score {
  let [goodRefused, failedSaved, noticeMs, openings] = [0, 0, 0, 0];
  let missedMs: readonly number[] = [];
  for (const seed of SEEDS) {
    const { total, endpoints } = replayCalls(trace, { defaults: options, seed });
    const good = total.succeeded + total.goodRefused;
    const failed = total.failed + total.failedSaved;
    goodRefused += (good > 0 ? total.goodRefused / good : 0) / SEEDS.length;
    failedSaved += (failed > 0 ? total.failedSaved / failed : 0) / SEEDS.length;
    openings += endpoints.reduce((sum, one) => sum + one.openings.length, 0) / SEEDS.length;
    const outages = endpoints.flatMap((one) => one.outages);
    noticeMs = Math.max(noticeMs, ...outages.map(({ noticedAfterMs = 0 }) => noticedAfterMs));
    const missed = outages.filter(({ noticedAfterMs }) => noticedAfterMs === undefined);
    if (missed.length > missedMs.length) missedMs = missed.map(({ fromMs, toMs }) => toMs - fromMs);
  }
  return { goodRefused, failedSaved, noticeMs, missedMs, openings: Math.round(openings) };
}

/** "Opens when …, or when …. Stays open for …" */
export function wordsOf(options: CircuitBreakerOptions): string {
  const { detector, backoff, halfOpen, overload } = resolveOptions(options);
  const rules = detector.flatMap(rulesOf).join(", or when ");
  const delay =
    backoff.kind === "exponential"
      ? `${durationOf(backoff.initialMs)} at first and at most ${durationOf(backoff.maximumMs)}`
      : `the delays of "${backoff.kind}"`;
  const { successesToClose } = halfOpen;
  const closes =
    successesToClose === 1
      ? "a successful probe closes it"
      : `${successesToClose} successful probes close it`;
  const throttled = overload
    ? ` Below a success rate of ${percent(overload.successRate)} it refuses a part of the calls before.`
    : "";
  return `Opens when ${rules}. Stays open for ${delay}; ${closes}.${throttled}`;
}

function rulesOf(one: Detector): string[] {
  if (one.kind === "consecutive_failures") return [`${one.failures} calls in a row fail`];
  const { minimumCalls, requiredSuccessRate, slowCallMs, maximumSlowRate } = one;
  const where =
    one.kind === "success_rate_over_time_window"
      ? `in ${durationOf(one.windowMs)}`
      : `of the last ${one.calls}`;
  const rate = `less than ${percent(requiredSuccessRate)} of at least ${minimumCalls} calls ${where} succeed`;
  if (slowCallMs === undefined) return [rate];
  return [
    rate,
    `more than ${percent(maximumSlowRate ?? 1)} of them take longer than ${durationOf(slowCallMs)}`,
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
