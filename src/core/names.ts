/** Names in linear memory: exactly the UTF-16 units that the string has, lone surrogates included. */
import {
  BLOCK_UNIT,
  MAXIMUM_NAME_LENGTH,
  NAME_FREED,
  NAME_GENERATION_SHIFT,
  NAME_HASH_OFFSET,
  NAME_HEAD_OFFSET,
  NAME_LENGTH_MASK,
  NAME_OFFSET,
  NAME_UNITS_OFFSET,
  NAME_WIDE,
  PILE_SIZE,
  REGISTRY_ADDRESS,
  REGISTRY_KEY_OFFSET,
  REGISTRY_NAME_PILES_OFFSET,
} from "../../assembly/layout.ts";
import type { Allocator } from "./allocator.ts";
import { hashOf } from "./hash.ts";
import type { LinearMemory } from "./memory.ts";

/** Whether it can be the name of an endpoint. */
export function isName(name: unknown): name is string {
  return typeof name === "string" && name.length > 0 && name.length <= MAXIMUM_NAME_LENGTH;
}

/** @throws TypeError when it cannot be the name of an endpoint. */
export function checkName(name: unknown): string {
  if (isName(name)) return name;
  const given = typeof name === "string" ? `${name.length} characters` : String(name);
  throw new TypeError(
    `the name of an endpoint must be a string of 1 to ${MAXIMUM_NAME_LENGTH} characters, got ${given}`,
  );
}

export class Names {
  readonly #memory: LinearMemory;
  readonly #allocator: Allocator;
  readonly #key: readonly [number, number];

  constructor(memory: LinearMemory, allocator: Allocator) {
    this.#memory = memory;
    this.#allocator = allocator;
    const key = (REGISTRY_ADDRESS + REGISTRY_KEY_OFFSET) >>> 2;
    this.#key = [memory.u32[key]!, memory.u32[key + 1]!];
  }

  /** Its place in the directory. */
  hash(name: string): number {
    return hashOf(name, this.#key[0], this.#key[1]);
  }

  /** Address of a breaker's name; 0 when it is freed. */
  of(breaker: number): number {
    if (breaker >= this.#memory.size) this.#memory.refresh();
    const name = Atomics.load(this.#memory.u32, (breaker + NAME_OFFSET) >>> 2);
    return name & NAME_FREED ? 0 : name;
  }

  /** Writes a name for a breaker that begins in that generation; returns its address. */
  write(name: string, hash: number, generation: number): number {
    const wide = isWide(name);
    const size = sizeOf(name.length, wide);
    const address =
      this.#allocator.pop(pileOf(size), NAME_HASH_OFFSET) || this.#allocator.allocateSmall(size);
    const { u8, u16, u32 } = this.#memory;
    u32[(address + NAME_HASH_OFFSET) >>> 2] = hash;
    u32[(address + NAME_HEAD_OFFSET) >>> 2] =
      (name.length - 1) | (wide ? NAME_WIDE : 0) | ((generation >>> 1) << NAME_GENERATION_SHIFT);
    const units = wide ? u16 : u8;
    const start = (address + NAME_UNITS_OFFSET) >>> (wide ? 1 : 0);
    for (let i = 0; i < name.length; i++) units[start + i] = name.charCodeAt(i);
    return address;
  }

  /** Gives its memory back. */
  free(address: number): void {
    const head = this.#head(address);
    const size = sizeOf(lengthIn(head), (head & NAME_WIDE) !== 0);
    this.#allocator.push(pileOf(size), address, NAME_HASH_OFFSET);
  }

  hashAt(address: number): number {
    if (address >= this.#memory.size) this.#memory.refresh();
    return this.#memory.u32[(address + NAME_HASH_OFFSET) >>> 2]!;
  }

  /** Whether that name stands there. */
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
    if (address >= this.#memory.size) this.#memory.refresh();
    return this.#memory.u32[(address + NAME_HEAD_OFFSET) >>> 2]!;
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

function pileOf(size: number): number {
  return REGISTRY_ADDRESS + REGISTRY_NAME_PILES_OFFSET + (size / BLOCK_UNIT) * PILE_SIZE;
}
