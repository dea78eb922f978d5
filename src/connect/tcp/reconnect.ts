/** When a lost connection is tried again: growing delays, on the delay tables of the library. docs/adr/0065 says why so. */
import { stepsOption } from "../../breaker/options.ts";
import { numberOption, objectOption } from "../../breaker/validate.ts";
import { flagOption } from "../base/flag.ts";

/** All are optional. A value out of range is an OptionError. */
export interface ReconnectOptions {
  /** The first delay, in ms. 10 to 3,600,000; default 500. */
  readonly intervalMs?: number;
  /** Each delay is the one before times this, in whole ms. 1 to 100; default 1.5. */
  readonly growthRate?: number;
  /** No delay is longer, in ms. `intervalMs` to 86,400,000; default 60,000 (or `intervalMs`, if that is more). */
  readonly maximumIntervalMs?: number;
  /**
   * Tries after a connection was lost, until one succeeds; as many again after a first try that failed. 0 to 1,000,000;
   * default: no end.
   */
  readonly maximumRetries?: number;
  /** Each delay is drawn from between the one before and itself, so that many clients do not come back at once. Default true. */
  readonly randomized?: boolean;
}

/** What the options became. */
export interface ReconnectRules {
  readonly delaysMs: readonly number[];
  /** Infinity: no end. */
  readonly maximumRetries: number;
  readonly randomized: boolean;
}

const KEYS = ["intervalMs", "growthRate", "maximumIntervalMs", "maximumRetries", "randomized"];
/** A day: the longest delay that the tables of the library hold. */
const LONGEST_MS = 86_400_000;

/** @throws OptionError naming option, range and value. */
export function resolveReconnect(options: unknown): ReconnectRules {
  const given = objectOption("reconnect", options, KEYS);
  const { intervalMs, growthRate, maximumIntervalMs, maximumRetries } = given;
  const first = numberOption(
    "reconnect.intervalMs",
    intervalMs,
    { from: 10, to: 3_600_000, whole: true },
    500,
  );
  const growth = numberOption("reconnect.growthRate", growthRate, { from: 1, to: 100 }, 1.5);
  const range = { from: first, to: LONGEST_MS, whole: true };
  const longest = numberOption(
    "reconnect.maximumIntervalMs",
    maximumIntervalMs,
    range,
    Math.max(first, 60_000),
  );
  const tries = { from: 0, to: 1_000_000, whole: true };
  return {
    delaysMs: stepsOption("reconnect", growing(first, growth, longest)).delaysMs,
    maximumRetries:
      maximumRetries === undefined
        ? Number.POSITIVE_INFINITY
        : numberOption("reconnect.maximumRetries", maximumRetries, tries),
    randomized: flagOption("reconnect.randomized", given.randomized, true),
  };
}

/** Up to and including the first that reaches the longest; one that does not grow stands for all. */
function* growing(firstMs: number, growth: number, longestMs: number): Generator<number> {
  let delayMs = firstMs;
  for (let before = 0; delayMs > before && delayMs < longestMs; ) {
    yield delayMs;
    before = delayMs;
    delayMs = Math.trunc(delayMs * growth);
  }
  if (delayMs >= longestMs) yield longestMs;
}

/** Counts the tries of one connection. */
export class Retries {
  readonly #rules: ReconnectRules;
  readonly #random: () => number;
  #count = 0;
  #latestMs = 0;

  /** @param random from 0 to below 1. */
  constructor(rules: ReconnectRules, random: () => number = Math.random) {
    this.#rules = rules;
    this.#random = random;
  }

  /** Tries since the last `reset`. */
  get count(): number {
    return this.#count;
  }

  /** The delay that `next` has returned last, in ms; 0: none. */
  get latestMs(): number {
    return this.#latestMs;
  }

  /** Ms to wait before the next try; undefined: no more tries. */
  next(): number | undefined {
    const { delaysMs, maximumRetries } = this.#rules;
    if (this.#count >= maximumRetries) return undefined;
    const level = Math.min(this.#count, delaysMs.length - 1);
    const delayMs = delaysMs[level] ?? 0; // the table has one delay at least
    this.#count++;
    this.#latestMs = this.#rules.randomized
      ? this.#between(delaysMs[level - 1] ?? delayMs, delayMs)
      : delayMs;
    return this.#latestMs;
  }

  /** The connection has proved itself: the next loss begins at the first delay again. */
  reset(): void {
    this.#count = 0;
    this.#latestMs = 0;
  }

  #between(fromMs: number, toMs: number): number {
    return Math.trunc(fromMs + this.#random() * (toMs - fromMs));
  }
}
