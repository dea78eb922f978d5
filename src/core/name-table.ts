/** From the name of an endpoint to its breaker: the interface, and the table of one thread. */
import { NAME_OFFSET } from "../../assembly/layout.ts";
import type { LinearMemory } from "./memory.ts";

/** Names of breakers, each once. Addresses are bytes in linear memory; 0 is none. */
export interface NameTable {
  readonly size: number;
  find(name: string): number;
  /** Enters a breaker. Returns its address, or the address of the breaker that another thread entered first. */
  insert(name: string, breaker: number): number;
  /** Puts another breaker in the place of `from`; false if that is not there. */
  replace(name: string, from: number, to: number): boolean;
  /** Takes a name out, of that breaker only if one is given. Returns the address if this call did it, else 0. */
  remove(name: string, breaker?: number): number;
  /** Writes the name of a breaker, in the table or not, to its NAME cell. */
  label(breaker: number, name: string): void;
  /** Frees what `label` took. */
  unlabel(breaker: number): void;
  /**
   * Name of a breaker; undefined when it is freed. `generation`: of a record of the journal; undefined, too, when another
   * breaker lives in the block since then.
   */
  nameOf(breaker: number, generation?: number): string | undefined;
  /** Addresses of all breakers in the table, in the order in which they were entered where that is known. */
  addresses(): Iterable<number>;
}

/** The table of one thread: a Map, and an array of names that the NAME cells index. */
export class MapNameTable implements NameTable {
  readonly #memory: LinearMemory;
  readonly #addresses = new Map<string, number>();
  /** Index 0 is unused: 0 in a NAME cell is no name. */
  readonly #names: (string | undefined)[] = [undefined];
  readonly #free: number[] = [];

  constructor(memory: LinearMemory) {
    this.#memory = memory;
  }

  get size(): number {
    return this.#addresses.size;
  }

  find(name: string): number {
    return this.#addresses.get(name) ?? 0;
  }

  insert(name: string, breaker: number): number {
    this.#addresses.set(name, breaker);
    return breaker;
  }

  replace(name: string, _: number, to: number): boolean {
    return this.insert(name, to) === to;
  }

  remove(name: string): number {
    const breaker = this.find(name);
    this.#addresses.delete(name);
    return breaker;
  }

  label(breaker: number, name: string): void {
    const index = this.#free.pop() ?? this.#names.length;
    this.#names[index] = name;
    this.#memory.u32[(breaker + NAME_OFFSET) >>> 2] = index;
  }

  unlabel(breaker: number): void {
    const at = (breaker + NAME_OFFSET) >>> 2;
    const index = this.#memory.u32[at]!;
    this.#names[index] = undefined;
    this.#free.push(index);
    this.#memory.u32[at] = 0;
  }

  nameOf(breaker: number): string | undefined {
    return this.#names[this.#memory.u32[(breaker + NAME_OFFSET) >>> 2]!];
  }

  addresses(): Iterable<number> {
    return this.#addresses.values();
  }
}
