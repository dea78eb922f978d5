/** What differs from opossum on purpose: each line of the table in docs/from-opossum.md, on both. */
import { readFile } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Breaker, loadOpossum, Ours } from "./peer.ts";

type Instance = InstanceType<Breaker>;

const down = (): Promise<never> => Promise.reject(new Error("down"));
const well = async (): Promise<string> => "well";

/** What opossum does, and what ours does. */
async function both<T>(play: (Class: Breaker) => T | Promise<T>): Promise<[theirs: T, ours: T]> {
  return [await play(await loadOpossum()), await play(Ours)];
}

/** How a call ends. */
async function endOf(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error instanceof Error ? ((error as { code?: string }).code ?? error.message) : error;
  }
}

function stateOf(breaker: Instance): string {
  return ["closed", "opened", "halfOpen"].filter((name) => breaker[name as "closed"]).join(" ") || "none";
}

/** Keeps our event loop busy. */
function stall(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

/** A function whose calls end when they are told to. */
function byHand() {
  const calls: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  return { calls, fn: () => new Promise((resolve, reject) => void calls.push({ resolve, reject })) };
}

describe("differs from opossum", () => {
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  afterEach(() => {
    vi.useRealTimers();
    warnings.mockClear();
  });

  it("a stall of our own event loop times out no call whose answer has come meanwhile", async () => {
    const timedOut = await both(async (Class) => {
      const breaker = new Class(() => readFile(import.meta.filename), { timeout: 60, volumeThreshold: 99 });
      const calls = Promise.allSettled(Array.from({ length: 20 }, () => breaker.fire()));
      stall(200);
      const ends = await calls;
      breaker.shutdown();
      return ends.filter(({ status }) => status === "rejected").length;
    });
    expect(timedOut).toEqual([20, 0]);
  });

  it("a listener that throws changes no call, and is a warning", async () => {
    const ends = await both(async (Class) => {
      const breaker = new Class(well);
      breaker.on("success", () => {
        throw new Error("listener");
      });
      return [await endOf(() => breaker.fire()), breaker.stats.failures];
    });
    expect(ends).toEqual([
      ["listener", 1],
      ["well", 0],
    ]);
    expect(warnings).toHaveBeenCalledTimes(1);
  });

  it.each([
    ["success", "closed"],
    ["failure", "opened"],
  ])("a late %s from before the opening does not decide a half-open circuit", async (end, theirs) => {
    vi.useFakeTimers();
    const states = await both(async (Class) => {
      const { calls, fn } = byHand();
      const breaker = new Class(fn, { timeout: false, resetTimeout: 100 });
      for (let n = 0; n < 2; n++) breaker.fire().catch(() => {});
      breaker.open();
      await vi.advanceTimersByTimeAsync(100);
      if (end === "success") calls[0]!.resolve(1);
      else calls[0]!.reject(new Error("late"));
      await vi.advanceTimersByTimeAsync(0);
      const { successes, failures } = breaker.stats;
      return [stateOf(breaker), successes + failures];
    });
    expect(states).toEqual([
      [theirs, 1],
      ["halfOpen", 1],
    ]);
  });

  it("a probe that never answers is given up after 30 s or resetTimeout; its success still closes", async () => {
    vi.useFakeTimers();
    const ends = await both(async (Class) => {
      const { calls, fn } = byHand();
      const breaker = new Class(fn, { timeout: false, resetTimeout: 100 });
      breaker.open();
      await vi.advanceTimersByTimeAsync(100);
      void breaker.fire();
      await vi.advanceTimersByTimeAsync(30_000);
      const seen = [await endOf(() => breaker.fire()), stateOf(breaker)];
      await vi.advanceTimersByTimeAsync(100);
      void breaker.fire().catch(() => {});
      seen.push(String(calls.length));
      calls[0]!.resolve("late");
      await vi.advanceTimersByTimeAsync(0);
      return [...seen, stateOf(breaker)];
    });
    expect(ends).toEqual([
      ["EOPENBREAKER", "halfOpen", "1", "closed"],
      ["EOPENBREAKER", "opened", "2", "closed"],
    ]);
  });

  it("a close by hand is judged by what comes after it; the counts stay", async () => {
    const ends = await both(async (Class) => {
      const breaker = new Class(down, { volumeThreshold: 3 });
      for (let n = 0; n < 3; n++) await endOf(() => breaker.fire());
      breaker.close();
      await endOf(() => breaker.fire());
      return [stateOf(breaker), breaker.stats.failures];
    });
    expect(ends).toEqual([
      ["opened", 4],
      ["closed", 4],
    ]);
  });

  it("a call over capacity is no failure, and takes no probe", async () => {
    vi.useFakeTimers();
    const ends = await both(async (Class) => {
      const { fn } = byHand();
      const breaker = new Class(fn, { capacity: 1, timeout: false, resetTimeout: 100 });
      void breaker.fire();
      const code = await endOf(() => breaker.fire());
      const seen = [code, breaker.stats.failures, breaker.stats.semaphoreRejections, stateOf(breaker)];
      breaker.open();
      await vi.advanceTimersByTimeAsync(100);
      await endOf(() => breaker.fire());
      return [...seen, stateOf(breaker), breaker.pendingClose];
    });
    expect(ends).toEqual([
      ["ESEMLOCKED", 1, 1, "closed", "opened", false],
      ["ESEMLOCKED", 0, 1, "closed", "halfOpen", true],
    ]);
  });

  it.each([
    [{ timeout: -5 }, "timeout must be 0 to 2147483647, got -5"],
    [{ timeout: "abc" }, 'timeout must be 0 to 2147483647, got "abc"'],
    [{ resetTimeout: Number.NaN }, "resetTimeout must be 0 to 86400000, got NaN"],
    [{ errorThresholdPercentage: 500 }, "errorThresholdPercentage must be 0 to 100, got 500"],
    [{ volumeThreshold: 1.5 }, "volumeThreshold must be a whole number from 0 to 9007199254740991, got 1.5"],
    [{ capacity: "5" }, 'capacity must be a whole number from 0 to 9007199254740991, got "5"'],
    [
      { rollingCountTimeout: Number.POSITIVE_INFINITY },
      "rollingCountTimeout must be 0 to 2147483647, got Infinity",
    ],
    [{ cache: true, cacheSize: 0 }, "cacheSize must be a whole number from 1 to 16777215, got 0"],
    [{ coalesce: true, coalesceTTL: -1 }, "coalesceTTL must be 0 to 86400000000, got -1"],
    [{ errorFilter: "all" }, 'errorFilter must be a function, got "all"'],
  ])("an option that cannot work is refused: %j", async (options, message) => {
    const make = (Class: Breaker) => new Class(well, { ...(options as Record<string, unknown>) });
    make(await loadOpossum()).shutdown();
    expect(() => make(Ours)).toThrow(message);
  });

  it("an exported state says when it opened, and an import waits for what is left", async () => {
    vi.useFakeTimers();
    const waits = await both(async (Class) => {
      const breaker = new Class(down, { resetTimeout: 1_000 });
      await vi.advanceTimersByTimeAsync(5_000);
      breaker.open();
      await vi.advanceTimersByTimeAsync(400);
      const { state } = JSON.parse(JSON.stringify(breaker)) as ReturnType<Instance["toJSON"]>;
      const copy = new Class(down, { resetTimeout: 1_000, state });
      const seen = [stateOf(copy)];
      await vi.advanceTimersByTimeAsync(599);
      seen.push(stateOf(copy));
      await vi.advanceTimersByTimeAsync(1);
      return [...seen, stateOf(copy)];
    });
    expect(waits).toEqual([
      ["halfOpen", "halfOpen", "halfOpen"], // at once
      ["opened", "opened", "halfOpen"],
    ]);
  });

  it("there is no timer while a breaker is closed and no call is out", async () => {
    vi.useFakeTimers();
    const timers = await both(async (Class) => {
      const before = vi.getTimerCount();
      const breaker = new Class(well);
      await breaker.fire();
      await vi.advanceTimersByTimeAsync(100); // a shared timer of timeouts ends within 50 ms
      const idle = vi.getTimerCount() - before;
      breaker.shutdown();
      return idle;
    });
    expect(timers).toEqual([2, 0]);
  });

  it("the interval of a health check ends with the breaker", async () => {
    vi.useFakeTimers();
    const checks = await both(async (Class) => {
      let count = 0;
      const breaker = new Class(well);
      breaker.healthCheck(async () => void count++, 100);
      breaker.shutdown();
      await vi.advanceTimersByTimeAsync(1_000);
      return count;
    });
    expect(checks).toEqual([11, 1]);
    vi.clearAllTimers(); // that of opossum
  });

  it("a health check that throws at once opens the circuit", async () => {
    const ends = await both(async (Class) => {
      const breaker = new Class(well);
      const check = () => {
        throw new Error("sick");
      };
      const end = await endOf(() => breaker.healthCheck(check, 100_000));
      await turn();
      const state = stateOf(breaker);
      breaker.shutdown();
      return [end, state];
    });
    expect(ends).toEqual([
      ["sick", "closed"],
      [undefined, "opened"],
    ]);
  });

  it("the options of the caller are copied", async () => {
    const keys = await both((Class) => {
      const options = { timeout: 100 };
      new Class(well, options).shutdown();
      return Object.keys(options).length;
    });
    expect(keys[0]).toBeGreaterThan(10);
    expect(keys[1]).toBe(1);
  });

  it("an error of errorFilter leaves the call a failure, and is a warning", async () => {
    const ours = new Ours(down, {
      errorFilter: () => {
        throw new Error("filter");
      },
    });
    expect(await endOf(() => ours.fire())).toBe("down");
    expect([ours.stats.failures, stateOf(ours)]).toEqual([1, "opened"]);
    expect(warnings).toHaveBeenCalledTimes(1);
  });

  it("a function that returns nothing has succeeded", async () => {
    const ends = await both(async (Class) => {
      const breaker = new Class(() => undefined);
      const end = await endOf(() => breaker.fire());
      breaker.shutdown();
      return end;
    });
    expect(ends).toEqual([expect.stringContaining("Cannot read properties of undefined"), undefined]);
  });

  it("a thenable needs no catch", async () => {
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    const thenable = { then: (resolve: (value: string) => void) => void resolve("thenable") };
    const ends = await both(async (Class) => {
      const breaker = new Class(() => thenable as unknown as PromiseLike<string>, { volumeThreshold: 9 });
      const end = await endOf(() => breaker.fire());
      const { failures, successes } = breaker.stats;
      breaker.shutdown();
      return [end, failures, successes];
    });
    expect(ends[0]).toEqual(["thenable", 1, 1]); // counted twice
    expect(ends[1]).toEqual(["thenable", 0, 1]);
  });

  it("a disabled breaker whose function throws rejects, as an enabled one", async () => {
    const throwing = () => {
      throw new Error("at once");
    };
    const ends = await both((Class) => {
      const breaker = new Class(throwing, { enabled: false });
      try {
        breaker.fire().catch(() => {});
        return "rejects";
      } catch {
        return "throws";
      } finally {
        breaker.shutdown();
      }
    });
    expect(ends).toEqual(["throws", "rejects"]);
  });

  it("an error thrown at once is not shared with later calls, where coalesceResetOn says so", async () => {
    const hits = await both(async (Class) => {
      const throwing = () => {
        throw new Error("at once");
      };
      const options = { coalesce: true, coalesceTTL: 1_000, coalesceResetOn: ["error"], volumeThreshold: 9 };
      const breaker = new Class(throwing, options);
      for (let n = 0; n < 2; n++) await endOf(() => breaker.fire());
      breaker.shutdown();
      return breaker.stats.coalesceCacheHits;
    });
    expect(hits).toEqual([1, 0]);
  });

  it("a call over capacity is not shared with later calls", async () => {
    const ends = await both(async (Class) => {
      const { calls, fn } = byHand();
      const breaker = new Class(fn, { capacity: 1, coalesce: true, timeout: false, volumeThreshold: 9 });
      void (breaker as unknown as { fire(key: number): Promise<unknown> }).fire(1);
      const fire = (): Promise<unknown> =>
        (breaker as unknown as { fire(key: number): Promise<unknown> }).fire(2);
      const first = await endOf(fire);
      calls[0]!.resolve(1);
      await turn();
      const second = fire();
      calls[1]?.resolve("in");
      const seen = [first, await endOf(() => second)];
      breaker.shutdown();
      return seen;
    });
    expect(ends).toEqual([
      ["ESEMLOCKED", "ESEMLOCKED"],
      ["ESEMLOCKED", "in"],
    ]);
  });

  it("a cache that cannot store makes no failure of a success, and gives back one place", async () => {
    const ends = await both(async (Class) => {
      const cacheTransport = {
        get: () => undefined,
        set: () => {
          throw new Error("full");
        },
        flush: () => {},
      };
      const breaker = new Class(well, { cache: true, cacheTransport, capacity: 3 });
      await endOf(() => breaker.fire());
      await turn();
      const seen = [breaker.stats.failures, breaker.semaphore.count];
      breaker.shutdown();
      return seen;
    });
    expect(ends).toEqual([
      [1, 4],
      [0, 3],
    ]);
  });

  it("a shutdown is final, whatever ends after it", async () => {
    const ends = await both(async (Class) => {
      const { calls, fn } = byHand();
      const breaker = new Class(fn, { timeout: false, volumeThreshold: 2, errorThresholdPercentage: 40 });
      const [first, second] = [breaker.fire(), breaker.fire()];
      calls[0]!.resolve("in time");
      await first;
      breaker.status.increment("failures");
      breaker.shutdown();
      calls[1]!.reject(new Error("late"));
      await endOf(() => second);
      const again = breaker.fire();
      calls[2]?.resolve("passed, unguarded");
      return [breaker.isShutdown, await endOf(() => again)];
    });
    expect(ends).toEqual([
      [false, "passed, unguarded"],
      [true, "ESHUTDOWN"],
    ]);
  });

  it("a probe that fails while warming up opens the circuit again", async () => {
    vi.useFakeTimers();
    const ends = await both(async (Class) => {
      const breaker = new Class(down, { allowWarmUp: true, resetTimeout: 100, rollingCountTimeout: 100_000 });
      breaker.open();
      await vi.advanceTimersByTimeAsync(100);
      await endOf(() => breaker.fire());
      const state = stateOf(breaker);
      await vi.advanceTimersByTimeAsync(50_000);
      const seen = [state, breaker.pendingClose];
      breaker.shutdown();
      return seen;
    });
    expect(ends).toEqual([
      ["halfOpen", false], // refuses every call from then on
      ["opened", true],
    ]);
  });

  it("counts that are imported are copied, and the options of the window hold", async () => {
    const seen = await both(async (Class) => {
      const latencyTimes = [5];
      const status = { fires: 1, successes: 1, latencyTimes };
      const breaker = new Class(well, { status, rollingCountBuckets: 3 });
      await breaker.fire();
      breaker.shutdown();
      return [latencyTimes.length, breaker.status.window.length];
    });
    expect(seen).toEqual([
      [2, 10],
      [1, 3],
    ]);
  });

  it("isOurError is false for what is no error", async () => {
    const Theirs = await loadOpossum();
    expect(() => Theirs.isOurError(undefined)).toThrow(TypeError);
    expect([Ours.isOurError(undefined), Ours.isOurError(null), Ours.isOurError("down")]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("no latency is kept where rollingPercentilesEnabled is false", async () => {
    const kept = await both(async (Class) => {
      const breaker = new Class(well, { rollingPercentilesEnabled: false });
      for (let n = 0; n < 5; n++) await breaker.fire();
      breaker.shutdown();
      return breaker.status.window[0]!.latencyTimes.length;
    });
    expect(kept).toEqual([5, 0]);
  });

  it("counting is no listener: nobody can take it off", async () => {
    const seen = await both(async (Class) => {
      const breaker = new Class(well);
      const own = breaker.listenerCount("success");
      breaker.removeAllListeners("success");
      await breaker.fire();
      breaker.shutdown();
      return [own, breaker.stats.successes];
    });
    expect(seen).toEqual([
      [2, 0],
      [0, 1],
    ]);
  });

  it("a refusal has no stack beyond its message", async () => {
    const stacks = await both(async (Class) => {
      const breaker = new Class(well);
      breaker.open();
      const error = await breaker.fire().catch((reason: Error) => reason);
      breaker.shutdown();
      const { name, message, stack } = error as Error;
      return [error instanceof Error, name, message, String(error), stack!.split("\n").length > 1];
    });
    const same = [true, "Error", "Breaker is open", "Error: Breaker is open"];
    expect(stacks).toEqual([
      [...same, true],
      [...same, false],
    ]);
  });
});
