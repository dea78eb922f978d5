/** The interface of `bluesmoke/opossum` where random sequences do not go. What both can do is played on both. */
import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter, once } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CircuitBreakerRegistry, explain, snapshots } from "../../src/entry/main.ts";
import { type Breaker, loadOpossum, Ours } from "./peer.ts";

const down = (): Promise<never> => Promise.reject(new Error("down"));
const well = async (): Promise<string> => "well";

/** What ours shows, after opossum has shown the same. */
async function same<T>(play: (Class: Breaker) => Promise<T> | T): Promise<T> {
  const ours = await play(Ours);
  expect(ours).toEqual(await play(await loadOpossum()));
  return ours;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.clearAllTimers(); // of opossum
  vi.useRealTimers();
});

describe("bluesmoke/opossum", () => {
  it("has every method, property and static of opossum", async () => {
    const Theirs = await loadOpossum();
    const publicOf = (Class: object) =>
      Object.getOwnPropertyNames(Class).filter((name) => !name.startsWith("_"));
    expect(publicOf(Ours.prototype)).toEqual(expect.arrayContaining(publicOf(Theirs.prototype)));
    expect(publicOf(Ours)).toEqual(expect.arrayContaining(publicOf(Theirs)));
    const [ours, theirs] = [new Ours(well), new Theirs(well)];
    expect(ours).toBeInstanceOf(EventEmitter);
    const defaults = { ...theirs.options, errorFilter: undefined, cacheGetKey: undefined };
    expect(ours.options).toMatchObject({
      ...defaults,
      errorFilter: expect.any(Function),
      cacheGetKey: expect.any(Function),
    });
    theirs.shutdown();
  });

  it("names a breaker after its option, its function, or at random", async () => {
    const names = await same((Class) => [
      new Class(well, { name: "mail", group: "out" }).group,
      new Class(well).name,
      new Class(well).group,
      /^[\da-f]{8}-[\da-f-]{27}$/.test(new Class(() => 1).name),
    ]);
    expect(names).toEqual(["out", "well", "well", true]);
  });

  it("calls with a context, with the function as the default one", async () => {
    const seen = await same(async (Class) => {
      function self(this: unknown, ...args: unknown[]) {
        return Promise.resolve([this === self ? "itself" : this, ...args]);
      }
      const breaker = new Class<unknown[], unknown>(self);
      return [await breaker.fire(1, 2), await breaker.call("context", 3)];
    });
    expect(seen).toEqual([
      ["itself", 1, 2],
      ["context", 3],
    ]);
  });

  it("stands for a value that is no function, and refuses to stand for none", async () => {
    expect(await same((Class) => new Class("value").fire())).toBe("value");
    await same((Class) => {
      expect(() => new Class(undefined as never)).toThrow(
        new TypeError("No action provided. Cannot construct a CircuitBreaker without an invocable action."),
      );
    });
  });

  it("falls back to another breaker, of any copy of the package", async () => {
    const results = await same(async (Class) => {
      const breaker = new Class<unknown[], unknown>(down);
      breaker.fallback(new Class(async (...args: unknown[]) => args.map(String)));
      return [await breaker.fire(1), await breaker.fire(2)];
    });
    expect(results).toEqual([
      ["1", "Error: down"],
      ["2", "Error: Breaker is open"],
    ]);
    const { default: Other } = (await import("../../dist/esm/opossum.js" as string)) as { default: Breaker };
    const breaker = new Ours(down);
    breaker.fallback(new Other(well) as never);
    expect(await breaker.fire()).toBe("well");
    const error = await new Other(down, { state: { closed: false } })
      .fire()
      .catch((reason: unknown) => reason);
    expect(Ours.isOurError(error)).toBe(true);
  });

  it("aborts its controller upon a timeout, and renews it when it half-opens", async () => {
    const seen = await same(async (Class) => {
      const options = { timeout: 10, resetTimeout: 100, autoRenewAbortController: true };
      const breaker = new Class(() => new Promise(() => {}), options);
      const first = breaker.getSignal()!;
      const call = breaker.fire().catch(({ code }) => code);
      await vi.advanceTimersByTimeAsync(10);
      const aborted = [first.aborted, breaker.getSignal() === first];
      await vi.advanceTimersByTimeAsync(100);
      return [await call, ...aborted, breaker.getSignal()!.aborted, breaker.getSignal() === first];
    });
    expect(seen).toEqual(["ETIMEDOUT", true, true, false, false]);
    await same((Class) => {
      expect(() => new Class(well, { abortController: {} as never })).toThrow("does not contain `abort()`");
      expect(new Class(well).getAbortController()).toBeUndefined();
    });
  });

  it("turns its window by an event where one is given, and not while it is disabled", async () => {
    const counts = await same(async (Class) => {
      const rotateBucketController = new EventEmitter();
      const breaker = new Class(well, { rotateBucketController, rollingCountBuckets: 2 });
      await breaker.fire();
      await vi.advanceTimersByTimeAsync(100_000);
      const seen = [breaker.stats.fires];
      rotateBucketController.emit("rotate");
      seen.push(breaker.stats.fires);
      breaker.disable();
      seen.push(rotateBucketController.listenerCount("rotate"));
      breaker.enable();
      breaker.enable();
      seen.push(rotateBucketController.listenerCount("rotate"));
      rotateBucketController.emit("rotate");
      seen.push(breaker.stats.fires);
      breaker.shutdown();
      return [...seen, rotateBucketController.listenerCount("rotate")];
    });
    expect(counts).toEqual([1, 1, 0, 1, 0, 0]);
  });

  it("checks health now and at every interval, with itself as this", async () => {
    const seen = await same(async (Class) => {
      const breaker = new Class(well, { resetTimeout: 50 });
      const events: string[] = [];
      breaker.on("healthCheckFailed", (error) => events.push(`failed ${error.message}`));
      breaker.on("open", () => events.push("open"));
      breaker.on("halfOpen", (ms) => events.push(`half-open after ${ms}`));
      let isWell = true;
      breaker.healthCheck(async function (this: unknown) {
        events.push(`checked ${this === breaker}`);
        if (!isWell) throw new Error("sick");
      }, 100);
      await vi.advanceTimersByTimeAsync(50);
      isWell = false;
      await vi.advanceTimersByTimeAsync(140);
      expect(() => breaker.healthCheck(null as never)).toThrow("Health check function must be a function");
      expect(() => breaker.healthCheck(well, "soon" as never)).toThrow(
        "Health check interval must be a number",
      );
      return [...events];
    });
    expect(seen).toEqual(["checked true", "checked true", "failed sick", "open", "half-open after 50"]);
    expect(() => new Ours(well).healthCheck(well, -1)).toThrow("above 0 and at most 2147483647 ms, got -1");
  });

  it("emits snapshots of its status while somebody listens, and has no timer otherwise", async () => {
    const breaker = new Ours(well, { rollingCountTimeout: 1_000, rollingCountBuckets: 10 });
    expect(vi.getTimerCount()).toBe(0);
    const next = once(breaker.status, "snapshot");
    await vi.advanceTimersByTimeAsync(100);
    expect((await next)[0]).toMatchObject({ fires: 0 });
    expect(vi.getTimerCount()).toBe(0);
    const counts: number[] = [];
    breaker.status.on("snapshot", ({ fires }) => counts.push(fires));
    await breaker.fire();
    await vi.advanceTimersByTimeAsync(300);
    expect(counts).toEqual([1, 1, 1]);
    breaker.shutdown();
    await vi.advanceTimersByTimeAsync(300);
    expect(counts).toHaveLength(3);
  });

  it("begins with counts", async () => {
    const status = Ours.newStatus({ stats: { fires: 9, failures: 4, successes: 5, latencyTimes: [3, 1] } });
    const breaker = new Ours(down, { status, volumeThreshold: 10 });
    expect([status instanceof Ours.Status, breaker.stats.latencyMean]).toEqual([true, 2]);
    await breaker.fire().catch(() => {});
    expect([breaker.stats.fires, breaker.stats.failures, breaker.closed]).toEqual([10, 5, true]); // 50 % is not more
    await breaker.fire().catch(() => {});
    expect(breaker.opened).toBe(true);
    expect(() => Ours.newStatus({ stats: { fires: -1 } })).toThrow(
      "status.fires must be 0 to 9007199254740991, got -1",
    );
  });

  it("begins half-open, shut down, or disabled where the state says so", async () => {
    const seen = await same(async (Class) => {
      const halfOpen = new Class(well, { state: { closed: false, halfOpen: true } });
      const before = [halfOpen.halfOpen, halfOpen.pendingClose];
      const first = halfOpen.fire();
      const second = await halfOpen.fire().catch(({ code }) => code);
      await first;
      const gone = new Class(well, { state: { closed: false, shutdown: true } });
      const off = new Class(well, { state: { enabled: false } });
      return [...before, second, halfOpen.closed, gone.isShutdown, gone.enabled, off.enabled, off.closed];
    });
    expect(seen).toEqual([true, true, "EOPENBREAKER", true, true, false, false, true]);
  });

  it("keeps its answers until they expire, its oldest ones no longer than there is room", async () => {
    const hits = await same(async (Class) => {
      const breaker = new Class(async (n: number) => n, { cache: true, cacheSize: 2, cacheTTL: 100 });
      const seen: number[] = [];
      for (const n of [1, 2, 1, 3, 1, 2]) {
        await breaker.fire(n);
        await Promise.resolve();
        seen.push(breaker.stats.cacheHits);
      }
      await vi.advanceTimersByTimeAsync(100);
      await breaker.fire(2);
      seen.push(breaker.stats.cacheHits);
      breaker.clearCache();
      return seen;
    });
    expect(hits).toEqual([0, 0, 1, 1, 1, 1, 1]);
    await same((Class) => {
      expect(() => new Class(well, { cache: true, cacheTransport: {} as never })).toThrow(
        "`get`, `set` and `flush`",
      );
    });
  });

  it("lets no more calls through than its capacity, and waits for a place by its semaphore", async () => {
    const { semaphore } = new Ours(well, { capacity: 1 });
    const release = await semaphore.take();
    const next = semaphore.take();
    await expect(Promise.all([semaphore.take(10), vi.advanceTimersByTimeAsync(10)])).rejects.toMatchObject({
      code: "ETIMEDOUT",
    });
    expect([semaphore.count, semaphore.test()]).toEqual([0, false]);
    release();
    (await next)();
    expect(semaphore.count).toBe(1);
    expect(() => Object.assign(semaphore, { count: 5 })).toThrow(TypeError);
  });

  it("calls a fallback in the asynchronous context of its call, also upon a timeout", async () => {
    vi.useRealTimers(); // fake ones have no context
    const contexts = await same(async (Class) => {
      const request = new AsyncLocalStorage<string>();
      const breaker = new Class(() => new Promise(() => {}), { timeout: 10, volumeThreshold: 9 });
      breaker.fallback(() => request.getStore());
      const calls = ["a", "b"].map((name) => request.run(name, () => breaker.fire()));
      return await Promise.all(calls);
    });
    expect(contexts).toEqual(["a", "b"]);
  });

  it("half-opens by its timer and not by a call, after a stall of the event loop, too", async () => {
    vi.useRealTimers();
    const seen = await same(async (Class) => {
      const breaker = new Class(well, { resetTimeout: 20 });
      breaker.open();
      const untilMs = performance.now() + 60;
      while (performance.now() < untilMs);
      const code = await breaker.fire().catch((error) => error.code);
      const before = breaker.opened;
      await once(breaker, "halfOpen");
      const seen = [code, before, breaker.halfOpen, await breaker.fire(), breaker.closed];
      breaker.shutdown();
      return seen;
    });
    expect(seen).toEqual(["EOPENBREAKER", true, true, "well", true]);
  });

  it("prints the warning about maxFailures", async () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    await same((Class) => void new Class(well, { maxFailures: 3 }));
    expect(printed.mock.calls[0]).toEqual(printed.mock.calls[1]);
    printed.mockRestore();
  });

  it("takes new values of its options while it runs, as opossum does", async () => {
    const seen = await same(async (Class) => {
      const breaker = new Class(down, { volumeThreshold: 2 });
      (breaker.options as { errorThresholdPercentage: number }).errorThresholdPercentage = 100;
      for (let n = 0; n < 4; n++) await breaker.fire().catch(() => {});
      return breaker.closed;
    });
    expect(seen).toBe(true);
  });
});

describe("a program that writes to a breaker", () => {
  it("may write any resetTimeout: it opens for that long, at most a day", async () => {
    const breaker = new Ours(down, { resetTimeout: 10 });
    for (const [resetTimeout, ms] of [
      [Number.POSITIVE_INFINITY, 86_400_000],
      [Number.NaN, 10],
      [20, 20],
    ] as const) {
      Object.assign(breaker.options, { resetTimeout });
      await expect(breaker.fire()).rejects.toThrow("down");
      expect([breaker.opened, breaker.core.retryAfterMs()]).toEqual([true, ms]);
      breaker.close();
    }
  });
});

describe("the breaker of the core", () => {
  it("has the state, and counts the calls that ended", async () => {
    const breaker = new Ours(down, { volumeThreshold: 2, resetTimeout: 100, name: "mail" });
    for (let n = 0; n < 2; n++) await breaker.fire().catch(() => {});
    expect(breaker.core.snapshot()).toMatchObject({
      endpoint: "mail",
      state: "open",
      failures: 0,
      refused: 0,
    });
    expect(breaker.core.snapshot().totals).toMatchObject({ failed: 2, opened: 1 });
    expect(explain(breaker.core)).toContain("next probe in 100 ms");
    await vi.advanceTimersByTimeAsync(100);
    expect(breaker.core.state).toBe("half_open");
  });

  it("appears in a registry that is given, and is gone from it after shutdown", async () => {
    const breakers = new CircuitBreakerRegistry();
    const opened: string[] = [];
    breakers.on("opened", ({ endpoint }) => opened.push(endpoint));
    const mail = new Ours(down, { name: "mail", breakers });
    expect(() => new Ours(well, { name: "mail", breakers })).toThrow('breakers has a breaker named "mail"');
    expect(() => new Ours(well, { breakers: {} as never })).toThrow(
      "breakers must be a CircuitBreakerRegistry",
    );
    await mail.fire().catch(() => {});
    expect(opened).toEqual(["mail"]);
    expect([...snapshots(breakers)].map(({ endpoint, state }) => [endpoint, state])).toEqual([
      ["mail", "open"],
    ]);
    mail.shutdown();
    expect(breakers.size).toBe(0);
  });

  it("may be switched elsewhere: the next call follows", async () => {
    const breakers = new CircuitBreakerRegistry();
    const breaker = new Ours(well, { name: "mail", breakers });
    const events: string[] = [];
    for (const event of ["open", "close", "reject"]) breaker.on(event, () => events.push(event));
    breakers.get("mail").trip();
    await breaker.fire().catch(() => {});
    breakers.get("mail").reset();
    expect(await breaker.fire()).toBe("well");
    expect(events).toEqual(["open", "reject", "close"]);
    breakers.get("mail").forceOpen();
    await breaker.fire().catch(() => {});
    await vi.advanceTimersByTimeAsync(50); // that of the timeouts
    expect([breaker.opened, vi.getTimerCount()]).toEqual([true, 0]); // no time heals it
    breakers.get("mail").enable();
    expect([await breaker.fire(), breaker.closed]).toEqual(["well", true]);
  });
});
