/**
 * Whether a breaker by hand does what the library's does. If it did not, the benchmark would compare two things
 * that are not the same.
 */
import { type CircuitBreaker, CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { Chance } from "../chance.ts";
import { HandBreakers } from "./breakers.ts";
import { ObjectBreaker } from "./object.ts";
import type { HandPolicy, HandSnapshot } from "./policy.ts";

/** What the library's breaker and those by hand have in common. Times in ms. */
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

/** One call on any breaker, and what it gave. */
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
  const chance = new Chance(seed);
  const policy = choosePolicy(chance);
  const library = libraryBreaker(policy);
  const byHand = make(policy);
  const held: number[] = [];
  let nowMs = 1_000;
  for (let step = 0; step < steps; step++) {
    nowMs += chance.pick([1, 0, 0, 3, 30, 30, 110, -20, 700]);
    const call = chooseCall(chance, held, nowMs);
    const wanted = [call(library), told(library.snapshot(nowMs))];
    const given = [call(byHand), told(byHand.snapshot(nowMs))];
    if (String(wanted) !== String(given)) return `seed ${seed}, step ${step}: ${wanted}, by hand ${given}`;
    if (Number(wanted[0]) > 0) held.push(Number(wanted[0]));
  }
  return undefined;
}

function choosePolicy(chance: Chance): HandPolicy {
  return {
    windowMs: chance.pick([1_000, 300]),
    buckets: chance.pick([10, 1, 3]),
    minimumCalls: chance.pick([2, 1, 10]),
    requiredSuccessRate: chance.pick([0.5, 0, 0.8, 1]),
    slowCallMs: chance.pick([Number.POSITIVE_INFINITY, 100]),
    maximumSlowRate: chance.pick([1, 0.3]),
    delaysMs: chance.pick([[200], [50, 100, 400]]),
    decayMs: chance.pick([500, 0]),
    successesToClose: chance.pick([1, 2]),
    probeTimeoutMs: chance.pick([1_000, 60]),
  };
}

function libraryBreaker(policy: HandPolicy): CircuitBreaker {
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

function chooseCall(chance: Chance, held: number[], nowMs: number): Call {
  const kind = chance.pick(CALLS);
  if (kind === "acquire") return (breaker) => breaker.tryAcquire(nowMs);
  const place = chance.below(Math.max(held.length, 1));
  // Now and then one is reported again, or much later.
  const ticket = (chance.below(10) === 0 ? held[place] : held.splice(place, 1)[0]) ?? FIRST_TICKET;
  const duration = chance.pick([Number.NaN, 10, 100, 101, 5_000]);
  return (breaker) => {
    if (kind === "success") breaker.onSuccess(ticket, nowMs, duration);
    else if (kind === "failure") breaker.onFailure(ticket, nowMs, duration);
    else if (kind === "release") breaker.release(ticket, nowMs);
    else breaker.check(nowMs);
    return 0;
  };
}

/** What both say of themselves, as text. */
function told(snapshot: HandSnapshot): string {
  const { state, calls, failures, slow, level, generation, late, refused, retryAfterMs } = snapshot;
  return JSON.stringify({ state, calls, failures, slow, level, generation, late, refused, retryAfterMs });
}
