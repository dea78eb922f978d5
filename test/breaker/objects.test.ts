/** Breakers and registries as objects: printed, written as JSON, behind a proxy. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  CircuitBreaker,
  CircuitBreakerRegistry,
  configure,
  snapshots,
  switchAll,
} from "../../src/entry/main.ts";
import { outputOf } from "../program.ts";
import { createBreaker, openByFailures } from "./fixture.ts";

/**
 * As Vue's `reactive`: wraps what it reads, however deep, where `Object.prototype.toString` says that it is a plain object, an
 * array, a Map or a Set.
 */
function reactive<T extends object>(target: T): T {
  const isWrapped = /^\[object (Object|Array|Map|Set|WeakMap|WeakSet)\]$/.test(
    Object.prototype.toString.call(target),
  );
  if (!isWrapped || !Object.isExtensible(target)) return target;
  return new Proxy(target, {
    get(from, key, receiver) {
      const value = Reflect.get(from, key, receiver);
      return typeof value === "object" && value !== null ? reactive(value) : value;
    },
  });
}

const PROXIES = [
  ["a proxy", <T extends object>(target: T) => new Proxy(target, {})],
  ["a reactive proxy", <T extends object>(target: T) => reactive({ target }).target],
  ["an object that inherits from it", <T extends object>(target: T) => Object.create(target) as T],
] as const;

describe.each(PROXIES)("a breaker behind %s", (_, wrap) => {
  it("does everything that it does otherwise", async () => {
    const { breaker, clock } = createBreaker();
    const proxy = wrap(breaker);
    const kinds: string[] = [];
    proxy.on("opened", ({ kind }) => kinds.push(kind));
    proxy.once("closed", ({ kind }) => kinds.push(kind));
    expect(await proxy.execute(() => 1)).toBe(1);
    expect(await proxy.execute(({ signal }) => signal.aborted, { timeoutMs: 5 })).toBe(false);
    expect(proxy.executeSync(() => 2)).toBe(2);
    expect(await proxy.wrap((a: number) => a)(3)).toBe(3);
    proxy.release(proxy.tryAcquire());
    proxy.onSuccess(proxy.tryAcquire());
    openByFailures(proxy);
    await expect(proxy.execute(() => 1)).rejects.toThrow(/is open/);
    expect([proxy.state, proxy.retryAfterMs(), proxy.mode, proxy.id > 0]).toEqual([
      "open",
      100,
      "enabled",
      true,
    ]);
    expect(proxy.snapshot()).toMatchObject({ endpoint: "api", state: "open" });
    await clock.advance(100);
    proxy.check();
    proxy.onSuccess(proxy.tryAcquire());
    for (const control of ["forceOpen", "disable", "shadow", "enable", "reset", "trip"] as const)
      proxy[control]();
    configure(proxy, { decayMs: 5, halfOpen: { probes: 3 } });
    expect(proxy.options.decayMs).toBe(5);
    expect([JSON.stringify(proxy), String(proxy)]).toEqual([
      '{"name":"api","state":"open","mode":"enabled"}',
      'CircuitBreaker "api" (open)',
    ]);
    expect(kinds).toEqual(["opened", "closed", "opened", "opened"]);
    proxy[Symbol.dispose]();
    expect([proxy.tryAcquire(), breaker.tryAcquire()]).toEqual([0, 0]);
  });
});

describe.each(PROXIES.slice(0, 2))("a registry behind %s", (_, wrap) => {
  it("does everything that it does otherwise", () => {
    const registry = new CircuitBreakerRegistry();
    const proxy = wrap(registry);
    const kinds: string[] = [];
    proxy.on("opened", ({ kind }) => kinds.push(kind));
    const breaker = proxy.get("a");
    expect([proxy.get("a"), proxy.peek("a"), ...proxy]).toEqual([breaker, breaker, breaker]);
    switchAll(proxy, "forced_open");
    expect([proxy.size, proxy.has("a"), proxy.now() > 0, kinds]).toEqual([1, true, true, ["opened"]]);
    expect([...snapshots(proxy)]).toHaveLength(1);
    configure(proxy, { decayMs: 7 });
    expect([proxy.get("b").options.decayMs, JSON.stringify(proxy)]).toEqual([7, '{"size":2}']);
    expect([proxy.delete("a"), breaker.tryAcquire()]).toEqual([true, 0]);
    proxy[Symbol.dispose]();
  });
});

describe("JSON and text", () => {
  it("of a breaker are its name, state and mode", () => {
    const { breaker } = createBreaker();
    expect(JSON.stringify({ breaker })).toBe('{"breaker":{"name":"api","state":"closed","mode":"enabled"}}');
    openByFailures(breaker);
    expect([inspect(breaker), `${breaker}`]).toEqual([
      'CircuitBreaker "api" (open)',
      'CircuitBreaker "api" (open)',
    ]);
    breaker.shadow();
    expect(inspect([breaker])).toBe('[ CircuitBreaker "api" (shadow) ]');
  });

  it("of 30,000 breakers are small and soon made; a BigInt is nowhere in them", () => {
    const registry = new CircuitBreakerRegistry();
    for (let n = 0; n < 30_000; n++) registry.get(`endpoint ${n}`);
    const startMs = performance.now();
    expect(JSON.stringify(registry)).toBe('{"size":30000}');
    expect(inspect(registry)).toBe("CircuitBreakerRegistry of 30000");
    expect(String(registry)).toBe("CircuitBreakerRegistry of 30000");
    expect(performance.now() - startMs).toBeLessThan(100);
    expect(JSON.parse(JSON.stringify([...snapshots(registry)]))).toHaveLength(30_000);
    expect(performance.now() - startMs).toBeLessThan(3_000);
  });

  it("of snapshots, events and options hold plain data only", () => {
    const { breaker } = createBreaker();
    const values: object[] = [breaker.options];
    breaker.on("opened", (event) => values.push(event));
    openByFailures(breaker, new Error("down"));
    values.push(breaker.snapshot());
    for (const value of values) {
      expect(structuredClone({ ...value, clock: undefined })).toEqual({ ...value, clock: undefined });
      expect(JSON.stringify(value).length).toBeLessThan(2_000);
    }
  });
});

describe("options of a breaker", () => {
  it("can be given back to the constructor, a registry and configure, which then change nothing", () => {
    const classify = () => undefined;
    const given = {
      detector: [
        { kind: "success_rate_over_time_window", slowCallMs: 50, hungAfterMs: 100 },
        "consecutive_failures",
      ],
      backoff: (level: number) => level + 1,
      halfOpen: { ramp: { shares: [0.5] } },
      timeoutMs: 7,
      classify,
    } as const;
    const { options } = new CircuitBreaker("a", given);
    expect(new CircuitBreaker("b", options).options).toEqual(options);
    const registry = new CircuitBreakerRegistry({ defaults: options });
    expect(registry.get("c", options).options).toEqual(options);
    const breaker = new CircuitBreaker("d");
    configure(breaker, options);
    expect(breaker.options).toEqual(options);
    expect(breaker.options.classify).toBe(classify);
  });

  it("are own properties only: nothing is read from Object.prototype", async () => {
    const program = `
      import { CircuitBreaker, CircuitBreakerRegistry, configure } from "bluesmoke";
      const keys = ["detector", "backoff", "decayMs", "halfOpen", "mode", "timeoutMs", "classify", "fallback", "clock", "seed", "defaults",
        "onError", "signal", "withSignal", "kind", "windowMs", "buckets", "minimumCalls", "requiredSuccessRate", "slowCallMs", "maximumSlowRate",
        "hungAfterMs", "calls", "failures", "initialMs", "factor", "maximumMs", "jitter", "delayMs", "delaysMs", "probes", "successesToClose",
        "probeTimeoutMs", "ramp", "shares", "stepMs", "which", "nowMs", "overridden"];
      for (const key of keys) Object.defineProperty(Object.prototype, key, { value: "polluted", writable: true, configurable: true, enumerable: true });
      const breaker = new CircuitBreaker("a", {});
      const registry = new CircuitBreakerRegistry({});
      const results = [
        await breaker.execute(() => 1), await breaker.execute(() => 2, {}), breaker.executeSync(() => 3, {}),
        await breaker.wrap(() => 4)(), await breaker.wrap(() => 5, {})(), await registry.get("b", {}).execute(() => 6, { timeoutMs: 5 }),
        configure(breaker, { halfOpen: {}, detector: {}, backoff: { kind: "steps" } }), configure(registry, {}), configure(registry, {}, {}),
        new CircuitBreaker("c", { halfOpen: { ramp: {} }, backoff: { kind: "exponential" }, detector: { kind: "success_rate_over_count_window" } }).state,
        new CircuitBreaker("d", { clock: () => 1_000 }).options.decayMs,
      ];
      console.log(results.join());`;
    expect(await outputOf(program)).toBe("1,2,3,4,5,6,1,1,1,closed,10000");
  });
});
