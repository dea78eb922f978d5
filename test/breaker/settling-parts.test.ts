/** What a caller gives a breaker may throw: classify, clocks, listeners, functions behind executeSync and wrap. */
// biome-ignore-all lint/suspicious/noThenProperty: thenables are what is tested
import { describe, expect, it, vi } from "vitest";
import { CircuitBreaker, CircuitBreakerRegistry, type Clock } from "../../src/entry/main.ts";
import { createBreaker, openByFailures, outcomeOf, reportsOf, testClock } from "./fixture.ts";
import { LazyPromise, nothing, trap } from "./settling-fixture.ts";

const never = new AbortController().signal;

describe("classify", () => {
  it.each([
    ["false", () => false],
    ["true", () => true],
    ["null", () => null],
    ["a promise", async () => "success"],
    ["NaN", () => Number.NaN],
    ["-1", () => -1],
    ["another word", () => "sucess"],
    ["an object that is no text", () => Object.create(null)],
    ["a symbol", () => Symbol("s")],
  ])(
    "that returns %s rejects that one call with a TypeError, counted by the usual rule",
    async (_, classify) => {
      for (const more of [{}, { timeoutMs: 60_000 }, { signal: never }]) {
        const { breaker } = createBreaker();
        const options = { ...more, classify: classify as never };
        const { uncaught, unhandled } = await reportsOf(async () => {
          expect(await outcomeOf(breaker.execute(() => 1, options))).toEqual({
            error: expect.any(TypeError),
          });
          expect(breaker.snapshot().consecutiveFailures).toBe(0);
          for (let call = 0; call < 2; call++) {
            const outcome = await outcomeOf(breaker.execute(() => Promise.reject("down"), options));
            expect(outcome).toEqual({ error: expect.any(TypeError) });
          }
        });
        expect([uncaught, unhandled, breaker.state]).toEqual([[], [], "open"]);
        breaker.reset();
        expect(() => breaker.executeSync(() => 1, { classify: classify as never })).toThrow(TypeError);
      }
    },
  );

  it("that throws rejects that one call with its error", async () => {
    const { breaker } = createBreaker();
    const classify = () => nothing(new Error("a bug of classify"));
    const { uncaught } = await reportsOf(async () => {
      await expect(breaker.execute(() => 1, { classify })).rejects.toThrow("a bug of classify");
      await expect(breaker.execute(() => nothing(), { classify })).rejects.toThrow("a bug of classify");
      expect(() => breaker.executeSync(() => 1, { classify })).toThrow("a bug of classify");
    });
    expect([uncaught, breaker.snapshot().state]).toEqual([[], "closed"]);
    expect(await breaker.execute(() => 2)).toBe(2);
  });
});

describe("the caller's own parts that throw", () => {
  it("a signal that cannot be listened to rejects, and gives its ticket back", async () => {
    const { breaker, clock } = createBreaker();
    openByFailures(breaker);
    await clock.advance(100);
    const signal = { aborted: false, addEventListener: () => nothing(), removeEventListener: () => {} };
    const outcome = await outcomeOf(promiseOf(() => breaker.execute(() => 1, { signal: signal as never })));
    expect(outcome).toEqual({ error: expect.objectContaining({ message: "nothing" }) });
    expect(await breaker.execute(() => "probe")).toBe("probe");
  });

  it("a signal whose listener cannot be removed changes no result", async () => {
    const { breaker } = createBreaker();
    const signal = { aborted: false, addEventListener: () => {}, removeEventListener: () => nothing() };
    const { uncaught } = await reportsOf(async () => {
      expect(await outcomeOf(breaker.execute(() => 1, { signal: signal as never }))).toEqual({ value: 1 });
    });
    expect(uncaught).toEqual([]);
  });

  it("a clock whose `after` throws, or whose undo does, leaves no call pending", async () => {
    const clock = testClock();
    const stops = Object.assign(() => clock(), { after: () => () => nothing() });
    const starts = Object.assign(() => clock(), { after: () => nothing() });
    const { uncaught } = await reportsOf(async () => {
      const one = new CircuitBreaker("api", { clock: stops as Clock });
      expect(await outcomeOf(one.execute(() => 1, { timeoutMs: 5 }))).toEqual({ value: 1 });
      expect(one.snapshot().calls).toBe(1);
      const other = new CircuitBreaker("api", { clock: starts as Clock, halfOpen: { probes: 1 } });
      expect(await outcomeOf(promiseOf(() => other.execute(() => 1, { timeoutMs: 5 })))).not.toBe("pending");
    });
    expect(uncaught).toEqual([]);
  });

  it("a fallback that throws rejects with its error", async () => {
    const { breaker } = createBreaker();
    const fallback = () => nothing(new Error("no cache"));
    await expect(breaker.execute(() => nothing(), { fallback })).rejects.toThrow("no cache");
    breaker.forceOpen();
    await expect(breaker.execute(() => 1, { fallback })).rejects.toThrow("no cache");
  });

  it("the error of a listener goes to onError of its registry; one that throws itself is a warning", async () => {
    const seen: unknown[] = [];
    const bug = new Error("a bug of the listener");
    const registry = new CircuitBreakerRegistry({
      onError: (error) => {
        seen.push(error);
        throw new Error("a bug of onError");
      },
    });
    const heard = vi.fn();
    registry.get("a").on("opened", () => nothing(bug));
    registry.on("opened", heard);
    const { warnings, uncaught } = await reportsOf(() => registry.get("a").forceOpen());
    expect([seen, warnings, uncaught]).toEqual([[bug], [new Error("a bug of onError")], []]);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(() => new CircuitBreakerRegistry({ onError: 7 as never })).toThrow(
      /^onError must be a function, got 7$/,
    );
  });
});

/** The call, or the rejection for what it throws at once. */
async function promiseOf(call: () => Promise<unknown>): Promise<unknown> {
  return call();
}

describe("executeSync", () => {
  it("runs no lazy query that it refuses, and says what to use", () => {
    const { breaker } = createBreaker();
    let starts = 0;
    const start = () => {
      starts++;
      return Promise.resolve(1);
    };
    const query = { then: start, catch: start, finally: start };
    const lazy = new LazyPromise(start);
    for (const value of [query, Object.assign(() => {}, query), lazy]) {
      expect(() => breaker.executeSync(() => value)).toThrow(/use execute$/);
    }
    expect(starts).toBe(0);
    expect(breaker.snapshot().consecutiveFailures).toBe(0);
  });

  it("leaves no rejection to the platform of a promise that it refuses", async () => {
    const { breaker } = createBreaker();
    const { unhandled } = await reportsOf(() => {
      expect(() => breaker.executeSync(() => Promise.reject(new Error("late")))).toThrow(/use execute$/);
    });
    expect(unhandled).toEqual([]);
  });

  it("gives a value whose `then` throws", () => {
    const { breaker } = createBreaker();
    const value = trap("then");
    expect(breaker.executeSync(() => value)).toBe(value);
  });
});

describe("wrap", () => {
  it("rejects, and asks no breaker, if its signal finder throws or finds no signal", async () => {
    const { breaker } = createBreaker();
    const wrapped = breaker.wrap((_url: string) => 1, { signal: () => nothing(new Error("no init")) });
    expect(await outcomeOf(promiseOf(() => wrapped("/")))).toEqual({ error: new Error("no init") });
    const finds = breaker.wrap((_url: string) => 1, { signal: () => 7 as never });
    expect(await outcomeOf(finds("/"))).toEqual({ error: expect.objectContaining({ code: "ERR_OPTION" }) });
    expect(breaker.snapshot().consecutiveFailures).toBe(0);
  });

  it("places the signal of the call among the arguments", async () => {
    const { breaker, clock } = createBreaker();
    let seen: AbortSignal | undefined;
    const get = (_url: string, init: { signal?: AbortSignal } = {}) => {
      seen = init.signal;
      return new Promise<never>(() => {});
    };
    const wrapped = breaker.wrap(get, {
      timeoutMs: 50,
      withSignal: ([url, init], signal): [string, object] => [url, { ...init, signal }],
    });
    const call = wrapped("/", {}).catch((error: unknown) => error);
    expect(seen?.aborted).toBe(false);
    await clock.advance(50);
    expect([await call, seen?.aborted]).toEqual([seen?.reason, true]);
  });
});
