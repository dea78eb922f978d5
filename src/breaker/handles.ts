/** Breakers of which a registry remembers the object: the latest ones. The directory knows them all. */

/** Two generations of so many: few enough that most of the objects of a stream of new names die young. */
const GENERATION_SIZE = 4_096;

export class Handles<Breaker> {
  #young = new Map<string, Breaker>();
  #old = new Map<string, Breaker>();

  get(name: string): Breaker | undefined {
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(name);
    if (old !== undefined) this.set(name, old);
    return old;
  }

  set(name: string, breaker: Breaker): void {
    if (this.#young.size >= GENERATION_SIZE) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, breaker);
  }

  delete(name: string): void {
    this.#young.delete(name);
    this.#old.delete(name);
  }

  /** Forgets those that are no longer in the directory. */
  prune(isGone: (breaker: Breaker) => boolean): void {
    for (const handles of [this.#young, this.#old]) {
      for (const [name, breaker] of handles) if (isGone(breaker)) handles.delete(name);
    }
  }
}
