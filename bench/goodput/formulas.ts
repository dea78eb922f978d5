/** Throttles of others, written anew from their published formulas. */
import type { Gate } from "../../src/replay/scenario/gate.ts";
import { Random } from "../random.ts";
import { type Policy, policyOfGates } from "./policy.ts";

const SECOND_MS = 1_000;
const GRAIN = 2 ** 32;
/** Any but 0. */
const TICKET = 1;

/** Two counts over the last so many seconds, the current one included. */
class Counts {
  total = 0;
  good = 0;
  readonly #totals: Float64Array;
  readonly #goods: Float64Array;
  #second = 0;

  constructor(seconds: number) {
    this.#totals = new Float64Array(seconds);
    this.#goods = new Float64Array(seconds);
  }

  /** Forgets what is too old. */
  advance(nowMs: number): void {
    const second = Math.floor(nowMs / SECOND_MS);
    const { length } = this.#totals;
    for (let left = Math.min(second - this.#second, length); left > 0; left--) {
      const place = (second - left + 1) % length;
      this.total -= this.#totals[place]!;
      this.good -= this.#goods[place]!;
      this.#totals[place] = 0;
      this.#goods[place] = 0;
    }
    this.#second = second;
  }

  /** At the time of the latest `advance`. */
  add(total: number, good: number): void {
    const place = this.#second % this.#totals.length;
    this.#totals[place]! += total;
    this.#goods[place]! += good;
    this.total += total;
    this.good += good;
  }
}

/** Refuses a share of the calls at random. */
abstract class RandomGate implements Gate {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** The chance of a refusal. */
  abstract refusing(nowMs: number): number;
  /** Called after a refusal. */
  refused(): void {}
  abstract succeed(ticket: number, nowMs: number): void;
  abstract fail(ticket: number, nowMs: number): void;

  admit(nowMs: number): number {
    const chance = this.refusing(nowMs);
    if (!(chance > 0 && this.#random.below(GRAIN) < chance * GRAIN)) return TICKET;
    this.refused();
    return 0;
  }
}

/**
 * p = max(0, (requests - K × accepts) / (requests + 1)) over two minutes. Refused calls are requests, too. A call that is made
 * counts when it ends: counted before, the first ones, which nothing has answered yet, would have all others refused.
 * Source: Google, "Site Reliability Engineering" (2016), chapter 21, "Client-Side Throttling"; K = 2.
 */
class SreGate extends RandomGate {
  static readonly #MULTIPLIER = 2;
  readonly #counts = new Counts(120);

  override refusing(nowMs: number): number {
    this.#counts.advance(nowMs);
    const { total, good } = this.#counts;
    return Math.max((total - SreGate.#MULTIPLIER * good) / (total + 1), 0);
  }

  override refused(): void {
    this.#counts.add(1, 0);
  }

  override succeed(_ticket: number, nowMs: number): void {
    this.#count(1, nowMs);
  }

  override fail(_ticket: number, nowMs: number): void {
    this.#count(0, nowMs);
  }

  #count(good: number, nowMs: number): void {
    this.#counts.advance(nowMs);
    this.#counts.add(1, good);
  }
}

/**
 * p = ((n - s / threshold) / (n + 1)) ^ (1 / aggression), at most the maximum, over admitted calls that ended.
 * Source: Envoy's documentation, "Admission Control" filter, with its defaults: threshold 95 %, aggression 1, 30 s,
 * maximum 80 %.
 */
class EnvoyGate extends RandomGate {
  static readonly #THRESHOLD = 0.95;
  static readonly #MAXIMUM = 0.8;
  readonly #counts = new Counts(30);

  override refusing(nowMs: number): number {
    this.#counts.advance(nowMs);
    const { total, good } = this.#counts;
    const excess = Math.max(total - good / EnvoyGate.#THRESHOLD, 0) / (total + 1);
    return Math.min(excess, EnvoyGate.#MAXIMUM); // aggression 1
  }

  override succeed(_ticket: number, nowMs: number): void {
    this.#count(1, nowMs);
  }

  override fail(_ticket: number, nowMs: number): void {
    this.#count(0, nowMs);
  }

  #count(good: number, nowMs: number): void {
    this.#counts.advance(nowMs);
    this.#counts.add(1, good);
  }
}

/**
 * Once a second the refused share r changes by kp × P + ki × ∫P, where P = d - (1 - d) × r and d is by how much the error
 * rate of 10 s is above the ideal one; a d of up to a quarter of the ideal rate counts as 0. The integral is bounded by ±10. The
 * ideal rate is a smoothed one of 5 % at first, which falls faster than it rises and takes no rate above 10 %.
 * Source: Shopify's semian, pull requests 760 and 1032 ("Add adaptive circuit breaker", "dead zone") and its documented
 * defaults as of May 2026: kp 1, ki 0.2, kd 0. Without its limit of 2,000 outcomes a window.
 */
class SemianGate extends RandomGate {
  static readonly #PROPORTIONAL = 1;
  static readonly #INTEGRAL = 0.2;
  static readonly #INTEGRAL_BOUND = 10;
  static readonly #DEAD_ZONE = 0.25;
  static readonly #HIGHEST_IDEAL = 0.1;
  /** Weights of a new rate above and below the smoothed one, in the first half an hour: no scenario is longer. */
  static readonly #SMOOTHING_UP = 0.017;
  static readonly #SMOOTHING_DOWN = 0.095;
  readonly #counts = new Counts(10);
  #second = 0;
  #refused = 0;
  #integral = 0;
  #ideal = 0.05;

  override refusing(nowMs: number): number {
    this.#advance(nowMs);
    return this.#refused;
  }

  override succeed(_ticket: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#counts.add(1, 1);
  }

  override fail(_ticket: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#counts.add(1, 0);
  }

  /** The controller steps at the end of each second. */
  #advance(nowMs: number): void {
    for (const second = Math.floor(nowMs / SECOND_MS); this.#second < second; ) {
      this.#step();
      this.#counts.advance(++this.#second * SECOND_MS);
    }
  }

  #step(): void {
    const { total, good } = this.#counts;
    const rate = total === 0 ? 0 : (total - good) / total;
    if (rate <= SemianGate.#HIGHEST_IDEAL) {
      const weight = rate > this.#ideal ? SemianGate.#SMOOTHING_UP : SemianGate.#SMOOTHING_DOWN;
      this.#ideal += weight * (rate - this.#ideal);
    }
    const above = rate - this.#ideal;
    const delta = above > 0 && above <= this.#ideal * SemianGate.#DEAD_ZONE ? 0 : above;
    const error = delta - (1 - delta) * this.#refused;
    this.#integral += error;
    const change = SemianGate.#PROPORTIONAL * error + SemianGate.#INTEGRAL * this.#integral;
    this.#refused = Math.min(Math.max(this.#refused + change, 0), 1);
    const bound = SemianGate.#INTEGRAL_BOUND;
    this.#integral = Math.min(Math.max(this.#integral, -bound), bound);
  }
}

/** See the classes. */
export const FORMULAS: readonly Policy[] = [
  policyOfGates("SRE formula, K = 2", (seed) => new SreGate(seed)),
  policyOfGates("Envoy's admission control", (seed) => new EnvoyGate(seed)),
  policyOfGates("semian's PID", (seed) => new SemianGate(seed)),
];
