/** Names in linear memory: exactly the UTF-16 units that the string has, lone surrogates included. */
import {
  BLOCK_UNIT,
  CONTROL_SIZE,
  FREE_LIST_SIZE,
  NAME_FREE_LISTS_OFFSET,
  NAME_FREED,
  NAME_GENERATION_SHIFT,
  NAME_HASH_OFFSET,
  NAME_HEAD_OFFSET,
  NAME_LENGTH_MASK,
  NAME_OFFSET,
  NAME_UNITS_OFFSET,
  NAME_WIDE,
  REGISTRY_ADDRESS,
  REGISTRY_FREE_LISTS_OFFSET,
  REGISTRY_KEY_OFFSET,
} from "../../assembly/layout.ts";
import type { Allocator } from "./allocator.ts";
import { hashOf } from "./hash.ts";
import type { SharedMemory } from "./shared-memory.ts";

/** Bytes of the longest name. */
const LARGEST_NAME = 2_056; // NAME_UNITS_OFFSET + MAXIMUM_NAME_LENGTH * 2

export class Names {
  readonly #memory: SharedMemory;
  readonly #allocator: Allocator;
  readonly #freeLists: number;
  readonly #key0: number;
  readonly #key1: number;

  constructor(memory: SharedMemory, allocator: Allocator) {
    this.#memory = memory;
    this.#allocator = allocator;
    const at = (offset: number) => memory.u32[(REGISTRY_ADDRESS + offset) >>> 2]!;
    this.#freeLists = at(REGISTRY_FREE_LISTS_OFFSET) + NAME_FREE_LISTS_OFFSET;
    this.#key0 = at(REGISTRY_KEY_OFFSET);
    this.#key1 = at(REGISTRY_KEY_OFFSET + 4);
  }

  /** Hash of a name, from which its place in the table follows. */
  hash(name: string): number {
    return hashOf(name, this.#key0, this.#key1);
  }

  /** Address of a breaker's name; 0 when the breaker is freed. */
  of(breaker: number): number {
    this.#memory.cover(breaker + CONTROL_SIZE);
    const name = Atomics.load(this.#memory.u32, (breaker + NAME_OFFSET) >>> 2);
    return name & NAME_FREED ? 0 : name;
  }

  /** Writes a name for a breaker that begins in that generation; returns its address. @throws RangeError: no memory */
  write(name: string, hash: number, generation: number): number {
    const wide = isWide(name);
    const size = sizeOf(name.length, wide);
    const address =
      this.#allocator.pop(this.#freeListOf(size), NAME_HASH_OFFSET) || this.#allocator.allocateSmall(size);
    const { u8, u16, u32 } = this.#memory;
    u32[(address + NAME_HASH_OFFSET) >>> 2] = hash;
    u32[(address + NAME_HEAD_OFFSET) >>> 2] =
      (name.length - 1) | (wide ? NAME_WIDE : 0) | ((generation >>> 1) << NAME_GENERATION_SHIFT);
    const units = wide ? u16 : u8;
    const start = (address + NAME_UNITS_OFFSET) >>> (wide ? 1 : 0);
    for (let i = 0; i < name.length; i++) units[start + i] = name.charCodeAt(i);
    return address;
  }

  /** Frees its memory. */
  free(address: number): void {
    const head = this.#head(address);
    const size = sizeOf(lengthIn(head), (head & NAME_WIDE) !== 0);
    this.#allocator.push(this.#freeListOf(size), address, NAME_HASH_OFFSET);
  }

  hashAt(address: number): number {
    this.#memory.cover(address + LARGEST_NAME);
    return this.#memory.u32[(address + NAME_HASH_OFFSET) >>> 2]!;
  }

  /** Whether the name at that address is this one. */
  equals(address: number, name: string): boolean {
    const head = this.#head(address);
    if (lengthIn(head) !== name.length) return false;
    const wide = (head & NAME_WIDE) !== 0;
    const units = wide ? this.#memory.u16 : this.#memory.u8;
    const start = (address + NAME_UNITS_OFFSET) >>> (wide ? 1 : 0);
    for (let i = 0; i < name.length; i++) {
      if (units[start + i] !== name.charCodeAt(i)) return false;
    }
    return true;
  }

  read(address: number): string {
    const head = this.#head(address);
    const wide = (head & NAME_WIDE) !== 0;
    const units = wide ? this.#memory.u16 : this.#memory.u8;
    const start = (address + NAME_UNITS_OFFSET) >>> (wide ? 1 : 0);
    const found = units.subarray(start, start + lengthIn(head));
    return String.fromCharCode.apply(null, found as unknown as number[]);
  }

  /** Generation in which the breaker of that name began, or the one before: the breaker before it had neither. */
  beganAt(address: number): number {
    return (this.#head(address) >>> NAME_GENERATION_SHIFT) << 1;
  }

  #head(address: number): number {
    this.#memory.cover(address + LARGEST_NAME);
    return this.#memory.u32[(address + NAME_HEAD_OFFSET) >>> 2]!;
  }

  #freeListOf(size: number): number {
    return this.#freeLists + (size / BLOCK_UNIT) * FREE_LIST_SIZE;
  }
}

function lengthIn(head: number): number {
  return (head & NAME_LENGTH_MASK) + 1;
}

function isWide(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) > 255) return true;
  return false;
}

function sizeOf(length: number, wide: boolean): number {
  const bytes = NAME_UNITS_OFFSET + (wide ? length * 2 : length);
  return Math.ceil(bytes / BLOCK_UNIT) * BLOCK_UNIT;
}
