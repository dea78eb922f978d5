/** Features over a registry that several threads share: here one thread is all of them, which makes no difference. */
import { describe, expect, it } from "vitest";
import { BUCKETS_OFFSET, CURRENT_OFFSET } from "../../assembly/layout.ts";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { addressIn, stripesOf } from "../../src/core/state.ts";
import { measureLatency } from "../../src/entry/latency.ts";
import { attachRegistry, createSharedRegistry } from "../../src/entry/threads.ts";
import { exportState, exportStates, importState } from "../../src/features/archive.ts";
import { acquireBatch, createBatch, FAILURE, reportBatch, SUCCESS } from "../../src/features/batch.ts";
import { configure } from "../../src/features/configure.ts";
import { report, sent } from "./archive-fixture.ts";

const DETECTOR = [
  { kind: "success_rate_over_time_window", windowMs: 1_000, buckets: 10 },
  { kind: "success_rate_over_count_window", calls: 50 },
] as const;

/** One registry as two threads see it. */
function share(nowMs: number) {
  const clock = () => nowMs;
  const first = createSharedRegistry({ threads: 1, defaults: { detector: DETECTOR }, clock });
  const second = attachRegistry(first.handle(), { clock });
  return [first, second] as const;
}

describe("exported state of a shared registry", () => {
  it("has what all threads have counted, each call once and in its bucket", () => {
    const [first, second] = share(1_000);
    report(first.get("a"), 1_000, "success", 6);
    report(second.get("a"), 1_250, "success", 5);
    report(second.get("a"), 1_250, "failure", 2);
    const ticket = second.get("a").tryAcquire(1_250);
    for (const registry of [first, second]) {
      const here = new CircuitBreakerRegistry({ clock: () => 51_300 });
      importState(here, sent(exportState(registry, 1_300)));
      const breaker = here.get("a");
      expect(breaker.snapshot(51_300)).toMatchObject({ calls: 13, failures: 2 });
      expect(breaker.snapshot(52_000)).toMatchObject({ calls: 7, failures: 2 });
      expect(breaker.snapshot(52_200)).toMatchObject({ calls: 0, failures: 0 });
    }
    second.get("a").release(ticket);
  });

  it("is imported by any thread, and all of them go on with it", () => {
    const there = new CircuitBreakerRegistry({ defaults: { detector: DETECTOR }, clock: () => 500 });
    report(there.get("a"), 500, "success", 18);
    for (const importer of [0, 1]) {
      const registries = share(90_500);
      for (const registry of registries) report(registry.get("a"), 90_400, "failure", 3);
      const ticket = registries[0].get("a").tryAcquire(90_400);
      importState(registries[importer]!, sent(exportState(there)));
      registries[0].get("a").onFailure(ticket);
      for (const registry of registries) {
        expect(registry.get("a").snapshot()).toMatchObject({ calls: 18, failures: 0, late: 1 });
      }
      for (const registry of registries) report(registry.get("a"), 90_500, "failure", 2);
      expect(registries[0].get("a").snapshot()).toMatchObject({ state: "closed", calls: 22, failures: 4 });
      report(registries[1].get("a"), 90_500, "failure", 1);
      expect(registries[0].get("a").state).toBe("open");
    }
  });

  it("has all calls where an import has left one stripe a bucket ahead of the time", () => {
    const there = new CircuitBreakerRegistry({ defaults: { detector: DETECTOR }, clock: () => 990 });
    report(there.get("a"), 990, "success", 4);
    // There the bucket ends 10 ms later, here 60 ms later: it becomes the one after that of 50,050.
    const [first, second] = share(50_095);
    importState(first, sent(exportState(there)));
    report(second.get("a"), 50_095, "success", 2);
    const { breakers } = exportState(first);
    const calls = breakers[0]?.window?.buckets.reduce((sum, bucket) => sum + bucket[0], 0);
    expect(calls).toBe(6);
    for (let nowMs = 50_095; nowMs < 51_300; nowMs += 50) {
      report(second.get("a"), nowMs, "success");
      expect(() => exportState(second, nowMs)).not.toThrow();
    }
  });

  it("leaves stripes without a window with a current bucket, where a racing thread can do no harm", () => {
    const [first, second] = share(5_000);
    report(second.get("a"), 5_000, "success", 2);
    const data = sent(exportState(first));
    importState(second, { ...data, breakers: data.breakers.map(({ window: _, ...rest }) => rest) });
    const { _core: core } = first;
    const place = addressIn(core, core.names.find("a"));
    const current = stripesOf(place).map((stripe) => core.memory.u32[(stripe + CURRENT_OFFSET) >>> 2]);
    expect(current).toEqual([BUCKETS_OFFSET, BUCKETS_OFFSET]);
  });

  it("is refused to a thread that has detached", () => {
    const [first, second] = share(0);
    report(first.get("a"), 0, "success", 2);
    const data = exportState(first);
    const parts = exportStates(second);
    second.detach();
    expect(() => exportState(second)).toThrow(/detached/);
    expect(() => parts.next()).toThrow(/detached/);
    expect(() => importState(second, data)).toThrow(/detached/);
    expect(first.get("a").snapshot()).toMatchObject({ calls: 2, generation: 1 });
  });
});

describe("a batch of a shared registry", () => {
  it("is reported by each thread to its own stripe", () => {
    const registries = share(1_000);
    for (const registry of registries) {
      const batch = createBatch(registry, 1_000);
      batch.breakers.fill(registry.get("a").id);
      expect(acquireBatch(batch, 1_000)).toBe(1_000);
      batch.outcomes.fill(SUCCESS);
      batch.weights.fill(3);
      reportBatch(batch, 1_000);
    }
    for (const registry of registries) expect(registry.get("a").snapshot().calls).toBe(6_000);
    const [first, second] = registries;
    const batch = createBatch(second, 300);
    for (let i = 0; i < 300; i++) batch.breakers[i] = first.get(`endpoint ${i}`).id;
    const opened = new Set<string>();
    second.on("opened", ({ endpoint }) => opened.add(endpoint));
    for (let round = 0; round < 20; round++) {
      batch.outcomes.fill(FAILURE);
      reportBatch(batch, 300);
    }
    expect(opened.size).toBe(300);
  });

  it("is refused to a thread that has detached", () => {
    const [, second] = share(1_000);
    const batch = createBatch(second, 10);
    batch.breakers.fill(second.get("a").id);
    second.detach();
    expect(() => acquireBatch(batch, 10)).toThrow(/detached/);
    expect(() => reportBatch(batch, 10)).toThrow(/detached/);
  });
});

describe("latency in a thread", () => {
  it("is that of its own calls, also after another thread has moved the breaker", () => {
    const [first, second] = share(1_000);
    const latency = measureLatency(second.get("a"));
    const record = (registry: typeof first, name: string, ms: number) => {
      const breaker = registry.get(name);
      breaker.onSuccess(breaker.tryAcquire(), undefined, ms);
    };
    record(second, "a", 10);
    record(first, "a", 500);
    configure(first.get("a"), { halfOpen: { probes: 30 } });
    record(second, "b", 500);
    record(second, "a", 10);
    expect(latency.snapshot()).toMatchObject({ calls: 2, maximumMs: expect.closeTo(10, 0) });
  });

  it("can be stopped after the thread has detached, which stays so", () => {
    const [, second] = share(1_000);
    const breaker = second.get("a");
    const latency = measureLatency(second);
    second.detach();
    latency.stop();
    expect(() => breaker.onSuccess(1, 1_000, 5)).toThrow(/detached/);
  });
});
