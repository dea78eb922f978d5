/**
 * How long a breaker stays open: a table of delays by level, and jitter.
 */

import type { JitterKind } from "./options.ts";
import type { RandomModel } from "./random.ts";

/** A table has no more levels than this. */
const MAXIMUM_LEVELS = 64;

/**
 * The delays initial, initial * factor, initial * (factor * factor), ... up to the first that reaches the maximum, which
 * stands for it.
 */
export function exponentialDelays(initialMs: number, factor: number, maximumMs: number): number[] {
  const delays: number[] = [];
  for (let level = 0; level < MAXIMUM_LEVELS; level++) {
    const delay = initialMs * new Array<number>(level).fill(factor).reduce((power, each) => power * each, 1);
    if (delay >= maximumMs) return [...delays, maximumMs];
    delays.push(delay);
  }
  return delays;
}

/**
 * The delay of one opening, in ms.
 *
 * @param level how many times in a row it opened before this opening
 * @param previousMs the delay of the opening before, in ms; only decorrelated jitter looks at it
 */
export function delayOf(
  delaysMs: readonly number[],
  jitter: JitterKind,
  level: number,
  previousMs: number,
  random: RandomModel,
): number {
  const last = delaysMs.length - 1;
  const delay = at(delaysMs, Math.min(level, last));
  switch (jitter) {
    case "none":
      return delay;
    case "equal":
      return delay / 2 + (random.unit() * delay) / 2;
    case "full":
      return random.unit() * delay;
    case "decorrelated": {
      const base = at(delaysMs, 0);
      // The core remembers the latest delay with single precision.
      const previous = level > 0 ? Math.fround(previousMs) : base;
      return Math.min(at(delaysMs, last), base + random.unit() * (Math.max(previous * 3, base) - base));
    }
  }
}

function at(delaysMs: readonly number[], level: number): number {
  const delay = delaysMs[level];
  if (delay === undefined) throw new RangeError(`no delay for level ${level} of ${delaysMs.length}`);
  return delay;
}
