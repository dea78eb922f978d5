import { describe, expect, it } from "vitest";
import { Allocator } from "../../src/threads/allocator.ts";
import { createLayout } from "../../src/threads/attachment.ts";
import { BreakerPool } from "../../src/threads/breaker-pool.ts";
import { Names } from "../../src/threads/names.ts";
import { SharedCore } from "../../src/threads/shared-core.ts";
import { SharedMemory } from "../../src/threads/shared-memory.ts";
import { SharedNameTable } from "../../src/threads/shared-name-table.ts";
import { placeIn, SHARED } from "./cores.ts";
import { generatorOf } from "./random.ts";

/** A name table whose hashes the test chooses. */
function createTable(hashOf?: (name: string) => number) {
  const attachment = createLayout(SHARED, [1, 2], 2);
  const { memory } = attachment;
  const { address } = placeIn(new SharedCore(SHARED, attachment));
  return { ...viewOf(memory, 0, hashOf), memory, policy: address };
}

/** What a thread with that view of the memory has. */
function viewOf(memory: SharedMemory, stripe: number, hashOf?: (name: string) => number) {
  const allocator = new Allocator(memory, stripe);
  const names = new Names(memory, allocator);
  if (hashOf) names.hash = hashOf;
  const table = new SharedNameTable(memory, allocator, names, stripe);
  const pool = new BreakerPool(memory, allocator, table, stripe);
  const create = (policy: number, name: string) => {
    const breaker = pool.allocate(policy);
    pool.begin(breaker, policy, name, 0);
    pool.disown(breaker);
    return breaker;
  };
  return { allocator, names, table, pool, create };
}

function collide(hashes: readonly number[]): void {
  const { table, pool, create, policy } = createTable((name) => {
    return hashes[Number(name.slice(5)) % hashes.length]! >>> 0;
  });
  const next = generatorOf(hashes.length);
  const model = new Map<string, number>();
  for (let step = 0; step < 5_000; step++) {
    const name = `name ${next(120)}`;
    expect(table.find(name)).toBe(model.get(name) ?? 0);
    if (next(2) === 0 && !model.has(name)) {
      const breaker = create(policy, name);
      expect(table.insert(name, breaker)).toBe(breaker);
      model.set(name, breaker);
    } else {
      const removed = table.remove(name);
      expect(removed).toBe(model.get(name) ?? 0);
      if (model.delete(name)) pool.free(removed);
    }
    expect(table.size).toBe(model.size);
  }
  expect([...table.addresses()].sort()).toEqual([...model.values()].sort());
}

describe("the name table of several threads", () => {
  it("keeps names apart whose hashes are the same", () => {
    collide([0]);
    collide([0xffff_ffff]);
  });

  it("keeps names apart whose hashes share the slot, or the tag, and wraps at its end", () => {
    collide([63, 62, 0xf800_003f, 0x0800_003f]);
    collide([0xffff_ffff, 0xffff_fffe, 0x7fff_ffff]);
  });

  it("returns the breaker that was inserted first to the thread that comes second", () => {
    const { table, create, policy } = createTable();
    const first = create(policy, "a");
    const second = create(policy, "a");
    expect(table.insert("a", first)).toBe(first);
    expect(table.insert("a", second)).toBe(first);
    expect(table.size).toBe(1);
  });

  it("takes out and replaces the breaker that is meant and no other", () => {
    const { table, create, policy } = createTable();
    const [one, two, three] = [create(policy, "a"), create(policy, "a"), create(policy, "a")];
    table.insert("a", one);
    expect(table.replace("a", two, three)).toBe(false);
    expect(table.remove("a", two)).toBe(0);
    expect(table.replace("a", one, two)).toBe(true);
    expect([table.find("a"), table.remove("a", two), table.find("a")]).toEqual([two, two, 0]);
  });

  it("shrinks when most breakers are gone, and uses the memory of its tables again", () => {
    const { memory, table, pool, create, policy } = createTable();
    const fill = (count: number) => {
      for (let n = 0; n < count; n++) table.insert(`name ${n}`, create(policy, `name ${n}`));
    };
    const empty = () => {
      for (const address of table.addresses()) {
        table.remove(table.nameOf(address)!);
        pool.free(address);
      }
    };
    fill(10_000);
    expect(table.occupancy.slots).toBe(16_384);
    empty();
    fill(10_000);
    empty();
    const { size } = memory;
    for (let round = 0; round < 20; round++) {
      fill(10_000);
      expect(table.size).toBe(10_000);
      empty();
      fill(200);
      expect(table.size).toBe(200);
      empty();
    }
    expect(memory.size).toBe(size);
  });

  it("is read in steps: breakers that are entered or removed meanwhile do no harm", () => {
    const { table, pool, create, policy } = createTable();
    const enter = (name: string) => table.insert(name, create(policy, name));
    for (let n = 0; n < 40; n++) enter(`name ${n}`);
    const seen = new Set<string>();
    let step = 0;
    for (const address of table.addresses()) {
      const name = table.nameOf(address)!;
      expect(seen.has(name)).toBe(false);
      seen.add(name);
      if (step % 3 === 0) pool.free(table.remove(name));
      enter(`other ${step++}`);
    }
    const stable = [...seen].filter((name) => name.startsWith("name"));
    expect(stable.length).toBe(40);
  });

  it("works for a thread that has seen only the beginning of the memory", () => {
    const { memory, table, pool, create, policy } = createTable();
    const stale = new SharedMemory(memory.heap);
    const names = Array.from({ length: 9_000 }, (_, n) => `name ${n}`.repeat(1 + (n % 20)));
    for (const name of names) table.insert(name, create(policy, name));
    for (const address of table.addresses()) {
      table.remove(table.nameOf(address)!);
      pool.free(address);
    }
    for (const name of names.slice(0, 1_000)) table.insert(name, create(policy, name));
    expect(memory.size).toBeGreaterThan(stale.size);
    // Finds what the first made, uses again what it freed: breakers, names and tables, also across the end of the view.
    const other = viewOf(stale, 1);
    for (const name of names.slice(0, 1_000)) expect(other.table.find(name)).not.toBe(0);
    for (const name of names.slice(1_000)) other.table.insert(name, other.create(policy, name));
    for (const name of names) expect(table.find(name)).not.toBe(0);
    expect([...table.addresses()].length).toBe(names.length);
    expect(table.size).toBe(names.length);
  });
});

describe("a thread whose view of the memory ends inside a name", () => {
  it("reads it to its end", () => {
    const { memory, names, allocator } = createTable();
    const texts = Array.from({ length: 38 }, (_, n) => `${n} `.repeat(33));
    const stale = texts.map(() => new SharedMemory(memory.heap));
    allocator.allocate(memory.size - 2_048 - allocator.end); // so that the next names lie across the end
    const addresses = texts.map((text) => names.write(text, 0, 1));
    expect(addresses[0]).toBeLessThan(stale[0]!.size);
    expect(addresses.at(-1)).toBeGreaterThan(stale[0]!.size);
    const seen = stale.map((view, n) => new Names(view, new Allocator(view, 0)).read(addresses[n]!));
    expect(seen).toEqual(texts);
  });
});
