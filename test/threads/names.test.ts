import { describe, expect, it } from "vitest";
import { ALL_FLAVOURS } from "./all-flavours.ts";
import { poolOf } from "./hard-names.ts";
import { generatorOf } from "./random.ts";

const defaults = { detector: { kind: "consecutive_failures", failures: 1_000_000 } } as const;

describe.each(ALL_FLAVOURS)("the names of a registry ($name)", ({ createRegistry }) => {
  it.each([1, 2, 3])("holds what a Map would hold, whatever the names are (seed %i)", (seed) => {
    const registry = createRegistry({ seed, defaults, clock: () => 1 });
    const pool = poolOf(2_000, seed);
    const next = generatorOf(seed);
    // What was counted says whose memory it is: a breaker shows the failures of its own name only.
    const model = new Map<string, number>();
    for (let step = 0; step < 6_000; step++) {
      const name = pool[next(step < 3_000 ? pool.length : 300)]!;
      const task = next(10);
      if (task < 5) {
        const breaker = registry.get(name);
        breaker.onFailure(breaker.tryAcquire());
        model.set(name, (model.get(name) ?? 0) + 1);
      } else if (task < 8) {
        expect(registry.delete(name)).toBe(model.delete(name));
      } else {
        expect(registry.has(name)).toBe(model.has(name));
        expect(registry.peek(name)?.snapshot().consecutiveFailures).toBe(model.get(name));
      }
      expect(registry.size).toBe(model.size);
    }
    const held = [...registry].map((breaker) => [breaker.name, breaker.snapshot().consecutiveFailures]);
    expect(new Map(held as [string, number][])).toEqual(model);
    expect(held.length).toBe(model.size);
  });

  it("tells names apart that differ in one unit, in length, or only as text", () => {
    const registry = createRegistry({ defaults });
    const names = [
      "a",
      "a\0",
      "\0a",
      "\u00e9",
      "e\u0301",
      "\ud83d",
      "\ud83d\ude00",
      "\ude00",
      "\u00ff",
      "\u0100",
    ];
    const ids = new Set(names.map((name) => registry.get(name).id));
    expect(ids.size).toBe(names.length);
    expect([...registry].map(({ name }) => name).sort()).toEqual([...names].sort());
    for (const name of names) expect(registry.get(name).name).toBe(name);
  });

  it("takes names of 1 to 1,024 UTF-16 units, and names that limit for others", () => {
    const registry = createRegistry();
    for (const unit of ["x", "愛"]) expect(registry.get(unit.repeat(1_024)).name).toBe(unit.repeat(1_024));
    expect(() => registry.get("x".repeat(1_025))).toThrow(/1 to 1024 characters, got "?1025 characters/);
    expect(() => registry.get("")).toThrow(/got "?0 characters/);
    expect(() => registry.get(7 as never)).toThrow(TypeError);
    expect(registry.size).toBe(2);
    for (const name of ["", "x".repeat(1_025), 7 as never]) {
      expect([registry.has(name), registry.peek(name), registry.delete(name)]).toEqual([
        false,
        undefined,
        false,
      ]);
    }
  });

  it("uses freed memory again: deleting and making for ever takes no more memory than at first", () => {
    const registry = createRegistry({ defaults });
    const { memory } = registry._core;
    const round = (from: number) => {
      for (let n = from; n < from + 1_000; n++) registry.get(`${n}`.padStart(6, "0"));
      for (let n = from; n < from + 1_000; n++) registry.delete(`${n}`.padStart(6, "0"));
    };
    for (let n = 0; n < 5; n++) round(n * 1_000);
    const bytes = memory.size;
    for (let n = 5; n < 100; n++) round(n * 1_000);
    expect(memory.size).toBe(bytes);
    expect(registry.size).toBe(0);
  });

  it("gives the same breaker also after thousands of others", () => {
    const registry = createRegistry({ defaults, clock: () => 1 });
    const first = registry.get("first");
    for (let n = 0; n < 10_000; n++) registry.get(`endpoint ${n}`);
    first.onFailure(first.tryAcquire());
    expect(registry.get("first").snapshot().consecutiveFailures).toBe(1);
    registry.get("first").onFailure(registry.get("first").tryAcquire());
    expect(first.snapshot().consecutiveFailures).toBe(2);
  });

  it("emits the events of a breaker also after thousands of others", () => {
    const registry = createRegistry({
      defaults: { detector: { kind: "consecutive_failures", failures: 1 } },
    });
    const received: string[] = [];
    const off = registry.get("a").on("opened", ({ endpoint }) => received.push(endpoint));
    for (let n = 0; n < 10_000; n++) registry.get(`endpoint ${n}`);
    registry.get("a").onFailure(registry.get("a").tryAcquire(1), 1);
    registry.get("endpoint 1").onFailure(registry.get("endpoint 1").tryAcquire(1), 1);
    expect(received).toEqual(["a"]);
    off();
    registry.get("a").reset(2);
    registry.get("a").onFailure(registry.get("a").tryAcquire(2), 2);
    expect(received).toEqual(["a"]);
  });
});
