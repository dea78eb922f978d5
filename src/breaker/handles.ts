/**
 * Breakers of which a registry remembers the object: those that were got again, and the newest. The directory knows them
 * all.
 *
 * A stream of names that come once each passes through a small part: it neither drives out what is used again and
 * again, nor lets the engine's space for young objects grow by holding thousands that nobody asks for.
 */

/** Objects got once. Two generations of so many. */
const FRESH_SIZE = 512;
/** Objects got again. */
const KEPT_SIZE = 4_096;

export class Handles<Breaker> {
  readonly #fresh = new Generations<Breaker>(FRESH_SIZE);
  readonly #kept = new Generations<Breaker>(KEPT_SIZE);

  get(name: string): Breaker | undefined {
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept;
    const fresh = this.#fresh.get(name);
    if (fresh === undefined) return undefined;
    this.#fresh.delete(name);
    this.#kept.set(name, fresh);
    return fresh;
  }

  set(name: string, breaker: Breaker): void {
    this.#fresh.set(name, breaker);
  }

  delete(name: string): void {
    this.#fresh.delete(name);
    this.#kept.delete(name);
  }

  /** Forgets those that are no longer in the directory. */
  prune(isGone: (breaker: Breaker) => boolean): void {
    this.#fresh.prune(isGone);
    this.#kept.prune(isGone);
  }
}

/** The latest `size` objects that were got, and some more. */
class Generations<Breaker> {
  readonly #size: number;
  #young = new Map<string, Breaker>();
  #old = new Map<string, Breaker>();

  constructor(size: number) {
    this.#size = size;
  }

  get(name: string): Breaker | undefined {
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(name);
    if (old !== undefined) this.set(name, old);
    return old;
  }

  set(name: string, breaker: Breaker): void {
    if (this.#young.size >= this.#size) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, breaker);
  }

  delete(name: string): void {
    this.#young.delete(name);
    this.#old.delete(name);
  }

  prune(isGone: (breaker: Breaker) => boolean): void {
    for (const handles of [this.#young, this.#old]) {
      for (const [name, breaker] of handles) if (isGone(breaker)) handles.delete(name);
    }
  }
}
