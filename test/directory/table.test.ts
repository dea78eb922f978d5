import { describe, expect, it } from "vitest";
import { Allocator } from "../../src/core/allocator.ts";
import { Directory } from "../../src/core/directory.ts";
import { hashOf } from "../../src/core/hash.ts";
import { Lives } from "../../src/core/lives.ts";
import { LinearMemory } from "../../src/core/memory.ts";
import { Names } from "../../src/core/names.ts";
import { placePolicy } from "../../src/core/policies.ts";
import { encodePolicy, shapeOf } from "../../src/core/policy.ts";
import { placeShape } from "../../src/core/shapes.ts";
import { found } from "../../src/core/site.ts";
import { Dice } from "../core/dice.ts";
import { WASM_FLAVOURS } from "../flavours.ts";

const POLICY = {
  startMode: 0,
  delaysMs: [1],
  jitter: 0,
  decayMs: 0,
  probes: 1,
  successesToClose: 1,
  probeTimeoutMs: 1,
};

/** A directory without a module, whose caller says what the hashes are. */
function tableOf(shared: boolean) {
  const { delivery } = WASM_FLAVOURS.find((flavour) => flavour.delivery.shared === shared)!; // there is one of each
  const { memory } = found(delivery, [1, 2], 1);
  const allocator = new Allocator(memory, 0);
  const names = new Names(memory, allocator);
  const lives = new Lives(memory, allocator, names, 0);
  const shape = shapeOf(POLICY, 1, shared);
  const placed = placeShape(memory, allocator, shape);
  const policy = placePolicy(memory, allocator, encodePolicy(POLICY, shape, 1, placed));
  const directory = new Directory(memory, allocator, names, 0);
  return { memory, allocator, names, lives, policy, directory };
}

function collide(hashes: readonly number[], shared: boolean): void {
  const { lives, policy, directory } = tableOf(shared);
  const dice = new Dice(hashes.length);
  const model = new Map<string, number>();
  const hashFor = (n: number) => hashes[n % hashes.length]! >>> 0;
  for (let step = 0; step < 5_000; step++) {
    const n = dice.roll() % 120;
    const name = `name ${n}`;
    const hash = hashFor(n);
    expect(directory.find(name, hash)).toBe(model.get(name) ?? 0);
    if (dice.roll() % 2 === 0 && !model.has(name)) {
      const breaker = lives.begin(policy, name, hash);
      expect(directory.insert(name, hash, breaker)).toBe(breaker);
      model.set(name, breaker);
    } else {
      const removed = directory.remove(name, hash);
      expect(removed).toBe(model.get(name) ?? 0);
      if (model.delete(name)) lives.end(removed);
    }
    expect(directory.size).toBe(model.size);
  }
  expect(directory.addresses()).toEqual(Uint32Array.from(model.values()).sort());
}

describe.each([false, true])("a table (shared: %s)", (shared) => {
  it("keeps names apart whose hashes are the same", () => {
    collide([0], shared);
    collide([0xffff_ffff], shared);
  });

  it("keeps names apart whose hashes share the slot, or the tag, and wraps at its end", () => {
    collide([63, 62, 0xf800_003f, 0x0800_003f], shared);
    collide([0xffff_ffff, 0xffff_fffe, 0x7fff_ffff], shared);
  });

  it("gives the breaker that stands there already to whoever comes second", () => {
    const { lives, policy, directory } = tableOf(shared);
    const first = lives.begin(policy, "a", 5);
    const second = lives.begin(policy, "a", 5);
    expect(directory.insert("a", 5, first)).toBe(first);
    expect(directory.insert("a", 5, second)).toBe(first);
    expect(directory.size).toBe(1);
  });

  it("shrinks when most have gone, and its tables are used again", () => {
    const { memory, lives, policy, directory } = tableOf(shared);
    const fill = (count: number) => {
      for (let n = 0; n < count; n++) {
        const name = `name ${n}`;
        const hash = hashOf(name, 1, 2);
        directory.insert(name, hash, lives.begin(policy, name, hash));
      }
    };
    const empty = () => directory.sweep(always, (breaker) => lives.end(breaker));
    fill(10_000);
    expect(directory.occupancy.slots).toBe(16_384);
    empty();
    fill(10_000);
    empty();
    const { size } = memory;
    for (let round = 0; round < 20; round++) {
      fill(10_000);
      expect(directory.size).toBe(10_000);
      empty();
      fill(200);
      expect(directory.size).toBe(200);
      empty();
    }
    expect(memory.size).toBe(size);
  });

  it("works for a thread that has seen only the beginning of the memory", () => {
    if (!shared) return; // only another thread can grow a memory behind one's back
    const { memory, lives, policy, directory } = tableOf(shared);
    const stale = new LinearMemory(memory.memory, shared);
    const names = Array.from({ length: 9_000 }, (_, n) => `name ${n}`.repeat(1 + (n % 20)));
    const enter = (name: string, into: Directory, making: Lives) => {
      const hash = hashOf(name, 1, 2);
      into.insert(name, hash, making.begin(policy, name, hash));
    };
    for (const name of names) enter(name, directory, lives);
    directory.sweep(always, (breaker) => lives.end(breaker));
    for (const name of names.slice(0, 1_000)) enter(name, directory, lives);
    expect(memory.size).toBeGreaterThan(stale.size);
    // Finds what the first made, uses again what it freed: breakers, names and tables, also across the end of the view.
    const allocator = new Allocator(stale, 0);
    const staleNames = new Names(stale, allocator);
    const other = new Directory(stale, allocator, staleNames, 0);
    const otherLives = new Lives(stale, allocator, staleNames, 0);
    for (const name of names.slice(0, 1_000)) expect(other.find(name, hashOf(name, 1, 2))).not.toBe(0);
    for (const name of names.slice(1_000)) enter(name, other, otherLives);
    for (const name of names) expect(directory.find(name, hashOf(name, 1, 2))).not.toBe(0);
    expect(directory.addresses().length).toBe(names.length);
    expect(directory.size).toBe(names.length);
  });
});

describe("a thread whose view of the memory ends inside a name", () => {
  it("reads it to its end", () => {
    const { memory, names, allocator } = tableOf(true);
    const texts = Array.from({ length: 38 }, (_, n) => `${n} `.repeat(33));
    const stale = texts.map(() => new LinearMemory(memory.memory, true));
    allocator.allocate(memory.size - 2_048 - allocator.end); // so that the next names lie across the end
    const addresses = texts.map((text) => names.write(text, 0, 1));
    expect(addresses[0]).toBeLessThan(stale[0]!.size);
    expect(addresses.at(-1)).toBeGreaterThan(stale[0]!.size);
    const seen = stale.map((view, n) => new Names(view, new Allocator(view, 0)).read(addresses[n]!));
    expect(seen).toEqual(texts);
  });
});

describe("the hash of names", () => {
  it("spreads a million names over all 32 bits: no more collisions than by chance", () => {
    const hashes = new Uint32Array(1_000_000);
    for (let n = 0; n < hashes.length; n++) hashes[n] = hashOf(`endpoint-${n}`, 0x1234, 0x5678);
    hashes.sort();
    let collisions = 0;
    for (let n = 1; n < hashes.length; n++) if (hashes[n] === hashes[n - 1]) collisions++;
    // Expected: n² / 2^33 = 116, with a standard deviation of 11.
    expect(collisions).toBeGreaterThan(60);
    expect(collisions).toBeLessThan(175);
  });

  it("fills 64 slots evenly by its low bits and by the bits of the tag", () => {
    for (const shift of [0, 26]) {
      const counts = new Array<number>(64).fill(0);
      for (let n = 0; n < 64_000; n++) counts[(hashOf(`https://host-${n}/`, 3, 4) >>> shift) & 63]!++;
      const squares = counts.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
      expect(squares).toBeLessThan(120); // chi-squared with 63 degrees: 120 is one in 100,000
    }
  });

  it("depends on the key", () => {
    const hashes = new Set(Array.from({ length: 1_000 }, (_, key) => hashOf("a", key, key + 1)));
    expect(hashes.size).toBe(1_000);
  });
});

function always(): boolean {
  return true;
}
