/** Events in the shape of the flights of vega-datasets: the demo of an installed package has no others. */

/** Values at shares of the flights, measured over the 200,000 of vega-datasets 3.2.1; linear between them. */
type Distribution = readonly (readonly [share: number, value: number])[];

/** In minutes; negative: early. */
const DELAY: Distribution = [
  [0, -86],
  [0.001, -44],
  [0.01, -30],
  [0.05, -20],
  [0.1, -15],
  [0.25, -8],
  [0.5, 0],
  [0.75, 12],
  [0.9, 37],
  [0.99, 137],
  [0.999, 272],
  [1, 1_444],
];

/** In miles. */
const DISTANCE: Distribution = [
  [0, 30],
  [0.01, 89],
  [0.05, 142],
  [0.1, 195],
  [0.25, 308],
  [0.5, 569],
  [0.75, 980],
  [0.9, 1_559],
  [0.99, 2_556],
  [1, 4_962],
];

/** Departure, in minutes of the day. */
const MINUTE: Distribution = [
  [0, 0],
  [0.01, 346],
  [0.05, 390],
  [0.1, 430],
  [0.25, 571],
  [0.5, 820],
  [0.75, 1_070],
  [0.9, 1_229],
  [0.99, 1_376],
  [1, 1_439],
];

const SEED = 0x5eed;

/**
 * Flights as lines of JSON: `delay` in whole minutes, `distance` in whole miles, `time` in hours of the day, rising from line to
 * line. The same text for the same count.
 *
 * @param count 1 or more.
 */
export function syntheticFlights(count: number): string {
  const random = lehmer(SEED);
  let text = "";
  for (let n = 0; n < count; n++) {
    const delay = Math.round(valueAt(DELAY, random()));
    const distance = Math.round(valueAt(DISTANCE, random()));
    const time = Math.floor(valueAt(MINUTE, n / count)) / 60;
    text += `{"delay":${delay},"distance":${distance},"time":${time}}\n`;
  }
  return text;
}

function valueAt(distribution: Distribution, share: number): number {
  const next = distribution.findIndex(([bound]) => bound > share);
  const [from, low] = distribution[next - 1]!;
  const [to, high] = distribution[next]!;
  return low + ((share - from) / (to - from)) * (high - low);
}

/** Numbers from 0 to below 1: the generator of Lehmer with the multiplier 48271 modulo 2^31 - 1 (MINSTD). */
function lehmer(seed: number): () => number {
  const modulus = 2_147_483_647;
  let state = seed;
  return () => {
    state = (state * 48_271) % modulus; // below 2^47: exact
    return state / modulus;
  };
}
