/** What a call must settle in spite of. */
// biome-ignore-all lint/suspicious/noThenProperty: thenables are what is tested

/** An object whose getter of that name throws. */
export function trap(field: string, base: object = {}): object {
  return Object.defineProperty(base, field, {
    get() {
      throw new Error(`getter of ${field}`);
    },
  });
}

/** Throws. */
export function nothing(error: unknown = new Error("nothing")): never {
  throw error;
}

/** A promise whose work begins at the first `then`, as of p-lazy. */
export class LazyPromise<T> extends Promise<T> {
  starts = 0;
  #work: () => Promise<T>;

  constructor(work: () => Promise<T>) {
    super(() => {});
    this.#work = work;
  }

  override then<A = T, B = never>(
    fulfil?: ((value: T) => A | PromiseLike<A>) | null,
    reject?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.starts++;
    return this.#work().then(fulfil, reject);
  }

  override catch<B = never>(reject?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, reject);
  }

  static override get [Symbol.species]() {
    return Promise;
  }
}
