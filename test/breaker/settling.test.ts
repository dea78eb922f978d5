/** A call settles as its function did, whatever throws while it is reported. */
// biome-ignore-all lint/suspicious/noThenProperty: thenables are what is tested
import { describe, expect, it } from "vitest";
import { CircuitBreaker } from "../../src/entry/main.ts";
import { createBreaker, FRAGILE, openByFailures, outcomeOf, reportsOf } from "./fixture.ts";
import { LazyPromise, nothing, trap } from "./settling-fixture.ts";

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
