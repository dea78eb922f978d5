/** Exports in parts, and of one breaker. */
import { describe, expect, it } from "vitest";
import { CircuitBreaker } from "../../src/breaker/breaker.ts";
import type { CircuitBreakerOptions } from "../../src/breaker/options.ts";
import { exportState, exportStates, importState } from "../../src/features/archive.ts";
import { evictIdle } from "../../src/features/eviction.ts";
import { FLAVOURS } from "../flavours.ts";
import { report, sent, setUp } from "./archive-fixture.ts";

const OPTIONS: CircuitBreakerOptions = {
  detector: [
    { kind: "success_rate_over_time_window", windowMs: 1_000, buckets: 10, minimumCalls: 4, slowCallMs: 50 },
    { kind: "success_rate_over_count_window", calls: 10, minimumCalls: 10, requiredSuccessRate: 0.1 },
    { kind: "consecutive_failures", failures: 3 },
  ],
  backoff: { kind: "steps", delaysMs: [100, 200, 400] },
  decayMs: 1_000,
  halfOpen: { probes: 2, successesToClose: 2, probeTimeoutMs: 50 },
};
describe.each(FLAVOURS)("exportStates of the $name core", (flavour) => {
  it("gives all breakers in parts, each data of its own", () => {
    const there = setUp(flavour, OPTIONS);
    for (let i = 0; i < 25; i++) report(there.registry.get(`endpoint ${i}`), 0, "success", i);
    const parts = [...exportStates(there.registry, 10, 10)];
    expect(parts.map(({ count, breakers }) => [count, breakers.length])).toEqual([
      [10, 10],
      [10, 10],
      [5, 5],
    ]);
    const here = setUp(flavour, {}, 10);
    for (const part of parts) importState(here.registry, sent(part));
    expect(exportState(here.registry)).toEqual(exportState(there.registry));
    expect([...exportStates(setUp(flavour).registry)]).toEqual([]);
  });

  it("reads the clock for each part, and leaves out breakers that are gone by then", () => {
    const { registry, clock } = setUp(flavour, OPTIONS);
    for (const name of ["a", "b", "c", "d"]) registry.get(name);
    const found: unknown[] = [];
    for (const { breakers } of exportStates(registry, undefined, 2)) {
      found.push(...breakers.map(({ name, atMs }) => [name, atMs]));
      clock.nowMs += 50;
      registry.delete("c");
    }
    expect(found).toEqual([
      ["a", 0],
      ["b", 0],
      ["d", 50],
    ]);
  });

  it("refuses a bad size at once", () => {
    const { registry } = setUp(flavour);
    for (const size of [0, 1.5, 1_000_001]) {
      expect(() => exportStates(registry, 5, size)).toThrow(/^size must be a whole number from 1 to 1000000/);
    }
  });
});

describe.each(FLAVOURS)("one breaker of the $name core", (flavour) => {
  it("is exported by itself, and imported by a registry or by another breaker", () => {
    const there = setUp(flavour, OPTIONS);
    there.registry.get("b");
    report(there.registry.get("a"), 0, "failure", 3);
    const data = sent(exportState(there.registry.get("a"), 30));
    const here = setUp(flavour, {}, 1_000);
    importState(here.registry, data);
    expect(Array.from(here.registry, ({ name }) => name)).toEqual(["a"]);
    const other = here.registry.get("other");
    importState(other, data);
    expect(other.snapshot()).toMatchObject({ endpoint: "other", state: "open", retryAfterMs: 70 });
  });

  it("takes no export of two, and none of none", () => {
    const { registry } = setUp(flavour);
    const none = exportState(registry);
    const breaker = registry.get("a");
    registry.get("b");
    expect(() => importState(breaker, exportState(registry))).toThrow(
      /breakers must be 1 for a breaker, got 2$/,
    );
    expect(() => importState(breaker, none)).toThrow(/breakers must be 1 for a breaker, got 0$/);
  });

  it("is made in a given state, with and without a registry", () => {
    const there = new CircuitBreaker("payments", { ...OPTIONS, clock: () => 500 });
    report(there, 500, "failure", 3);
    const data = sent(exportState(there, 530));
    const here = new CircuitBreaker("payments", { ...OPTIONS, clock: () => 9_000 });
    importState(here, data);
    expect(here.snapshot()).toMatchObject({ state: "open", level: 1, retryAfterMs: 70 });
    expect(there.options).toEqual(data.options[0]);
  });

  it("stays deleted, whatever is imported into it", () => {
    const { registry } = setUp(flavour);
    const [breaker, other] = [registry.get("a"), registry.get("b")];
    const data = exportState(breaker);
    registry.delete("a");
    registry.delete("b");
    importState(breaker, data);
    expect([breaker.tryAcquire(), other.tryAcquire(), registry.size]).toEqual([0, 0, 0]);
  });

  it("is exported as a new one where it was evicted", () => {
    const { registry } = setUp(flavour, OPTIONS, 50);
    const breaker = registry.get("a");
    evictIdle(registry);
    expect(exportState(breaker).breakers).toEqual([
      { name: "a", options: 0, atMs: 50, state: "closed", mode: "enabled", deadlineMs: 0 },
    ]);
  });
});
