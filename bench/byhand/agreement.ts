/**
 * Compares a breaker by hand with the library's, call by call: the benchmark must compare breakers that do the same.
 */
import { CircuitBreakerRegistry } from "../cases/fixtures.ts";
import { Random } from "../random.ts";
import { HandBreakers } from "./breakers.ts";
import { ObjectBreaker } from "./object.ts";
import type { HandPolicy, HandSnapshot } from "./policy.ts";

/** The common interface of the library's breaker and those by hand. Times in ms. */
export interface AnyBreaker {
  tryAcquire(nowMs: number): number;
  onSuccess(ticket: number, nowMs: number, durationMs: number): void;
  onFailure(ticket: number, nowMs: number, durationMs: number): void;
  release(ticket: number, nowMs: number): void;
  check(nowMs: number): void;
  snapshot(nowMs: number): HandSnapshot;
}

/** Makes a breaker to compare with. */
export type BreakerMaker = (policy: HandPolicy) => AnyBreaker;

/** One call on any breaker; returns its result. */
type Call = (breaker: AnyBreaker) => number;

const CALLS = ["acquire", "acquire", "success", "failure", "success", "release", "check"] as const;
/** The smallest ticket there is: of generation 1. */
const FIRST_TICKET = 256;

/** The breaker by hand in one buffer; the second of two, so that a wrong index is seen. */
export function flatBreaker(policy: HandPolicy): AnyBreaker {
  const breakers = new HandBreakers(policy, 2);
  const at = breakers.size;
  return {
    tryAcquire: (now) => breakers.tryAcquire(at, now),
    onSuccess: (ticket, now, duration) => breakers.onSuccess(at, ticket, now, duration),
    onFailure: (ticket, now, duration) => breakers.onFailure(at, ticket, now, duration),
    release: (ticket, now) => breakers.release(at, ticket, now),
    check: (now) => breakers.check(at, now),
    snapshot: () => breakers.snapshot(at),
  };
}

/** The breaker by hand that is an object. */
export function objectBreaker(policy: HandPolicy): AnyBreaker {
  return new ObjectBreaker(policy);
}

/**
 * Takes so many random steps with the library and a breaker by hand, under a random policy.
 *
 * @returns the first difference, with the seed and the step, or undefined
 */
export function findDifference(seed: number, steps: number, make: BreakerMaker): string | undefined {
  const random = new Random(seed);
  const policy = choosePolicy(random);
  const library = libraryBreaker(policy);
  const byHand = make(policy);
  const held: number[] = [];
  let nowMs = 1_000;
  for (let step = 0; step < steps; step++) {
    nowMs += random.pick([1, 0, 0, 3, 30, 30, 110, -20, 700]);
    const call = chooseCall(random, held, nowMs);
    const wanted = [call(library), textOf(library.snapshot(nowMs))];
    const given = [call(byHand), textOf(byHand.snapshot(nowMs))];
    if (String(wanted) !== String(given)) return `seed ${seed}, step ${step}: ${wanted}, by hand ${given}`;
    if (Number(wanted[0]) > 0) held.push(Number(wanted[0]));
  }
  return undefined;
}

function choosePolicy(random: Random): HandPolicy {
  return {
    windowMs: random.pick([1_000, 300]),
    buckets: random.pick([10, 1, 3]),
    minimumCalls: random.pick([2, 1, 10]),
    requiredSuccessRate: random.pick([0.5, 0, 0.8, 1]),
    slowCallMs: random.pick([Number.POSITIVE_INFINITY, 100]),
    maximumSlowRate: random.pick([1, 0.3]),
    delaysMs: random.pick([[200], [50, 100, 400]]),
    decayMs: random.pick([500, 0]),
    successesToClose: random.pick([1, 2]),
    probeTimeoutMs: random.pick([1_000, 60]),
  };
}

function libraryBreaker(policy: HandPolicy): AnyBreaker {
  const { windowMs, buckets, minimumCalls, requiredSuccessRate, slowCallMs, maximumSlowRate } = policy;
  const rates = { windowMs, buckets, minimumCalls, requiredSuccessRate };
  const slow = Number.isFinite(slowCallMs) ? { slowCallMs, maximumSlowRate } : {};
  return new CircuitBreakerRegistry().get("endpoint", {
    detector: { kind: "success_rate_over_time_window", ...rates, ...slow },
    backoff: { kind: "steps", delaysMs: policy.delaysMs, jitter: "none" },
    decayMs: policy.decayMs,
    halfOpen: { probes: 1, successesToClose: policy.successesToClose, probeTimeoutMs: policy.probeTimeoutMs },
  });
}

function chooseCall(random: Random, held: number[], nowMs: number): Call {
  const kind = random.pick(CALLS);
  if (kind === "acquire") return (breaker) => breaker.tryAcquire(nowMs);
  const place = random.below(Math.max(held.length, 1));
  // Now and then one is reported again, or much later.
  const ticket = (random.below(10) === 0 ? held[place] : held.splice(place, 1)[0]) ?? FIRST_TICKET;
  const duration = random.pick([Number.NaN, 10, 100, 101, 5_000]);
  return (breaker) => {
    if (kind === "success") breaker.onSuccess(ticket, nowMs, duration);
    else if (kind === "failure") breaker.onFailure(ticket, nowMs, duration);
    else if (kind === "release") breaker.release(ticket, nowMs);
    else breaker.check(nowMs);
    return 0;
  };
}

/** A snapshot as text. */
function textOf(snapshot: HandSnapshot): string {
  const { state, calls, failures, slow, level, generation, late, refused, retryAfterMs } = snapshot;
  return JSON.stringify({ state, calls, failures, slow, level, generation, late, refused, retryAfterMs });
}
