/** Faults that circuit breakers for JavaScript are known for; those of a stalled event loop are in stall.test.ts. */
import { describe, expect, it } from "vitest";
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  CircuitBreakerRegistry,
  configure,
  isCircuitOpenError,
  limitBreakers,
  setOverrides,
} from "../../src/entry/main.ts";
import { manualClock, openByFailures } from "../../src/features/testing.ts";
import { outputOf } from "../program.ts";

function setUp() {
  const clock = manualClock();
  const registry = new CircuitBreakerRegistry({ clock, seed: 1 });
  const breaker = registry.get("api", {
    detector: { kind: "consecutive_failures", failures: 2 },
    backoff: { kind: "constant", delayMs: 100 },
    halfOpen: { probeTimeoutMs: 1_000 },
  });
  return { clock, breaker };
}

/** A call whose end the test decides. */
function pending<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { call: () => promise, resolve, reject };
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === "object") deepFreeze(part);
  return Object.freeze(value);
}

describe("a breaker", () => {
  it("is not wedged by a probe that never answers: its lease ends", async () => {
    const { breaker, clock } = setUp();
    openByFailures(breaker);
    clock.advance(100);
    void breaker.execute(() => new Promise<never>(() => {}));
    await expect(breaker.execute(async () => 1)).rejects.toThrow(/retry soon: it is half-open$/);
    clock.advance(1_000);
    breaker.check();
    expect(breaker.state).toBe("open");
    clock.advance(100);
    expect(await breaker.execute(async () => "up")).toBe("up");
    expect(breaker.state).toBe("closed");
  });

  it("lets one of 1,000 callers in while it is half-open, and queues none", async () => {
    const { breaker, clock } = setUp();
    openByFailures(breaker);
    clock.advance(100);
    let called = 0;
    const callers = Array.from({ length: 1_000 }, () => breaker.execute(async () => ++called));
    const ends = await Promise.allSettled(callers);
    expect(called).toBe(1);
    const refused = ends.filter((end) => end.status === "rejected" && isCircuitOpenError(end.reason));
    expect(refused).toHaveLength(999);
  });

  it.each(["success", "failure"] as const)(
    "does not let a late %s decide its half-open state",
    async (end) => {
      const { breaker, clock } = setUp();
      const early = pending<number>();
      const first = breaker.execute(early.call).catch(() => 0);
      openByFailures(breaker);
      clock.advance(100);
      const probe = pending<number>();
      const second = breaker.execute(probe.call);
      if (end === "success") early.resolve(1);
      else early.reject(new Error("from before the trip"));
      await first;
      expect([breaker.state, breaker.snapshot().late]).toEqual(["half_open", 1]);
      probe.resolve(2);
      await second;
      expect(breaker.state).toBe("closed");
    },
  );

  it("does not open on the first failing call by default", async () => {
    const breaker = new CircuitBreaker("fresh");
    await expect(breaker.execute(() => Promise.reject(new Error("down")))).rejects.toThrow("down");
    expect(breaker.state).toBe("closed");
  });

  it("takes frozen options, changes none and keeps none", async () => {
    const { breaker } = setUp();
    const options = Object.freeze({ timeoutMs: 1_000, fallback: Object.freeze(() => 2) });
    expect(await breaker.execute(() => 1, options)).toBe(1);
  });

  it("takes frozen options of breakers and registries, and neither changes nor keeps what it was given", () => {
    const given = () => ({
      detector: [{ kind: "consecutive_failures", failures: 2 }],
      halfOpen: { probes: 2 },
      backoff: { kind: "steps", delaysMs: [5, 6] },
    });
    const frozen = deepFreeze(given()) as CircuitBreakerOptions;
    const registry = new CircuitBreakerRegistry(deepFreeze({ defaults: frozen }));
    expect(registry.get("api", deepFreeze({ decayMs: 7 })).options.decayMs).toBe(7);
    const options = given();
    const breaker = new CircuitBreaker("a", options as CircuitBreakerOptions);
    configure(breaker, options as CircuitBreakerOptions);
    setOverrides(registry, { other: options as CircuitBreakerOptions });
    expect(options).toEqual(given());
    options.halfOpen.probes = 9;
    options.detector[0]!.failures = 9;
    options.backoff.delaysMs.push(7);
    for (const each of [breaker, registry.get("other")]) {
      expect(each.options).toMatchObject({ ...given(), halfOpen: { probes: 2 } });
    }
  });

  it("counts no refusal as a failure of the endpoint, and no lack of room either", async () => {
    const { breaker, clock } = setUp();
    openByFailures(breaker);
    for (let call = 0; call < 50; call++) await breaker.execute(() => 1).catch(() => {});
    expect(breaker.snapshot()).toMatchObject({
      level: 1,
      refused: 50,
      late: 0,
      calls: 0,
      consecutiveFailures: 0,
    });
    clock.advance(100);
    expect(await breaker.execute(() => "up")).toBe("up");
    expect(breaker.state).toBe("closed");
    const full = new CircuitBreakerRegistry({ clock });
    limitBreakers(full, 1);
    const busy = full.get("busy");
    busy.onSuccess(busy.tryAcquire());
    expect(() => full.get("another")).toThrow(/maximumBreakers \(1\)/);
    expect(busy.snapshot()).toMatchObject({ calls: 1, failures: 0 });
  });

  it("keeps no process alive: 10,000 of them, busy ones too, end with their program", async () => {
    const program = `
      import { CircuitBreakerRegistry } from "bluesmoke";
      const detector = { kind: "success_rate_over_time_window", slowCallMs: 60_000 };
      const breakers = new CircuitBreakerRegistry({ defaults: { detector } });
      for (let n = 0; n < 10_000; n++) breakers.get("endpoint " + n);
      for (let n = 0; n < 1_000; n++) breakers.get("endpoint 1").tryAcquire();
      void breakers.get("endpoint 1").execute(() => new Promise(() => {}));
      await breakers.get("endpoint 2").execute(async () => 1, { timeoutMs: 60_000 });
      const startMs = performance.now();
      process.on("exit", () => console.log(performance.now() - startMs < 1_000 ? "at once" : "late"));`;
    expect(await outputOf(program)).toBe("at once");
  });

  it("does not count what is no function as a failure of the endpoint: it throws at once", () => {
    const { breaker } = setUp();
    for (const fn of [undefined, null, 7, "load", {}, Promise.resolve(1)]) {
      for (const options of [undefined, {}, { timeoutMs: 5 }]) {
        expect(() => breaker.execute(fn as never, options)).toThrow(/^fn must be a function, got /);
      }
      expect(() => breaker.executeSync(fn as never)).toThrow(/^fn must be a function, got /);
      expect(() => breaker.wrap(fn as never)).toThrow(/^fn must be a function, got /);
    }
    expect(breaker.snapshot()).toMatchObject({ state: "closed", consecutiveFailures: 0 });
  });

  it("does not let a listener wait for an event that never comes: other libraries call it `open`", () => {
    const { breaker } = setUp();
    const registry = new CircuitBreakerRegistry();
    const message = /^kind must be one of "closed", "opened", .*, got "open"$/;
    for (const source of [breaker, registry]) {
      expect(() => source.on("open" as never, () => {})).toThrow(message);
      expect(() => source.once("open" as never, () => {})).toThrow(message);
    }
  });

  it("does nothing when it is imported: no timer, no random, no clock, nothing compiled", async () => {
    const program = `
      const did = [];
      const watch = (owner, name) => {
        const real = owner[name];
        owner[name] = (...args) => {
          did.push(name);
          return Reflect.apply(real, owner, args);
        };
      };
      for (const name of ["setTimeout", "setInterval", "setImmediate", "atob"]) watch(globalThis, name);
      watch(Math, "random");
      watch(performance, "now");
      const { CircuitBreaker } = await import("bluesmoke");
      console.log("import:", did.join());
      new CircuitBreaker("one").tryAcquire();
      console.log("use:", [...new Set(did)].sort().join());`;
    expect(await outputOf(program)).toBe("import: \nuse: now,random");
  });
});
