import { describe, expect, it } from "vitest";
import {
  CircuitBreaker,
  CircuitBreakerRegistry,
  configure,
  events,
  isOptionError,
  type Overrides,
  resetAll,
  setOverrides,
  snapshots,
  switchAll,
} from "../../src/entry/main.ts";
import { manualClock, openByFailures } from "../../src/features/testing.ts";

const row = (failures: number) => ({ kind: "consecutive_failures", failures }) as const;

function setUp(overrides: Overrides = {}) {
  const clock = manualClock();
  const registry = new CircuitBreakerRegistry({ clock, defaults: { detector: row(3) } });
  setOverrides(registry, overrides);
  const breakers = ["db-1", "db-2", "mail"].map((name) => registry.get(name));
  return { clock, registry, breakers };
}

const isDatabase = ({ name }: { readonly name: string }) => name.startsWith("db-");

describe("all breakers of a registry, or those that are chosen", () => {
  it("are forced open, enabled, disabled, shadowed and reset at once", () => {
    const { registry, breakers } = setUp();
    const modes = () => breakers.map(({ mode }) => mode);
    expect(switchAll(registry, "forced_open", isDatabase)).toBe(2);
    expect(modes()).toEqual(["forced_open", "forced_open", "enabled"]);
    expect(switchAll(registry, "disabled", ({ mode }) => mode === "enabled")).toBe(1);
    expect(modes()).toEqual(["forced_open", "forced_open", "disabled"]);
    expect(switchAll(registry, "shadow", () => false)).toBe(0);
    expect(switchAll(registry, "shadow", ({ name }) => name === "mail")).toBe(1);
    expect(switchAll(registry, "enabled")).toBe(3);
    expect(modes()).toEqual(["enabled", "enabled", "enabled"]);
    for (const breaker of breakers) openByFailures(breaker);
    expect(resetAll(registry, isDatabase)).toBe(2);
    expect(breakers.map(({ state }) => state)).toEqual(["closed", "closed", "open"]);
  });

  it("are chosen before anything is done: listeners may make and delete others", () => {
    const { registry } = setUp();
    registry.on("opened", ({ endpoint }) => {
      registry.delete("mail");
      registry.get(`${endpoint}, again`);
    });
    expect(switchAll(registry, "forced_open")).toBe(3);
    expect(registry.size).toBe(4);
  });

  it("are not touched when the time or the choice is none", () => {
    const { registry, breakers } = setUp();
    expect(() => switchAll(registry, "forced_open", undefined, -1)).toThrow(RangeError);
    expect(() => switchAll(registry, "forced_open", "mail" as never)).toThrow(
      /^which must be a function, got "mail"/,
    );
    expect(() =>
      switchAll(registry, "forced_open", () => {
        throw new Error("no idea");
      }),
    ).toThrow("no idea");
    expect(breakers.every(({ mode }) => mode === "enabled")).toBe(true);
  });

  it("get other options: those that are chosen, or all there are and all to come", () => {
    const { registry, breakers } = setUp();
    expect(configure(registry, { decayMs: 5 }, { which: isDatabase })).toBe(2);
    expect(registry.get("db-3").options.decayMs).toBe(10_000);
    expect(configure(registry, { detector: row(1), halfOpen: { probes: 2 } })).toBe(4);
    expect(registry.get("db-4").options).toMatchObject({ detector: [row(1)], decayMs: 10_000 });
    expect(breakers.map(({ options }) => [options.decayMs, options.halfOpen.probes])).toEqual([
      [5, 2],
      [5, 2],
      [10_000, 2],
    ]);
    breakers[2]!.onFailure(breakers[2]!.tryAcquire());
    expect(breakers[2]!.state).toBe("open");
  });

  it("keep what the overrides say of them by name, unless they are chosen", () => {
    const { registry } = setUp({ mail: { decayMs: 7, halfOpen: { probes: 4 } } });
    const { options } = registry.get("mail");
    configure(registry, { decayMs: 9, halfOpen: { probes: 2, successesToClose: 2 } });
    expect(registry.get("mail").options).toEqual({
      ...options,
      halfOpen: { probes: 4, successesToClose: 2, toleratedFailures: 0, probeTimeoutMs: 30_000 },
    });
    expect(registry.get("db-1").options).toMatchObject({ decayMs: 9, halfOpen: { probes: 2 } });
    configure(registry, { decayMs: 9 }, { which: () => true });
    expect(registry.get("mail").options.decayMs).toBe(9);
  });

  it("keep their options, and so do those to come, when one of the new is bad", () => {
    const { registry, breakers } = setUp();
    for (const which of [undefined, isDatabase]) {
      expect(() => configure(registry, { decayMs: 3, halfOpen: { probes: 0 } }, { which })).toThrow(
        RangeError,
      );
      expect(() => configure(registry, { decayMs: 3 }, { which, nowMs: -1 })).toThrow(RangeError);
    }
    const all = [...breakers, registry.get("new")];
    expect(all.map(({ options }) => options.decayMs)).toEqual([10_000, 10_000, 10_000, 10_000]);
  });

  it("read an iterable of delays once for all", () => {
    const { registry, breakers } = setUp();
    configure(registry, { backoff: [5, 6].values() });
    for (const { options } of [...breakers, registry.get("new")]) {
      expect(options.backoff).toMatchObject({ delaysMs: [5, 6] });
    }
  });
});

describe("overrides of a registry", () => {
  it("hold for a breaker of that name, over the defaults and under those of get", () => {
    for (const overrides of [
      { mail: { decayMs: 1, halfOpen: { probes: 2 } } },
      (name: string) => (name === "mail" ? { decayMs: 1, halfOpen: { probes: 2 } } : undefined),
    ]) {
      const registry = new CircuitBreakerRegistry({ defaults: { halfOpen: { successesToClose: 9 } } });
      setOverrides(registry, overrides);
      const { options } = registry.get("mail", { decayMs: 5 });
      expect(options).toMatchObject({ decayMs: 5, halfOpen: { probes: 2, successesToClose: 9 } });
      expect(registry.get("other").options).toMatchObject({ decayMs: 10_000, halfOpen: { probes: 1 } });
    }
  });

  it("are copied: what is done to the object afterwards changes nothing", () => {
    const overrides: Record<string, { decayMs: number }> = { mail: { decayMs: 1 } };
    const registry = new CircuitBreakerRegistry();
    setOverrides(registry, overrides);
    overrides.mail!.decayMs = 2;
    overrides.other = { decayMs: 3 };
    expect(["mail", "other"].map((name) => registry.get(name).options.decayMs)).toEqual([1, 10_000]);
  });

  it("say nothing of endpoints that are called like parts of an object", () => {
    const registry = new CircuitBreakerRegistry();
    setOverrides(registry, {});
    for (const name of ["constructor", "__proto__", "toString"]) {
      expect(registry.get(name).options.decayMs).toBe(10_000);
    }
  });

  it("are refused with the name that they are for; nothing is made", () => {
    const bad = { decayMs: -1 };
    const message = /^overrides of "mail": decayMs must be 0 to 86400000, got -1$/;
    const registry = new CircuitBreakerRegistry();
    expect(() => setOverrides(registry, { mail: bad })).toThrow(message);
    setOverrides(registry, () => bad);
    expect(() => registry.get("mail")).toThrow(message);
    expect(registry.size).toBe(0);
    for (const overrides of [7, "mail", []]) {
      expect(() => setOverrides(registry, overrides as never)).toThrow(/^overrides must be an object/);
    }
  });
});

describe("using", () => {
  it("takes back a listener at the end of a block", () => {
    const { breakers, registry } = setUp();
    const heard: string[] = [];
    {
      using _one = breakers[0]!.on("opened", ({ endpoint }) => heard.push(endpoint));
      using _all = registry.once("opened", () => heard.push("any"));
      openByFailures(breakers[0]!);
    }
    breakers[0]!.reset();
    openByFailures(breakers[0]!);
    expect(heard).toEqual(["db-1", "any"]);
  });

  it("ends a stream of events", async () => {
    const { breakers } = setUp();
    const stream = events(breakers[0]!);
    {
      await using stepping = stream;
      openByFailures(breakers[0]!);
      expect((await stepping.next()).value?.kind).toBe("opened");
    }
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it("takes all listeners off a registry, whose breakers go on", () => {
    const { breakers, registry } = setUp();
    const heard: string[] = [];
    {
      using all = registry;
      all.on("opened", () => heard.push("all"));
      breakers[0]!.on("opened", () => heard.push("one"));
    }
    openByFailures(breakers[0]!);
    expect([heard, breakers[0]!.state]).toEqual([[], "open"]);
  });

  it("gives the memory of a breaker back that is in no registry; one of a registry stays", () => {
    const ids = new Set<number>();
    let last: CircuitBreaker | undefined;
    for (let turn = 0; turn < 1_000; turn++) {
      using breaker = new CircuitBreaker("session");
      breaker.onSuccess(breaker.tryAcquire());
      ids.add(breaker.id);
      last = breaker;
    }
    expect(ids.size).toBeLessThanOrEqual(2); // one block stands for all that were removed
    expect(last!.tryAcquire()).toBe(0);
    const { breakers, registry } = setUp();
    {
      using breaker = breakers[0]!;
      breaker.tryAcquire();
    }
    expect([registry.has("db-1"), breakers[0]!.tryAcquire() > 0]).toEqual([true, true]);
  });
});

describe("asking a registry", () => {
  it("changes nothing: has, peek, size, iteration and snapshots make no breaker and move no state", () => {
    const { registry, breakers, clock } = setUp();
    openByFailures(breakers[0]!);
    void clock.advance(3_600_000); // long after the delay
    const heard: string[] = [];
    registry.on("half_opened", ({ endpoint }) => heard.push(endpoint));
    expect([registry.has("new"), registry.peek("new"), registry.peek("db-1")?.state]).toEqual([
      false,
      undefined,
      "open",
    ]);
    for (const breaker of registry) void [breaker.state, breaker.mode, breaker.options, breaker.snapshot()];
    expect([...snapshots(registry)].map(({ state }) => state)).toEqual(["open", "closed", "closed"]);
    expect([registry.size, heard, breakers[0]!.state]).toEqual([3, [], "open"]);
    expect(isOptionError(undefined)).toBe(false);
  });
});
