/** Numbers that a disturbed round cannot move far. */

/** The middle one, or the mean of the two in the middle; NaN for an empty list. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** How far the middle half of the values lies from the median, as a share of it: 0.02 is ±2 %. */
export function spread(values: readonly number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / Math.abs(median(values));
}

/**
 * An interval that contains the median of the distribution with 95 % certainty, from the ranks of the values (sign test);
 * of fewer than six values the extremes, which are less certain.
 */
export function intervalOfMedian(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const { length } = sorted;
  // Chance of at most `rank` values below the median, by the binomial distribution.
  let chance = 0.5 ** length;
  let below = 0;
  for (let rank = 0; rank < length; rank++) {
    if (chance > 0.025) break;
    below = rank;
    chance += 0.5 ** length * choose(length, rank + 1);
  }
  return [sorted[below] ?? Number.NaN, sorted[length - 1 - below] ?? Number.NaN];
}

function choose(of: number, some: number): number {
  let ways = 1;
  for (let n = 1; n <= some; n++) ways = (ways * (of - some + n)) / n;
  return ways;
}

/** Linear between two neighbours. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}
