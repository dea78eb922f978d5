/**
 * Where random cases come from: small whole numbers, read one after the other.
 *
 * Every choice takes one number and 0 is always its plainest answer, so that whoever makes the numbers
 * smaller (fast-check does, when it has found a failure) makes the case plainer.
 */

/** Numbers are below this. */
export const FACES = 1_000;

/** Answers questions from a list of numbers; when they are used up, every answer is the plainest. */
export class Choices {
  readonly #numbers: readonly number[];
  #next = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.number() % list.length] ?? list[0];
  }

  number(): number {
    return this.#numbers[this.#next++] ?? 0;
  }
}

/** A fast generator of such numbers (Marsaglia, "Xorshift RNGs", 2003): the same seed, the same numbers. */
export class Generator {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) | 0 || 1;
    for (let i = 0; i < 8; i++) this.number();
  }

  number(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % FACES;
  }

  numbers(count: number): number[] {
    return Array.from({ length: count }, () => this.number());
  }
}
