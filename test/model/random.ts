/**
 * splitmix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014), in big integers.
 */

const WORD_BITS = 64;
const GOLDEN_GAMMA = 0x9e3779b97f4a7c15n;
const FIRST_FACTOR = 0xbf58476d1ce4e5b9n;
const SECOND_FACTOR = 0x94d049bb133111ebn;
/** A double has 53 bits; the lower 11 of a draw are left out. */
const UNIT_SHIFT = 11n;

/** The generator of a registry: every opening with jitter draws one number. */
export class RandomModel {
  #state: bigint;

  constructor(seed: bigint) {
    this.#state = wrap(seed);
  }

  /** Starts over: another registry. */
  reseed(seed: bigint): void {
    this.#state = wrap(seed);
  }

  /** The next whole number in [0, 2^64). */
  next(): bigint {
    this.#state = wrap(this.#state + GOLDEN_GAMMA);
    let z = this.#state;
    z = wrap((z ^ (z >> 30n)) * FIRST_FACTOR);
    z = wrap((z ^ (z >> 27n)) * SECOND_FACTOR);
    return z ^ (z >> 31n);
  }

  /** The next number in [0, 1). */
  unit(): number {
    return Number(this.next() >> UNIT_SHIFT) * 2 ** -53;
  }
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(WORD_BITS, value);
}
