/** Exports of a registry that several threads share: here all of them are one thread, which does not matter. */

import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../src/entry/shared.ts";
import { report } from "./scene.ts";

const DETECTOR = [
  { kind: "success_rate_over_time_window", windowMs: 1_000, buckets: 10 },
  { kind: "success_rate_over_count_window", calls: 50 },
] as const;

/** One registry as two threads see it. */
function share(nowMs: number) {
  const clock = () => nowMs;
  const first = CircuitBreakerRegistry.shared({ threads: 1, defaults: { detector: DETECTOR }, clock });
  const second = CircuitBreakerRegistry.attach(first.handle(), { clock });
  return [first, second] as const;
}

describe("an export of a shared registry", () => {
  it("holds what all threads have counted, each call once and in its bucket", () => {
    const [first, second] = share(1_000);
    report(first.get("a"), 1_000, "success", 6);
    report(second.get("a"), 1_250, "success", 5);
    report(second.get("a"), 1_250, "failure", 2);
    const late = second.get("a").tryAcquire(1_250);
    for (const registry of [first, second]) {
      const here = new CircuitBreakerRegistry({ clock: () => 51_300 });
      here.import(registry.export(1_300));
      const breaker = here.get("a");
      expect(breaker.snapshot(51_300)).toMatchObject({ calls: 13, failures: 2 });
      expect(breaker.snapshot(52_000)).toMatchObject({ calls: 7, failures: 2 });
      expect(breaker.snapshot(52_200)).toMatchObject({ calls: 0, failures: 0 });
    }
    second.get("a").release(late);
  });

  it("is imported by whichever thread, and all of them go on with it", () => {
    const there = new CircuitBreakerRegistry({ defaults: { detector: DETECTOR }, clock: () => 500 });
    report(there.get("a"), 500, "success", 18);
    for (const importer of [0, 1]) {
      const registries = share(90_500);
      for (const registry of registries) report(registry.get("a"), 90_400, "failure", 3);
      const stale = registries[0].get("a").tryAcquire(90_400);
      registries[importer]!.import(there.export());
      registries[0].get("a").onFailure(stale);
      for (const registry of registries) {
        expect(registry.get("a").snapshot()).toMatchObject({ calls: 18, failures: 0, late: 1 });
      }
      for (const registry of registries) report(registry.get("a"), 90_500, "failure", 2);
      expect(registries[0].get("a").snapshot()).toMatchObject({ state: "closed", calls: 22, failures: 4 });
      report(registries[1].get("a"), 90_500, "failure", 1);
      expect(registries[0].get("a").state).toBe("open");
    }
  });

  it("is refused to a thread that has detached", () => {
    const [first, second] = share(0);
    report(first.get("a"), 0, "success", 2);
    const bytes = first.export();
    second.detach();
    expect(() => second.export()).toThrow(/detached/);
    expect(() => second.import(bytes)).toThrow(/detached/);
    expect(first.get("a").snapshot()).toMatchObject({ calls: 2, generation: 1 });
  });
});
