import { describe, expect, it } from "vitest";
import type { CircuitBreakerOptions } from "../../src/entry/main.ts";
import { FLAVOURS } from "../flavours.ts";
import { report, stage } from "./scene.ts";

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
/** How much later it is on the clock of the importing process. */
const SHIFTS = [0, 5_000, 1_000_000_000, -9_000];

describe.each(FLAVOURS)("an export of the $name core", (flavour) => {
  it.each(SHIFTS)("keeps an open breaker open for what was left of its delay, %d ms later", (shift) => {
    const there = stage(flavour, OPTIONS, 10_000);
    report(there.registry.get("a"), 10_000, "failure", 3);
    const here = stage(flavour, {}, 10_030 + shift);
    here.registry.import(there.registry.export(10_030));
    const breaker = here.registry.get("a");
    expect(breaker.options).toEqual(there.registry.get("a").options);
    expect(breaker.snapshot()).toMatchObject({ state: "open", level: 1, retryAfterMs: 70 });
    expect(breaker.tryAcquire(10_099.5 + shift)).toBe(0);
    expect(breaker.tryAcquire(10_100 + shift)).toBeGreaterThan(0);
    expect(breaker.state).toBe("half_open");
  });

  it("keeps an open breaker open no longer than it was, however late it is exported", () => {
    const there = stage(flavour, OPTIONS);
    report(there.registry.get("a"), 0, "failure", 3);
    const here = stage(flavour, {}, 7);
    here.registry.import(there.registry.export(5_000));
    expect(here.registry.get("a").snapshot()).toMatchObject({ state: "open", retryAfterMs: 0 });
    expect(here.registry.get("a").tryAcquire()).toBeGreaterThan(0);
  });

  it.each(SHIFTS)("takes the windows along, call by call, %d ms later", (shift) => {
    const there = stage(flavour, OPTIONS, 10_000);
    const original = there.registry.get("a");
    report(original, 10_000, "success", 5);
    report(original, 10_250, "failure", 1);
    original.onSuccess(original.tryAcquire(10_250), 10_250, 60);
    const here = stage(flavour, {}, 10_300 + shift);
    here.registry.import(there.registry.export(10_300));
    const breaker = here.registry.get("a");
    for (const nowMs of [10_300, 10_999, 11_000, 11_249.5, 11_250, 11_300, 99_000]) {
      const { generation: _, ...expected } = original.snapshot(nowMs);
      expect(breaker.snapshot(nowMs + shift)).toMatchObject(expected);
    }
    report(breaker, 10_300 + shift, "failure", 2);
    expect(breaker.state, "two more of seven calls that failed").toBe("open");
  });

  it("takes failures in a row, levels and healthy time along", () => {
    const there = stage(flavour, OPTIONS);
    const original = there.registry.get("a");
    report(original, 0, "failure", 3);
    report(original, 100, "success", 2);
    report(original, 500, "failure", 2);
    const here = stage(flavour, {}, 50_000);
    here.registry.import(there.registry.export(600));
    const breaker = here.registry.get("a");
    expect(breaker.snapshot()).toMatchObject({ state: "closed", level: 1, consecutiveFailures: 2 });
    expect(breaker.snapshot(50_499).level).toBe(1);
    expect(breaker.snapshot(50_500).level, "healthy since 100, so a second later").toBe(0);
    report(breaker, 50_000, "failure");
    expect(breaker.snapshot()).toMatchObject({ state: "open", level: 2, retryAfterMs: 200 });
  });

  it("takes a half-open breaker along as if the probes that are out had been released", () => {
    const there = stage(flavour, OPTIONS);
    const original = there.registry.get("a");
    report(original, 0, "failure", 3);
    const [first, second] = [original.tryAcquire(100), original.tryAcquire(100)];
    original.onSuccess(first, 110);
    const here = stage(flavour, {}, 7_000);
    here.registry.import(there.registry.export(120));
    const breaker = here.registry.get("a");
    expect(breaker.state).toBe("half_open");
    breaker.onFailure(second, 7_000);
    expect(breaker.snapshot(), "a ticket from there means nothing here").toMatchObject({
      state: "half_open",
      late: 1,
    });
    const probe = breaker.tryAcquire(7_000);
    expect([probe > 0, breaker.tryAcquire(7_000) > 0, breaker.tryAcquire(7_000)]).toEqual([true, true, 0]);
    breaker.onSuccess(probe, 7_001);
    expect(breaker.state, "one success there, one here").toBe("closed");
  });

  it("looks at a breaker first: a lease that has ended, calls that have left the window", () => {
    const { registry } = stage(flavour, OPTIONS);
    const original = registry.get("a");
    report(original, 0, "failure", 3);
    original.tryAcquire(100);
    const heard: string[] = [];
    registry.on("opened", ({ cause }) => heard.push(cause));
    const here = stage(flavour, {}, 0);
    here.registry.import(registry.export(160));
    expect(heard).toEqual(["probe_timed_out"]);
    expect(here.registry.get("a").snapshot()).toMatchObject({ state: "open", level: 2, retryAfterMs: 200 });
  });

  it.each(["enabled", "disabled", "forced_open", "shadow"] as const)("takes the mode along: %s", (mode) => {
    const there = stage(flavour, { ...OPTIONS, mode });
    report(there.registry.get("a"), 0, "failure", 3);
    const here = stage(flavour, {}, 1_000);
    here.registry.import(there.registry.export(50));
    const [original, breaker] = [there.registry.get("a"), here.registry.get("a")];
    expect([breaker.mode, breaker.state]).toEqual([original.mode, original.state]);
    expect(breaker.retryAfterMs()).toBe(original.retryAfterMs(50));
    breaker.enable(1_100);
    report(breaker, 2_000, "failure", 3);
    expect(breaker.state).toBe("open");
  });

  it("takes any name along", () => {
    const names = [
      "a",
      "ÿ",
      "Ā",
      "\u0000",
      "日本",
      "💥",
      "\ud800",
      "\udfff\ud800",
      "__proto__",
      "x".repeat(1_024),
    ];
    const there = stage(flavour);
    for (const name of names) there.registry.get(name);
    const here = stage(flavour);
    here.registry.import(there.registry.export());
    expect(Array.from(here.registry, ({ name }) => name)).toEqual(names);
  });

  it("is compact: 40 bytes and the name for a breaker that is as good as new", () => {
    const { registry } = stage(flavour);
    const sizes = [0, 1_000].map((count) => {
      for (let i = 0; i < count; i++) registry.get(`endpoint ${String(i).padStart(4, "0")}`);
      return registry.export().length;
    });
    expect((sizes[1]! - sizes[0]!) / 1_000).toBeLessThanOrEqual("endpoint 0000".length + 40);
  });

  it("of nothing imports nothing", () => {
    const { registry } = stage(flavour);
    registry.import(registry.export());
    expect(registry.size).toBe(0);
  });
});

describe.each(FLAVOURS)("an import into the $name core", (flavour) => {
  it("replaces the state of a breaker that is there, and keeps its options, its id and its listeners", () => {
    const there = stage(flavour, OPTIONS);
    report(there.registry.get("a"), 0, "failure", 3);
    const here = stage(flavour, { ...OPTIONS, backoff: { kind: "constant", delayMs: 7 } }, 500);
    const breaker = here.registry.get("a");
    const { id, options } = breaker;
    const ticket = breaker.tryAcquire();
    const heard: string[] = [];
    for (const kind of ["opened", "half_opened"] as const)
      breaker.on(kind, (event) => heard.push(event.kind));
    here.registry.import(there.registry.export(40));
    expect(here.registry.get("a")).toBe(breaker);
    expect([breaker.id, breaker.options]).toEqual([id, options]);
    expect(breaker.snapshot()).toMatchObject({ state: "open", retryAfterMs: 60, late: 0 });
    breaker.onFailure(ticket);
    expect(breaker.snapshot(), "tickets from before are late").toMatchObject({ late: 1 });
    expect(heard, "an import tells nobody").toEqual([]);
    report(breaker, 560, "failure");
    expect(heard).toEqual(["half_opened", "opened"]);
    expect(breaker.retryAfterMs(560)).toBe(7);
  });

  it("leaves breakers alone that it does not name", () => {
    const there = stage(flavour, OPTIONS);
    there.registry.get("a");
    const here = stage(flavour, OPTIONS);
    report(here.registry.get("b"), 0, "failure", 3);
    here.registry.import(there.registry.export());
    expect(here.registry.get("b").state).toBe("open");
    expect(here.registry.size).toBe(2);
  });

  it("takes of a window what the breaker's own options have room for", () => {
    const time = { kind: "success_rate_over_time_window", minimumCalls: 100 } as const;
    const count = { kind: "success_rate_over_count_window", requiredSuccessRate: 0 } as const;
    const there = stage(flavour, { detector: [{ ...time, windowMs: 1_000, buckets: 10 }, count] });
    const original = there.registry.get("a");
    for (let i = 0; i < 10; i++) report(original, i * 100, i % 2 ? "failure" : "success");
    const bytes = original.export(950);
    const imported = (detector: CircuitBreakerOptions["detector"]) => {
      const { registry } = stage(flavour, {}, 950);
      const breaker = registry.get("a", detector === undefined ? {} : { detector });
      registry.import(bytes);
      const { calls, failures } = breaker.snapshot();
      return [calls, failures];
    };
    expect(imported({ ...time, windowMs: 300, buckets: 3 })).toEqual([3, 2]);
    expect(imported({ ...time, windowMs: 2_000, buckets: 20 })).toEqual([10, 5]);
    expect(imported({ ...time, windowMs: 1_000, buckets: 5 }), "buckets of another length").toEqual([0, 0]);
    expect(imported({ ...count, calls: 3 })).toEqual([3, 2]);
    expect(imported({ ...count, calls: 1_000 })).toEqual([10, 5]);
    expect(imported("consecutive_failures")).toEqual([0, 0]);
  });

  it("never lets the time of a breaker go back", () => {
    const there = stage(flavour, OPTIONS);
    report(there.registry.get("a"), 0, "failure", 3);
    const here = stage(flavour, OPTIONS, 10);
    here.registry.get("a").check(9_000);
    here.registry.import(there.registry.export(0));
    expect(here.registry.get("a").retryAfterMs(9_000)).toBe(100);
  });

  it("keeps no call longer where the clocks differ by whole windows, whatever the rounding of their times", () => {
    for (const buckets of [1, 3, 7, 10]) {
      const detector = { kind: "success_rate_over_time_window", windowMs: 1_000, buckets } as const;
      for (const windows of [1, 7, 1_001, 1e6 + 3, 1e9 + 7]) {
        const original = stage(flavour, { detector }, 100.1).registry.get("a");
        report(original, 100.1, "success");
        const shift = windows * 1_000;
        const { registry } = stage(flavour, {}, 100.1 + shift);
        registry.import(original.export(100.1));
        const expiryMs = Math.ceil(100.1 / (1_000 / buckets)) * (1_000 / buckets) + 1_000 - 1_000 / buckets;
        const at = (nowMs: number) => registry.get("a").snapshot(nowMs + shift).calls;
        expect([at(expiryMs - 0.01), at(expiryMs + 0.01)], `${buckets}, ${windows}`).toEqual([1, 0]);
      }
    }
  });

  it("keeps no call for ever when one import follows the other", () => {
    const detector = { kind: "success_rate_over_time_window", windowMs: 1_000, buckets: 10 } as const;
    let { registry } = stage(flavour, { detector }, 10);
    report(registry.get("a"), 10, "success");
    for (let hop = 1; hop <= 50; hop++) {
      const next = stage(flavour, {}, 10 + hop * 60).registry;
      next.import(registry.export(10 + (hop - 1) * 60));
      registry = next;
    }
    expect(registry.get("a").snapshot(10 + 50 * 60 + 999).calls).toBe(1);
    expect(registry.get("a").snapshot(10 + 50 * 60 + 1_200).calls).toBe(0);
  });

  it("wants a time, as export does", () => {
    const { registry, clock } = stage(flavour, OPTIONS);
    const bytes = registry.export(5);
    for (const time of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => registry.export(time)).toThrow(/nowMs must be a number from 0/);
      expect(() => registry.import(bytes, time)).toThrow(/nowMs must be a number from 0/);
    }
    clock.nowMs = Number.NaN;
    expect(() => registry.import(bytes)).toThrow(RangeError);
    expect(() => registry.export()).toThrow(RangeError);
  });
});

describe.each(FLAVOURS)("one breaker of the $name core", (flavour) => {
  it("is exported by itself, and imported by a registry or by another breaker", () => {
    const there = stage(flavour, OPTIONS);
    there.registry.get("b");
    report(there.registry.get("a"), 0, "failure", 3);
    const bytes = there.registry.get("a").export(30);
    const here = stage(flavour, {}, 1_000);
    here.registry.import(bytes);
    expect(Array.from(here.registry, ({ name }) => name)).toEqual(["a"]);
    const other = here.registry.get("other");
    other.import(bytes);
    expect(other.snapshot()).toMatchObject({ endpoint: "other", state: "open", retryAfterMs: 70 });
  });

  it("takes no export of two, and none of none", () => {
    const { registry } = stage(flavour);
    const none = registry.export();
    const breaker = registry.get("a");
    registry.get("b");
    expect(() => breaker.import(registry.export())).toThrow(/2 breakers, and one is wanted/);
    expect(() => breaker.import(none)).toThrow(/0 breakers, and one is wanted/);
  });
});
