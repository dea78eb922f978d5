/** A call settles as its function did, whatever throws while it is reported. */
// biome-ignore-all lint/suspicious/noThenProperty: thenables are what is tested
import { describe, expect, it, vi } from "vitest";
import { CircuitBreaker, CircuitBreakerRegistry, type Clock } from "../../src/entry/main.ts";
import { createBreaker, FRAGILE, openByFailures, outcomeOf, reportsOf, testClock } from "./fixture.ts";

const never = new AbortController().signal;

/** The ways of execute: the short one, and one for each option. */
const WAYS = [
  ["no options", undefined],
  ["timeoutMs", { timeoutMs: 60_000 }],
  ["signal", { signal: never }],
  ["classify", { classify: () => undefined }],
  ["a fallback", { fallback: (error: unknown) => Promise.reject(error) }],
  ["all options", { timeoutMs: 60_000, signal: never, classify: () => undefined }],
] as const;

/** An object whose getter of that name throws. */
function trap(field: string, base: object = {}): object {
  return Object.defineProperty(base, field, {
    get() {
      throw new Error(`getter of ${field}`);
    },
  });
}

const TRAPS = ["headers", "response", "retryAfterMs", "name", "message", "code", "stack", "cause"];

describe.each(WAYS)("a call with %s", (_, options) => {
  it.each(TRAPS)("rejects with its error, whose getter of %s throws, and counts it", async (field) => {
    const { breaker } = createBreaker();
    const error = trap(field);
    for (let call = 0; call < 2; call++) {
      expect(await outcomeOf(breaker.execute(() => Promise.reject(error), options))).toEqual({ error });
    }
    expect(breaker.state).toBe("open");
  });

  it.each(TRAPS)("gives its value, whose getter of %s throws, also if that is a failure", async (field) => {
    const { breaker } = createBreaker();
    const value = trap(field);
    const classify = () => "failure" as const;
    for (let call = 0; call < 2; call++) {
      const outcome = await outcomeOf(breaker.execute(() => value, { ...options, classify }));
      expect((outcome as { value: unknown }).value).toBe(value);
    }
    expect(breaker.state).toBe("open");
  });

  it("rejects with an error that a proxy refuses to show", async () => {
    const { breaker } = createBreaker();
    const refuse = () => {
      throw new Error("a trap of the proxy");
    };
    const error = new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse });
    for (let call = 0; call < 2; call++) {
      const isSame = await breaker
        .execute(() => Promise.reject(error), options)
        .catch((one) => one === error);
      expect(isSame).toBe(true);
    }
    expect(breaker.state).toBe("open");
  });

  it.each([undefined, null, 0, "", false, Symbol("s"), 7n, Object.create(null), () => {}])(
    "rejects with %s if its function throws that",
    async (error) => {
      const { breaker } = createBreaker();
      const throwing = () => {
        throw error;
      };
      expect(await outcomeOf(breaker.execute(throwing, options))).toEqual({ error });
      expect(await outcomeOf(breaker.execute(() => Promise.reject(error), options))).toEqual({ error });
      expect(breaker.state).toBe("open");
    },
  );

  it("rejects, and counts a failure, if reading or calling `then` throws", async () => {
    const error = new Error("no then");
    const throwing = () => {
      throw error;
    };
    const values = [
      () => Object.defineProperty({}, "then", { get: throwing }),
      () => ({ then: throwing }),
      () => Object.defineProperty(Promise.resolve(1), "then", { get: throwing }),
      () => Object.assign(Promise.resolve(1), { then: throwing }),
      () =>
        new (class extends Promise<number> {
          override then = throwing as never;
        })((fulfil) => fulfil(1)),
    ];
    for (const value of values) {
      const { breaker } = createBreaker();
      for (let call = 0; call < 2; call++) {
        expect(await outcomeOf(breaker.execute(value as () => unknown, options))).toEqual({ error });
      }
      expect(breaker.state).toBe("open");
    }
  });

  it("waits for anything with a callable then: objects, functions, lazy promises", async () => {
    const { breaker } = createBreaker();
    const then = (fulfil: (value: number) => void, reject: (error: unknown) => void, fails: boolean) =>
      fails ? reject("down") : fulfil(3);
    const kinds = (fails: boolean): unknown[] => [
      { then: (fulfil: () => void, reject: () => void) => then(fulfil, reject, fails) },
      Object.assign(() => {}, {
        then: (fulfil: () => void, reject: () => void) => then(fulfil, reject, fails),
      }),
      new Proxy(() => {}, {
        get: (_, key) =>
          key === "then"
            ? (fulfil: () => void, reject: () => void) => then(fulfil, reject, fails)
            : undefined,
      }),
      new LazyPromise(() => (fails ? Promise.reject("down") : Promise.resolve(3))),
    ];
    for (const value of kinds(false))
      expect(await outcomeOf(breaker.execute(() => value, options))).toEqual({ value: 3 });
    expect(breaker.snapshot()).toMatchObject({ consecutiveFailures: 0 });
    for (const value of kinds(true).slice(2)) {
      expect(await outcomeOf(breaker.execute(() => value, options))).toEqual({ error: "down" });
    }
    expect(breaker.state).toBe("open");
  });

  it("of a probe that fails as a callable thenable reopens the breaker", async () => {
    const { breaker, clock } = createBreaker();
    openByFailures(breaker);
    await clock.advance(100);
    const rpc = Object.assign(() => {}, {
      then: (_: unknown, reject: (error: unknown) => void) => reject("boom"),
    });
    expect(await outcomeOf(breaker.execute(() => rpc, options))).toEqual({ error: "boom" });
    expect([breaker.state, breaker.snapshot().level]).toEqual(["open", 2]);
  });

  it("settles, and counts, on a clock that gives NaN, -1 or throws", async () => {
    for (const wrong of [() => Number.NaN, () => -1, () => "x" as never, () => nothing()]) {
      let isRight = true;
      const clock = () => (isRight ? 1_000 : wrong());
      const breaker = new CircuitBreaker("api", { ...FRAGILE, clock });
      isRight = false;
      expect(await outcomeOf(breaker.execute(() => 1, options))).toEqual({ value: 1 });
      for (let call = 0; call < 2; call++) {
        expect(await outcomeOf(breaker.execute(() => Promise.reject("down"), options))).toEqual({
          error: "down",
        });
      }
      expect(breaker.state).toBe("open");
    }
  });

  it("settles although listeners throw, whose errors are warnings of the process and never end it", async () => {
    const { breaker, clock } = createBreaker();
    const bugs = [
      new Error("a bug"),
      undefined,
      null,
      Object.create(null),
      trap("name", new Error("x")),
      Symbol("s"),
    ];
    for (const bug of bugs) {
      for (const kind of ["opened", "half_opened", "closed"] as const) {
        breaker.on(kind, () => {
          throw bug;
        });
      }
    }
    const { uncaught, unhandled, warnings } = await reportsOf(async () => {
      for (let call = 0; call < 2; call++) {
        expect(await outcomeOf(breaker.execute(() => Promise.reject("down"), options))).toEqual({
          error: "down",
        });
      }
      await clock.advance(100);
      expect(await outcomeOf(breaker.execute(() => "up", options))).toEqual({ value: "up" });
    });
    expect([uncaught, unhandled, breaker.state]).toEqual([[], [], "closed"]);
    expect(warnings).toContain(bugs[0]);
    expect(warnings.length).toBeGreaterThanOrEqual(3 * 4);
  });

  it("leaves a rejection that is not handled to the platform, once", async () => {
    const { breaker } = createBreaker();
    const error = new Error("down");
    const late = async () => {
      await null;
      throw error;
    };
    for (const fn of [() => Promise.reject(error), late, () => nothing(error)]) {
      const { unhandled } = await reportsOf(() => void breaker.execute(fn, options));
      expect(unhandled).toEqual([error]);
      breaker.reset();
    }
    openByFailures(breaker);
    const { unhandled } = await reportsOf(() => void breaker.execute(late, options));
    expect(unhandled).toMatchObject([{ code: "ERR_CIRCUIT_OPEN" }]);
  });

  it("leaves no rejection to the platform that its caller has handled", async () => {
    const { breaker } = createBreaker();
    const { unhandled } = await reportsOf(() => breaker.execute(() => nothing(), options).catch(() => {}));
    expect(unhandled).toEqual([]);
  });
});

function nothing(error: unknown = new Error("nothing")): never {
  throw error;
}

/** A promise whose work begins at the first `then`, as of p-lazy. */
class LazyPromise<T> extends Promise<T> {
  starts = 0;
  #work: () => Promise<T>;

  constructor(work: () => Promise<T>) {
    super(() => {});
    this.#work = work;
  }

  override then<A = T, B = never>(
    fulfil?: ((value: T) => A | PromiseLike<A>) | null,
    reject?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.starts++;
    return this.#work().then(fulfil, reject);
  }

  override catch<B = never>(reject?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, reject);
  }

  static override get [Symbol.species]() {
    return Promise;
  }
}

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
