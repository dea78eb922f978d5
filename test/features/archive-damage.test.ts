/** Data that is damaged in any one place: refused with nothing changed, or possible and taken as it is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCore } from "../../src/breaker/engine.ts";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import type { CoreModule } from "../../src/core/module.ts";
import { type ExportedState, exportState, importState, isImportError } from "../../src/features/archive.ts";
import { FLAVOURS, type Flavour } from "../flavours.ts";
import { report, sent, setUp } from "./archive-fixture.ts";

const NOW_MS = 10_000;

/** Breakers of every kind: closed with windows, open, half-open, forced open. */
function makeAllKinds(flavour: Flavour): CircuitBreakerRegistry {
  const { registry } = setUp(flavour, {}, NOW_MS);
  const detector = [
    { kind: "success_rate_over_time_window", windowMs: 300, buckets: 3 },
    { kind: "success_rate_over_count_window", calls: 9 },
    { kind: "consecutive_failures", failures: 2 },
  ] as const;
  const closed = registry.get("closed", { detector });
  report(closed, NOW_MS, "success", 5);
  closed.onFailure(closed.tryAcquire());
  report(registry.get("open", { detector }), NOW_MS, "failure", 2);
  const halfOpen = registry.get("½ opén Ω", { detector, backoff: { kind: "constant", delayMs: 5 } });
  report(halfOpen, 9_000, "failure", 2);
  halfOpen.tryAcquire();
  registry.get("forced", { mode: "forced_open" });
  return registry;
}

/** All that can be seen of a registry. */
function everythingOf(registry: CircuitBreakerRegistry): string {
  return JSON.stringify(
    Array.from(registry, (breaker) => [breaker.id, breaker.snapshot(NOW_MS), breaker.options]),
  );
}

/** What `importState` throws; the registry must be as before then. */
function refusalOf(registry: CircuitBreakerRegistry, data: unknown): unknown {
  const before = everythingOf(registry);
  try {
    importState(registry, data as ExportedState);
  } catch (error) {
    expect(everythingOf(registry), "nothing has changed").toBe(before);
    return error;
  }
  return undefined;
}

/** Paths of all values in some data. */
function pathsOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [path];
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  return [path, ...[...keys].flatMap((key) => pathsOf((value as never)[key], [...path, key]))];
}

/** The data with another value at that path; `undefined`: without it. */
function changed(data: unknown, path: readonly (string | number)[], value: unknown): unknown {
  if (path.length === 0) return value;
  const copy = JSON.parse(JSON.stringify(data));
  const parent = path.slice(0, -1).reduce((at, key) => at[key], copy);
  const key = path.at(-1)!;
  if (value !== undefined) parent[key] = value;
  else if (Array.isArray(parent)) parent.splice(key as number, 1);
  else delete parent[key];
  return copy;
}

/** A breaker works, whatever was imported into it. */
function use(breaker: ReturnType<CircuitBreakerRegistry["get"]>): void {
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

describe.each(FLAVOURS)("data imported into the $name core", (flavour) => {
  const data = sent(exportState(makeAllKinds(flavour)));
  const paths = pathsOf(data);
  const makeOther = () => {
    const { registry } = setUp(flavour, {}, NOW_MS);
    report(registry.get("open"), NOW_MS, "success", 3);
    registry.get("other");
    return registry;
  };

  it("is refused with nothing changed, or taken, whatever stands in any one place", () => {
    const values = [
      undefined,
      null,
      -1,
      0,
      1,
      0.5,
      1e300,
      2 ** 32,
      "",
      "Infinity",
      "x",
      true,
      [],
      {},
      [0],
      { a: 1 },
    ];
    const registry = makeOther();
    let refused = 0;
    for (const path of paths) {
      for (const value of values) {
        const damaged = changed(data, path, value);
        const error = refusalOf(registry, damaged);
        if (error === undefined) importState(registry, sent(exportState(registry)));
        else if (!isImportError(error))
          expect.fail(`${path.join(".")} = ${JSON.stringify(value)}: ${String(error)}`);
        else refused++;
      }
    }
    expect(refused).toBeGreaterThan((paths.length * values.length) / 2);
    for (const breaker of registry) use(breaker);
  });

  it("is refused wherever its text is cut off, or damaged so that it is no JSON", () => {
    const text = JSON.stringify(data);
    for (let size = 0; size < text.length; size++)
      expect(() => JSON.parse(text.slice(0, size))).toThrow(SyntaxError);
  });

  it("is refused, or taken as it is, with several random changes", () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.nat(),
      fc.double(),
      fc.constantFrom(...paths.map((p) => p.at(-1))),
    );
    const edits = fc.array(fc.tuple(fc.constantFrom(...paths.slice(1)), value), {
      minLength: 1,
      maxLength: 3,
    });
    const holds = fc.property(edits, (changes) => {
      let forged: unknown = data;
      for (const [path, to] of changes) {
        try {
          forged = changed(forged, path, to);
        } catch {
          return; // an earlier change has taken that place away
        }
      }
      const registry = makeOther();
      const error = refusalOf(registry, forged);
      if (error === undefined) {
        for (const breaker of registry) use(breaker);
        importState(registry, sent(exportState(registry)));
      } else if (!isImportError(error)) throw error;
    });
    fc.assert(holds, { numRuns: 300 });
  });
});

describe.each(FLAVOURS)("an import into the $name core for which there is no memory", ({ module }) => {
  it("changes nothing, and works once there is some", () => {
    let isTight = true;
    const tight: CoreModule = {
      ...module,
      instantiate: (heap) => {
        const core = module.instantiate(heap);
        const grow = heap.grow.bind(heap);
        const growIfAny = (pages: number) => {
          if (isTight && pages > 0) throw new RangeError("the runtime gives no more");
          return grow(pages);
        };
        Object.defineProperty(heap, "grow", { value: growIfAny });
        return core;
      },
    };
    const registry = new CircuitBreakerRegistry({}, createCore(1, tight));
    const { registry: full } = setUp(FLAVOURS[0]!, {}, NOW_MS);
    const detector = { kind: "success_rate_over_count_window", calls: 10_000 } as const;
    for (let i = 0; i < 20; i++) report(full.get(`endpoint ${i}`, { detector }), NOW_MS, "success", i);
    const data = sent(exportState(full));
    expect(refusalOf(registry, data)).toMatchObject({ message: expect.stringContaining("no memory") });
    expect(registry.size).toBe(0);
    isTight = false;
    importState(registry, data, NOW_MS);
    expect(registry.size).toBe(20);
    expect(registry.get("endpoint 7").snapshot(NOW_MS).calls).toBe(7);
  });
});
