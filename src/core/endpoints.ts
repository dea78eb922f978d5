/** The breakers of a registry by name: made, found, freed, told apart from those that had their memory before. */
import { GENERATION_MASK, GENERATION_SHIFT, WORD_OFFSET } from "../../assembly/layout.ts";
import type { Allocator } from "./allocator.ts";
import { Directory } from "./directory.ts";
import { Lives } from "./lives.ts";
import { Names } from "./names.ts";
import type { Site } from "./site.ts";

export class Endpoints {
  readonly #memory: Site["memory"];
  readonly #names: Names;
  readonly #lives: Lives;
  readonly #directory: Directory;

  constructor({ memory, stripe }: Site, allocator: Allocator) {
    this.#memory = memory;
    this.#names = new Names(memory, allocator);
    this.#lives = new Lives(memory, allocator, this.#names, stripe);
    this.#directory = new Directory(memory, allocator, this.#names, stripe);
  }

  /** How many have a name in the directory. */
  get size(): number {
    return this.#directory.size;
  }

  /** Addresses of all that are in the directory, rising. */
  addresses(): Uint32Array {
    return this.#directory.addresses();
  }

  /** After the death of a thread that worked on the directory. */
  renew(): void {
    this.#directory.renew();
  }

  /** From here on whatever writes throws what `refuse` throws. */
  close(refuse: () => never): void {
    this.find = this.findOrCreate = this.create = this.delete = this.sweep = this.sweepFrom = refuse;
    this.move = refuse;
  }

  /** Address of the breaker of that name, or 0. */
  find(name: string): number {
    return this.#directory.find(name, this.#names.hash(name));
  }

  /** Address of the breaker of that name, made with that policy if there is none. */
  findOrCreate(name: string, policy: number): number {
    const hash = this.#names.hash(name);
    const known = this.#directory.find(name, hash);
    if (known !== 0) return known;
    const breaker = this.#lives.begin(policy, name, hash);
    const entered = this.#directory.insert(name, hash, breaker);
    if (entered !== breaker) this.#lives.end(breaker); // another thread was faster
    return entered;
  }

  /** A new breaker that is not in the directory. Returns its address. */
  create(name: string, policy: number): number {
    return this.#lives.begin(policy, name, this.#names.hash(name));
  }

  /**
   * Moves a breaker to a block of another policy, which `fill` is handed to be filled; the old one is freed. Returns the
   * new address, or 0 when another thread owns the breaker or was faster: nothing is changed then. `named`: it is in the
   * directory.
   * @throws RangeError when there is no memory; nothing is changed then.
   */
  move(name: string, from: number, policy: number, named: boolean, fill: (to: number) => void): number {
    const word = this.#lives.seize(from);
    if (word === undefined) return 0;
    let isMoved = false;
    try {
      const hash = this.#names.hash(name);
      const to = this.#lives.begin(policy, name, hash, word >>> GENERATION_SHIFT);
      fill(to);
      isMoved = !named || this.#directory.replace(name, hash, from, to);
      if (!isMoved) this.#lives.end(to);
      return isMoved ? to : 0;
    } finally {
      this.#lives.release(from, word);
      if (isMoved) this.#lives.end(from);
    }
  }

  /** Whoever keeps an address or the options of a breaker looks again. */
  announce(): void {
    this.#lives.announce();
  }

  /** Frees a breaker that is not in the directory. */
  dismiss(breaker: number): void {
    this.#lives.end(breaker);
  }

  /** Takes a breaker out of the directory and frees it; false if there is none. */
  delete(name: string): boolean {
    const breaker = this.#directory.remove(name, this.#names.hash(name));
    if (breaker !== 0) this.#lives.end(breaker);
    return breaker !== 0;
  }

  /** Frees all breakers for which `goes` says so; returns how many. */
  sweep(goes: (breaker: number) => boolean): number {
    let gone = 0;
    this.#directory.sweep(goes, (breaker) => {
      this.#lives.end(breaker);
      gone++;
    });
    return gone;
  }

  /** How many places there are to look at, see `sweepFrom`. */
  get places(): number {
    return this.#directory.slots;
  }

  /**
   * As `sweep`, over at most `places` places from the place `start` on (modulo how many there are), until `isEnough`.
   * Returns how many were looked at.
   */
  sweepFrom(
    start: number,
    places: number,
    goes: (breaker: number) => boolean,
    isEnough: () => boolean,
  ): number {
    return this.#directory.sweepFrom(start, places, goes, (breaker) => this.#lives.end(breaker), isEnough);
  }

  /** Name of a breaker; undefined when it is freed. */
  nameOf(breaker: number): string | undefined {
    const name = this.#names.of(breaker);
    return name === 0 ? undefined : this.#names.read(name);
  }

  /**
   * Name of the breaker that began that generation, if it is still there; undefined when it is gone, whatever lives in
   * its place now. One generation of 4,194,304 cannot be told from those before the breaker.
   */
  nameAt(breaker: number, generation: number): string | undefined {
    const name = this.#names.of(breaker);
    if (name === 0) return undefined;
    const word = this.#memory.u32[(breaker + WORD_OFFSET) >>> 2]!;
    const next = (word >>> GENERATION_SHIFT) + 1; // a record is there before the breaker shows its generation
    const age = (next - generation) & GENERATION_MASK;
    return age < ((next - this.#names.beganAt(name)) & GENERATION_MASK) ? this.#names.read(name) : undefined;
  }
}
