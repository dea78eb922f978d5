/** Bytes that are no export, or no longer: refused, and nothing has changed. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GuardedBreaker } from "../../src/breaker/breaker.ts";
import { Registry } from "../../src/breaker/registry.ts";
import type { Delivery } from "../../src/core/exports.ts";
import { isImportError } from "../../src/entry/main.ts";
import { FLAVOURS, type Flavour } from "../flavours.ts";
import { CHECKSUM_AT, HEAD_SIZE, report, reseal, stage } from "./scene.ts";

const NOW_MS = 10_000;

/** Breakers of every kind: closed with windows, open, half-open, forced open. */
function crowd(flavour: Flavour): Registry {
  const { registry } = stage(flavour, {}, NOW_MS);
  const detector = [
    { kind: "success_rate_over_time_window", windowMs: 300, buckets: 3 },
    { kind: "success_rate_over_count_window", calls: 9 },
    { kind: "consecutive_failures", failures: 2 },
  ] as const;
  report(registry.get("closed", { detector }), NOW_MS, "success", 5);
  registry.get("closed").onFailure(registry.get("closed").tryAcquire());
  report(registry.get("open", { detector }), NOW_MS, "failure", 2);
  const halfOpen = registry.get("½ opén Ω", { detector, backoff: { kind: "constant", delayMs: 5 } });
  report(halfOpen, 9_000, "failure", 2);
  halfOpen.tryAcquire();
  registry.get("forced", { mode: "forced_open" });
  return registry;
}

/** Everything that can be seen of a registry. */
function look(registry: Registry): unknown {
  return Array.from(registry, (breaker) => [breaker.id, breaker.snapshot(NOW_MS), breaker.options]);
}

/** What `import` throws; the registry must look as before. */
function refusal(registry: Registry, bytes: Uint8Array): unknown {
  const before = JSON.stringify(look(registry));
  try {
    registry.import(bytes);
  } catch (error) {
    expect(JSON.stringify(look(registry)), "nothing has changed").toBe(before);
    return error;
  }
  return undefined;
}

describe.each(FLAVOURS)("bytes imported into the $name core", (flavour) => {
  const bytes = crowd(flavour).export();
  const bystander = () => {
    const { registry } = stage(flavour, {}, NOW_MS);
    report(registry.get("open"), NOW_MS, "success", 3);
    registry.get("other");
    return registry;
  };

  it("are refused wherever one byte is another", () => {
    const registry = bystander();
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        const damaged = bytes.slice();
        damaged[at]! ^= flip;
        const error = refusal(registry, damaged);
        if (!isImportError(error)) expect.fail(`byte ${at} ^ ${flip}: ${String(error)}`);
        expect(["foreign", "version", "truncated", "damaged"]).toContain(error.fault);
      }
    }
  });

  it("are refused wherever they are cut off, and with anything behind them", () => {
    const registry = bystander();
    for (let size = 0; size < bytes.length; size++) {
      const error = refusal(registry, bytes.subarray(0, size));
      expect(error).toMatchObject({ code: "ERR_IMPORT", fault: size === 0 ? "foreign" : "truncated" });
    }
    for (const tail of [[0], [0x0a], [...bytes]]) {
      const error = refusal(registry, Uint8Array.from([...bytes, ...tail]));
      expect(error).toMatchObject({ fault: "truncated" });
    }
  });

  it("are refused with a sentence that says what is wrong", () => {
    const registry = bystander();
    const changed = (change: (copy: Uint8Array) => void) => {
      const copy = bytes.slice();
      change(copy);
      return refusal(registry, copy);
    };
    expect(refusal(registry, new TextEncoder().encode('{"some":"json"}'))).toMatchObject({
      message: "these bytes are no export of breakers: they begin with something else",
      name: "ImportError",
    });
    expect(changed((copy) => copy.set([2], 8))).toMatchObject({
      message: "these bytes are of another format: 2, and this library reads 1",
    });
    expect(changed((copy) => copy.set([0xff], CHECKSUM_AT))).toMatchObject({ fault: "damaged" });
    expect(refusal(registry, bytes.subarray(0, 100))).toMatchObject({
      message: `these bytes are not whole: there are 100, and not ${bytes.length}`,
    });
    expect(() => registry.import("text" as unknown as Uint8Array)).toThrow(TypeError);
  });

  it("are refused, or taken as they are, when somebody forges them", () => {
    // Mostly among the breakers, which come last.
    const place = fc.oneof(fc.nat(bytes.length - HEAD_SIZE - 1), { arbitrary: fc.nat(250), weight: 4 });
    const edits = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 4 });
    const cuts = fc.oneof({ arbitrary: fc.constant(0), weight: 9 }, fc.nat(3));
    let taken = 0;
    const holds = fc.property(edits, cuts, (changes, cut) => {
      const forged = bytes.slice();
      for (const [fromEnd, value] of changes) forged[forged.length - 1 - fromEnd] = value;
      const registry = bystander();
      const error = refusal(registry, reseal(forged.subarray(0, forged.length - cut)));
      if (error === undefined) {
        taken++;
        for (const breaker of registry) use(breaker);
        registry.import(registry.export());
      } else if (!isImportError(error) || error.fault !== "content") throw error;
    });
    fc.assert(holds, { numRuns: 500 });
    expect(taken, "forgeries that are possible breakers").toBeGreaterThan(0);
  });
});

describe.each(FLAVOURS)("an import into the $name core for which there is no memory", ({ delivery }) => {
  it("changes nothing, and works once there is some", () => {
    const memory = delivery.createMemory();
    let isTight = true;
    const tight: Delivery = {
      ...delivery,
      createMemory: () => memory,
      instantiate: (heap) => {
        const core = delivery.instantiate(heap);
        const grow = heap.grow.bind(heap);
        const growIfAny = (pages: number) => {
          if (isTight && pages > 0) throw new RangeError("the runtime gives no more");
          return grow(pages);
        };
        Object.defineProperty(heap, "grow", { value: growIfAny });
        return core;
      },
    };
    const registry = new Registry(tight, (...given) => new GuardedBreaker(...given));
    const { registry: full } = stage(FLAVOURS[0]!, {}, NOW_MS);
    const detector = { kind: "success_rate_over_count_window", calls: 10_000 } as const;
    for (let i = 0; i < 20; i++) report(full.get(`endpoint ${i}`, { detector }), NOW_MS, "success", i);
    const bytes = full.export();
    expect(refusal(registry, bytes)).toMatchObject({ message: expect.stringContaining("no memory") });
    expect(registry.size).toBe(0);
    isTight = false;
    registry.import(bytes, NOW_MS);
    expect(registry.size).toBe(20);
    expect(registry.get("endpoint 7").snapshot(NOW_MS).calls).toBe(7);
  });
});

/** A breaker works, whatever was imported into it. */
function use(breaker: ReturnType<Registry["get"]>): void {
  breaker.enable();
  breaker.snapshot();
  for (const nowMs of [NOW_MS, NOW_MS + 1, NOW_MS + 1e8]) {
    report(breaker, nowMs, "success", 2);
    report(breaker, nowMs, "failure", 2);
    const { calls, failures, slow } = breaker.snapshot(nowMs);
    if (failures > calls || slow > calls) throw new Error(`${failures} or ${slow} of ${calls}`);
  }
  breaker.reset(NOW_MS + 2e8);
  report(breaker, NOW_MS + 2e8, "success");
  expect(breaker.snapshot(NOW_MS + 2e8).failures).toBe(0);
  expect(breaker.state).toBe("closed");
}
