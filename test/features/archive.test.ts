import { describe, expect, it } from "vitest";
import { CircuitBreaker } from "../../src/breaker/breaker.ts";
import type { CircuitBreakerOptions } from "../../src/breaker/options.ts";
import { exportState, exportStates, importState } from "../../src/features/archive.ts";
import { evictIdle, isRegistryFullError, limitBreakers } from "../../src/features/eviction.ts";
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
/** How much later it is on the clock of the importing process. */
const SHIFTS = [0, 5_000, 1_000_000_000, -9_000];

describe.each(FLAVOURS)("an export of the $name core", (flavour) => {
  it.each(SHIFTS)("keeps an open breaker open for what was left of its delay, %d ms later", (shift) => {
    const there = setUp(flavour, OPTIONS, 10_000);
    report(there.registry.get("a"), 10_000, "failure", 3);
    const here = setUp(flavour, {}, 10_030 + shift);
    importState(here.registry, sent(exportState(there.registry, 10_030)));
    const breaker = here.registry.get("a");
    expect(breaker.options).toEqual(there.registry.get("a").options);
    expect(breaker.snapshot()).toMatchObject({ state: "open", level: 1, retryAfterMs: 70 });
    expect(breaker.tryAcquire(10_099.5 + shift)).toBe(0);
    expect(breaker.tryAcquire(10_100 + shift)).toBeGreaterThan(0);
    expect(breaker.state).toBe("half_open");
  });

  it("half-opens a breaker whose delay has ended before it is exported, as a check does", () => {
    const there = setUp(flavour, OPTIONS);
    report(there.registry.get("a"), 0, "failure", 3);
    const here = setUp(flavour, {}, 7);
    importState(here.registry, sent(exportState(there.registry, 5_000)));
    expect(there.registry.get("a").state).toBe("half_open");
    expect(here.registry.get("a").snapshot()).toMatchObject({ state: "half_open", retryAfterMs: 0 });
    expect(here.registry.get("a").tryAcquire()).toBeGreaterThan(0);
  });

  it.each(SHIFTS)("takes the windows along, call by call, %d ms later", (shift) => {
    const there = setUp(flavour, OPTIONS, 10_000);
    const original = there.registry.get("a");
    report(original, 10_000, "success", 5);
    report(original, 10_250, "failure", 1);
    original.onSuccess(original.tryAcquire(10_250), 10_250, 60);
    const here = setUp(flavour, {}, 10_300 + shift);
    importState(here.registry, sent(exportState(there.registry, 10_300)));
    const breaker = here.registry.get("a");
    for (const nowMs of [10_300, 10_999, 11_000, 11_249.5, 11_250, 11_300, 99_000]) {
      const { generation: _, ...expected } = original.snapshot(nowMs);
      expect(breaker.snapshot(nowMs + shift)).toMatchObject(expected);
    }
    report(breaker, 10_300 + shift, "failure", 2);
    expect(breaker.state, "two more of seven calls that failed").toBe("open");
  });

  it("takes failures in a row, levels and healthy time along", () => {
    const there = setUp(flavour, OPTIONS);
    const original = there.registry.get("a");
    report(original, 0, "failure", 3);
    report(original, 100, "success", 2);
    report(original, 500, "failure", 2);
    const here = setUp(flavour, {}, 50_000);
    importState(here.registry, sent(exportState(there.registry, 600)));
    const breaker = here.registry.get("a");
    expect(breaker.snapshot()).toMatchObject({ state: "closed", level: 1, consecutiveFailures: 2 });
    expect(breaker.snapshot(50_499).level).toBe(1);
    expect(breaker.snapshot(50_500).level, "healthy since 100, so a second later").toBe(0);
    report(breaker, 50_000, "failure");
    expect(breaker.snapshot()).toMatchObject({ state: "open", level: 2, retryAfterMs: 200 });
  });

  it("takes a half-open breaker along as if the probes that are out had been released", () => {
    const there = setUp(flavour, OPTIONS);
    const original = there.registry.get("a");
    report(original, 0, "failure", 3);
    const [first, second] = [original.tryAcquire(100), original.tryAcquire(100)];
    original.onSuccess(first, 110);
    const here = setUp(flavour, {}, 7_000);
    importState(here.registry, sent(exportState(there.registry, 120)));
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
    const { registry } = setUp(flavour, OPTIONS);
    const original = registry.get("a");
    report(original, 0, "failure", 3);
    original.tryAcquire(100);
    const heard: string[] = [];
    registry.on("opened", ({ cause }) => heard.push(cause));
    const here = setUp(flavour, {}, 0);
    importState(here.registry, sent(exportState(registry, 160)));
    expect(heard).toEqual(["probe_timed_out"]);
    expect(here.registry.get("a").snapshot()).toMatchObject({ state: "open", level: 2, retryAfterMs: 200 });
  });

  it.each(["enabled", "disabled", "forced_open", "shadow"] as const)("takes the mode along: %s", (mode) => {
    const there = setUp(flavour, { ...OPTIONS, mode });
    report(there.registry.get("a"), 0, "failure", 3);
    const here = setUp(flavour, {}, 1_000);
    importState(here.registry, sent(exportState(there.registry, 50)));
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
    const there = setUp(flavour);
    for (const name of names) there.registry.get(name);
    const here = setUp(flavour);
    importState(here.registry, sent(exportState(there.registry)));
    expect(Array.from(here.registry, ({ name }) => name)).toEqual(names);
  });

  it("is compact: 90 characters and the name for a breaker that is as good as new", () => {
    const { registry } = setUp(flavour);
    const sizes = [0, 1_000].map((count) => {
      for (let i = 0; i < count; i++) registry.get(`endpoint ${String(i).padStart(4, "0")}`);
      return JSON.stringify(exportState(registry)).length;
    });
    expect((sizes[1]! - sizes[0]!) / 1_000).toBeLessThanOrEqual("endpoint 0000".length + 90);
  });

  it("of nothing imports nothing", () => {
    const { registry } = setUp(flavour);
    importState(registry, sent(exportState(registry)));
    expect(registry.size).toBe(0);
  });
});

describe.each(FLAVOURS)("an import into the $name core", (flavour) => {
  it("replaces the state of a breaker that is there, and keeps its options, its id and its listeners", () => {
    const there = setUp(flavour, OPTIONS);
    report(there.registry.get("a"), 0, "failure", 3);
    const here = setUp(flavour, { ...OPTIONS, backoff: { kind: "constant", delayMs: 7 } }, 500);
    const breaker = here.registry.get("a");
    const { id, options } = breaker;
    const ticket = breaker.tryAcquire();
    const heard: string[] = [];
    for (const kind of ["opened", "half_opened"] as const)
      breaker.on(kind, (event) => heard.push(event.kind));
    importState(here.registry, sent(exportState(there.registry, 40)));
    expect(here.registry.get("a")).toBe(breaker);
    expect([breaker.id, breaker.options]).toEqual([id, options]);
    expect(breaker.snapshot()).toMatchObject({ state: "open", retryAfterMs: 60, late: 0 });
    breaker.onFailure(ticket);
    expect(breaker.snapshot(), "tickets from before are late").toMatchObject({ late: 1 });
    expect(heard, "an import emits no event").toEqual([]);
    report(breaker, 560, "failure");
    expect(heard).toEqual(["half_opened", "opened"]);
    expect(breaker.retryAfterMs(560)).toBe(7);
  });

  it("leaves breakers alone that it does not name", () => {
    const there = setUp(flavour, OPTIONS);
    there.registry.get("a");
    const here = setUp(flavour, OPTIONS);
    report(here.registry.get("b"), 0, "failure", 3);
    importState(here.registry, sent(exportState(there.registry)));
    expect(here.registry.get("b").state).toBe("open");
    expect(here.registry.size).toBe(2);
  });

  it("takes of a window what the breaker's own options have room for", () => {
    const time = { kind: "success_rate_over_time_window", minimumCalls: 100 } as const;
    const count = { kind: "success_rate_over_count_window", requiredSuccessRate: 0 } as const;
    const there = setUp(flavour, { detector: [{ ...time, windowMs: 1_000, buckets: 10 }, count] });
    const original = there.registry.get("a");
    for (let i = 0; i < 10; i++) report(original, i * 100, i % 2 ? "failure" : "success");
    const data = sent(exportState(original, 950));
    const imported = (detector: CircuitBreakerOptions["detector"]) => {
      const { registry } = setUp(flavour, {}, 950);
      const breaker = registry.get("a", detector === undefined ? {} : { detector });
      importState(registry, data);
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
    const there = setUp(flavour, OPTIONS);
    report(there.registry.get("a"), 0, "failure", 3);
    const here = setUp(flavour, OPTIONS, 10);
    here.registry.get("a").check(9_000);
    importState(here.registry, sent(exportState(there.registry, 0)));
    expect(here.registry.get("a").retryAfterMs(9_000)).toBe(100);
  });

  it("keeps no call longer where the clocks differ by whole windows, whatever the rounding of their times", () => {
    for (const buckets of [1, 3, 7, 10]) {
      const detector = { kind: "success_rate_over_time_window", windowMs: 1_000, buckets } as const;
      for (const windows of [1, 7, 1_001, 1e6 + 3, 1e9 + 7]) {
        const original = setUp(flavour, { detector }, 100.1).registry.get("a");
        report(original, 100.1, "success");
        const shift = windows * 1_000;
        const { registry } = setUp(flavour, {}, 100.1 + shift);
        importState(registry, sent(exportState(original, 100.1)));
        const expiryMs = Math.ceil(100.1 / (1_000 / buckets)) * (1_000 / buckets) + 1_000 - 1_000 / buckets;
        const at = (nowMs: number) => registry.get("a").snapshot(nowMs + shift).calls;
        expect([at(expiryMs - 0.01), at(expiryMs + 0.01)], `${buckets}, ${windows}`).toEqual([1, 0]);
      }
    }
  });

  it("keeps no call for ever when one import follows the other", () => {
    const detector = { kind: "success_rate_over_time_window", windowMs: 1_000, buckets: 10 } as const;
    let { registry } = setUp(flavour, { detector }, 10);
    report(registry.get("a"), 10, "success");
    for (let hop = 1; hop <= 50; hop++) {
      const next = setUp(flavour, {}, 10 + hop * 60).registry;
      importState(next, sent(exportState(registry, 10 + (hop - 1) * 60)));
      registry = next;
    }
    expect(registry.get("a").snapshot(10 + 50 * 60 + 999).calls).toBe(1);
    expect(registry.get("a").snapshot(10 + 50 * 60 + 1_200).calls).toBe(0);
  });

  it("needs a time, as an export does", () => {
    const { registry, clock } = setUp(flavour, OPTIONS);
    const data = exportState(registry, 5);
    const breaker = registry.get("a");
    const one = exportState(breaker, 5);
    for (const time of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const act of [
        () => exportState(registry, time),
        () => exportState(breaker, time),
        () => exportStates(registry, time),
        () => importState(registry, data, time),
        () => importState(breaker, one, time),
      ]) {
        expect(act).toThrow(/^nowMs must be 0 to \d+ \(ms\), got /);
      }
    }
    clock.nowMs = 9;
    const [exported] = exportState(registry).breakers;
    expect(exported?.atMs).toBe(9);
  });

  it("keeps listeners, and says no more why the breaker was open before", () => {
    for (const alone of [false, true]) {
      const { registry } = setUp(flavour, OPTIONS, 1_000);
      const breaker = alone ? new CircuitBreaker("a", { ...OPTIONS, clock: () => 1_000 }) : registry.get("a");
      const kinds: string[] = [];
      breaker.on("closed", ({ kind }) => kinds.push(kind));
      breaker.on("opened", ({ kind }) => kinds.push(kind));
      report(breaker, 1_000, "failure", 3);
      expect(breaker.snapshot().opened?.cause).toBe("consecutive_failures");
      importState(breaker, sent(exportState(breaker)));
      expect(breaker.snapshot()).toMatchObject({ state: "open", opened: undefined });
      const ticket = breaker.tryAcquire(1_100);
      breaker.onSuccess(ticket, 1_100);
      breaker.onSuccess(breaker.tryAcquire(1_100), 1_100);
      expect(kinds).toEqual(["opened", "closed"]);
    }
  });

  it("makes breakers with the options of the data, and with classify and fallback of the registry", () => {
    const classify = () => "failure" as const;
    const fallback = () => 5;
    const there = setUp(flavour, { ...OPTIONS, classify: () => "ignored", timeoutMs: 50 });
    there.registry.get("a");
    there.registry.get("b", { backoff: (level) => 10 + level, fallback: () => 6, timeoutMs: 70 });
    const data = sent(exportState(there.registry));
    for (const defaults of [
      { classify, fallback },
      { ...OPTIONS, timeoutMs: 50, classify, fallback },
    ]) {
      const { registry } = setUp(flavour, defaults);
      importState(registry, data);
      expect(registry.get("a").options).toEqual({
        ...there.registry.get("a").options,
        classify,
        fallback,
      });
      const { options } = registry.get("b");
      expect(options).toMatchObject({ timeoutMs: 70, classify, fallback });
      expect(options.backoff).toMatchObject({ kind: "steps", jitter: "none" });
      expect(options.backoff).toEqual(there.registry.get("b").options.backoff);
    }
  });

  it("makes breakers that can be evicted where the options are those of the registry", () => {
    const there = setUp(flavour, OPTIONS);
    there.registry.get("a");
    const here = setUp(flavour, OPTIONS);
    importState(here.registry, sent(exportState(there.registry)));
    expect(evictIdle(here.registry)).toBe(1);
  });

  it("makes no more breakers than there may be, and none where there is no room for all", () => {
    const there = setUp(flavour, OPTIONS);
    for (const name of ["a", "b", "c"]) there.registry.get(name);
    report(there.registry.get("a"), 0, "success");
    const data = sent(exportState(there.registry));
    const here = setUp(flavour, OPTIONS);
    limitBreakers(here.registry, 3);
    here.registry.get("idle");
    const busy = here.registry.get("busy");
    busy.forceOpen();
    expect(() => importState(here.registry, data)).toThrow(expect.toSatisfy(isRegistryFullError));
    expect(here.registry.has("a")).toBe(false);
    busy.enable();
    importState(here.registry, data);
    expect(Array.from(here.registry, ({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(here.registry.get("a").snapshot().calls).toBe(1);
  });

  it("comes back to the objects of breakers that were evicted", () => {
    const there = setUp(flavour, OPTIONS);
    report(there.registry.get("a"), 0, "failure", 3);
    const here = setUp(flavour, OPTIONS);
    const breaker = here.registry.get("a");
    evictIdle(here.registry);
    importState(here.registry, sent(exportState(there.registry)));
    expect(breaker.tryAcquire()).toBe(0);
    expect(breaker.state).toBe("open");
  });

  it("imports what a listener of the export's checks has left", () => {
    const there = setUp(flavour, OPTIONS);
    for (const name of ["a", "b", "c"]) report(there.registry.get(name), 0, "failure", 3);
    there.registry.on("half_opened", ({ endpoint }) => {
      if (endpoint === "a") there.registry.delete("b");
    });
    const data = sent(exportState(there.registry, 100));
    expect(data.breakers.map(({ name, state }) => [name, state])).toEqual([
      ["a", "half_open"],
      ["c", "half_open"],
    ]);
  });
});
