import { describe, expect, it } from "vitest";
import { CircuitBreaker, CircuitBreakerRegistry, isOptionError } from "../../src/entry/main.ts";
import { CircuitBreakerRegistry as SharedRegistry } from "../../src/entry/shared.ts";
import { manualClock, trip } from "../../src/entry/testing.ts";

const row = (failures: number) => ({ kind: "consecutive_failures", failures }) as const;

function setUp(options: object = {}) {
  const clock = manualClock();
  const registry = new CircuitBreakerRegistry({ clock, defaults: { detector: row(3) }, ...options });
  const breakers = ["db-1", "db-2", "mail"].map((name) => registry.get(name));
  return { clock, registry, breakers };
}

const isDatabase = ({ name }: { readonly name: string }) => name.startsWith("db-");

describe("all breakers of a registry, or those that are chosen", () => {
  it("are forced open, enabled, disabled, shadowed and reset at once", () => {
    const { registry, breakers } = setUp();
    const modes = () => breakers.map(({ mode }) => mode);
    expect(registry.forceOpen(isDatabase)).toBe(2);
    expect(modes()).toEqual(["forced_open", "forced_open", "enabled"]);
    expect(registry.disable(({ mode }) => mode === "enabled")).toBe(1);
    expect(modes()).toEqual(["forced_open", "forced_open", "disabled"]);
    expect(registry.shadow(() => false)).toBe(0);
    expect(registry.shadow(({ name }) => name === "mail")).toBe(1);
    expect(registry.enable()).toBe(3);
    expect(modes()).toEqual(["enabled", "enabled", "enabled"]);
    for (const breaker of breakers) trip(breaker);
    expect(registry.reset(isDatabase)).toBe(2);
    expect(breakers.map(({ state }) => state)).toEqual(["closed", "closed", "open"]);
  });

  it("are chosen before anything is done: listeners may make and delete others", () => {
    const { registry } = setUp();
    registry.on("opened", ({ endpoint }) => {
      registry.delete("mail");
      registry.get(`${endpoint}, again`);
    });
    expect(registry.forceOpen()).toBe(3);
    expect(registry.size).toBe(4);
  });

  it("are not touched when the time or the choice is none", () => {
    const { registry, breakers } = setUp();
    expect(() => registry.forceOpen(undefined, -1)).toThrow(RangeError);
    expect(() => registry.forceOpen("mail" as never)).toThrow(/^which must be a function, got "mail"/);
    expect(() =>
      registry.forceOpen(() => {
        throw new Error("no idea");
      }),
    ).toThrow("no idea");
    expect(breakers.every(({ mode }) => mode === "enabled")).toBe(true);
  });

  it("get other options: those that are chosen, or all there are and all to come", () => {
    const { registry, breakers } = setUp();
    expect(registry.configure({ decayMs: 5 }, isDatabase)).toBe(2);
    expect(registry.get("db-3").options.decayMs).toBe(10_000);
    expect(registry.configure({ detector: row(1), halfOpen: { probes: 2 } })).toBe(4);
    expect(registry.get("db-4").options).toMatchObject({ detectors: [row(1)], decayMs: 10_000 });
    expect(breakers.map(({ options }) => [options.decayMs, options.halfOpen.probes])).toEqual([
      [5, 2],
      [5, 2],
      [10_000, 2],
    ]);
    breakers[2]!.onFailure(breakers[2]!.tryAcquire());
    expect(breakers[2]!.state).toBe("open");
  });

  it("keep what the overrides say of them by name, unless they are chosen", () => {
    const { registry } = setUp({ overrides: { mail: { decayMs: 7, halfOpen: { probes: 4 } } } });
    const { options } = registry.get("mail");
    registry.configure({ decayMs: 9, halfOpen: { probes: 2, successesToClose: 2 } });
    expect(registry.get("mail").options).toEqual({
      ...options,
      halfOpen: { probes: 4, successesToClose: 2, probeTimeoutMs: 30_000 },
    });
    expect(registry.get("db-1").options).toMatchObject({ decayMs: 9, halfOpen: { probes: 2 } });
    registry.configure({ decayMs: 9 }, () => true);
    expect(registry.get("mail").options.decayMs).toBe(9);
  });

  it("keep their options, and so do those to come, when one of the new is bad", () => {
    const { registry, breakers } = setUp();
    for (const which of [undefined, isDatabase]) {
      expect(() => registry.configure({ decayMs: 3, halfOpen: { probes: 0 } }, which)).toThrow(RangeError);
      expect(() => registry.configure({ decayMs: 3 }, which, -1)).toThrow(RangeError);
    }
    const all = [...breakers, registry.get("new")];
    expect(all.map(({ options }) => options.decayMs)).toEqual([10_000, 10_000, 10_000, 10_000]);
  });

  it("read an iterable of delays once for all", () => {
    const { registry, breakers } = setUp();
    registry.configure({ backoff: [5, 6].values() });
    for (const { options } of [...breakers, registry.get("new")]) {
      expect(options.backoff.delaysMs).toEqual([5, 6]);
    }
  });
});

describe("overrides of a registry", () => {
  it("hold for a breaker of that name, over the defaults and under those of get", () => {
    for (const overrides of [
      { mail: { decayMs: 1, halfOpen: { probes: 2 } } },
      (name: string) => (name === "mail" ? { decayMs: 1, halfOpen: { probes: 2 } } : undefined),
    ]) {
      const registry = new CircuitBreakerRegistry({
        overrides,
        defaults: { halfOpen: { successesToClose: 9 } },
      });
      const { options } = registry.get("mail", { decayMs: 5 });
      expect(options).toMatchObject({ decayMs: 5, halfOpen: { probes: 2, successesToClose: 9 } });
      expect(registry.get("other").options).toMatchObject({ decayMs: 10_000, halfOpen: { probes: 1 } });
    }
  });

  it("are copied: what is done to the object afterwards changes nothing", () => {
    const overrides: Record<string, { decayMs: number }> = { mail: { decayMs: 1 } };
    const registry = new CircuitBreakerRegistry({ overrides });
    overrides.mail!.decayMs = 2;
    overrides.other = { decayMs: 3 };
    expect(["mail", "other"].map((name) => registry.get(name).options.decayMs)).toEqual([1, 10_000]);
  });

  it("say nothing of endpoints that are called like parts of an object", () => {
    const registry = new CircuitBreakerRegistry({ overrides: {} });
    for (const name of ["constructor", "__proto__", "toString"]) {
      expect(registry.get(name).options.decayMs).toBe(10_000);
    }
  });

  it("are refused with the name that they are for; nothing is made", () => {
    const bad = { decayMs: -1 };
    const message = /^overrides of "mail": decayMs must be a number from 0 to 86400000, got -1$/;
    expect(() => new CircuitBreakerRegistry({ overrides: { mail: bad } })).toThrow(message);
    const registry = new CircuitBreakerRegistry({ overrides: () => bad });
    expect(() => registry.get("mail")).toThrow(message);
    expect(registry.size).toBe(0);
    for (const overrides of [7, "mail", []]) {
      expect(() => new CircuitBreakerRegistry({ overrides: overrides as never })).toThrow(
        /^overrides must be an object/,
      );
    }
  });

  it("may be given to each thread", () => {
    const overrides = { mail: { decayMs: 1 } };
    const shared = SharedRegistry.shared({ threads: 1, overrides });
    const other = SharedRegistry.attach(shared.handle(), { overrides: () => ({ decayMs: 2 }) });
    expect(shared.get("mail").options.decayMs).toBe(1);
    expect([other.get("mail"), other.get("other")].map(({ options }) => options.decayMs)).toEqual([1, 2]);
    expect(shared.get("other").options.decayMs).toBe(2);
  });
});

describe("using", () => {
  it("takes back a listener at the end of a block", () => {
    const { breakers, registry } = setUp();
    const heard: string[] = [];
    {
      using _one = breakers[0]!.on("opened", ({ endpoint }) => heard.push(endpoint));
      using _all = registry.once("opened", () => heard.push("any"));
      trip(breakers[0]!);
    }
    breakers[0]!.reset();
    trip(breakers[0]!);
    expect(heard).toEqual(["db-1", "any"]);
  });

  it("ends a stream of events", async () => {
    const { breakers } = setUp();
    const stream = breakers[0]!.events();
    {
      await using events = stream;
      trip(breakers[0]!);
      expect((await events.next()).value?.kind).toBe("opened");
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
    trip(breakers[0]!);
    expect([heard, breakers[0]!.state]).toEqual([[], "open"]);
  });

  it("gives the place of a thread back", () => {
    const shared = SharedRegistry.shared({ threads: 1 });
    for (let turn = 0; turn < 3; turn++) {
      using attached = SharedRegistry.attach(shared.handle());
      attached.get("a").tryAcquire();
    }
    expect(shared.size).toBe(1);
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
    expect(ids.size).toBe(1);
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
    trip(breakers[0]!);
    clock.advance(3_600_000); // long after the delay
    const bytes = () => registry.export(clock()).join();
    const before = bytes();
    expect([registry.has("new"), registry.peek("new"), registry.peek("db-1")?.state]).toEqual([
      false,
      undefined,
      "open",
    ]);
    for (const breaker of registry) void [breaker.state, breaker.mode, breaker.options, breaker.snapshot()];
    expect([registry.size, bytes()]).toEqual([3, before]);
    expect(isOptionError(undefined)).toBe(false);
  });
});
