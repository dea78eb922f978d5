import { describe, expect, it } from "vitest";
import { acquireBatch, createBatch, FAILURE, reportBatch } from "../../src/entry/main.ts";
import { createRegistry } from "../assembly/fixture.ts";
import { FLAVOURS } from "../flavours.ts";

const OPTIONS = {
  detector: { kind: "success_rate_over_count_window", requiredSuccessRate: 0.5, minimumCalls: 2, calls: 4 },
} as const;

describe.each(FLAVOURS.filter(({ module }) => !module.shared))(
  "the journal of one thread ($name)",
  (flavour) => {
    it.each([1, 62, 63, 64, 65, 127, 200])("gives all of %i transitions of one batch, in order", (count) => {
      const registry = createRegistry(flavour, 1, () => 0);
      const events: (string | number)[][] = [];
      registry.on("opened", ({ endpoint, calls, failures, atMs }) =>
        events.push([endpoint, calls, failures, atMs]),
      );
      const batch = createBatch(registry, count);
      const names = Array.from({ length: count }, (_, index) => `endpoint ${index}`);
      const breakers = names.map((name) => registry.get(name, OPTIONS));
      breakers.forEach(({ id }, index) => {
        batch.breakers[index] = id;
      });
      expect(acquireBatch(batch, count, 5)).toBe(count);
      batch.outcomes.fill(FAILURE);
      batch.weights.forEach((_, index, weights) => {
        weights[index] = 2 + (index % 3);
      });
      reportBatch(batch, count, 7);
      expect(events).toEqual(names.map((name, index) => [name, 2 + (index % 3), 2 + (index % 3), 7]));
    });

    it("gives none of those before the first listener", () => {
      const registry = createRegistry(flavour, 1, () => 0);
      const breaker = registry.get("endpoint");
      for (let resets = 0; resets < 100; resets++) breaker.reset(0);
      let events = 0;
      const off = registry.on("reset", () => events++);
      for (let resets = 0; resets < 100; resets++) breaker.reset(0);
      off();
      for (let resets = 0; resets < 100; resets++) breaker.reset(0);
      registry.on("reset", () => events++);
      breaker.reset(0);
      expect(events).toBe(101);
    });

    it("goes on where its number of records wraps", () => {
      const registry = createRegistry(flavour, 1, () => 0);
      const { _core: core } = registry;
      const breaker = registry.get("endpoint");
      breaker.reset(0);
      // As if it had written almost 2^32 records: the head of its only writer.
      const head = core.scratch - 64;
      core.memory.u32[head >>> 2] = 0xffff_fff0;
      core.journal.skip();
      const generations: number[] = [];
      registry.on("reset", ({ generation }) => generations.push(generation));
      for (let resets = 0; resets < 40; resets++) breaker.reset(0);
      expect(generations).toEqual(Array.from({ length: 40 }, (_, index) => generations[0]! + index));
      expect(core.memory.u32[head >>> 2]).toBe(24);
    });
  },
);
