/** Cancellation, stacks and asynchronous contexts of calls. */
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it, vi } from "vitest";
import { CallTimeoutError, type CircuitBreaker } from "../../src/entry/main.ts";
import { outputOf } from "../program.ts";
import { createBreaker, openByFailures, outcomeOf, reportsOf } from "./fixture.ts";

const hangs = () => new Promise<never>(() => {});

describe("a signal", () => {
  it("gets one listener for all calls that it can cancel, and loses it with the last", async () => {
    const { breaker } = createBreaker();
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, "addEventListener");
    const remove = vi.spyOn(signal, "removeEventListener");
    await Promise.all(Array.from({ length: 100 }, () => breaker.execute(async () => 1, { signal })));
    expect([add.mock.calls.length, remove.mock.calls.length]).toEqual([1, 1]);
    expect(remove.mock.calls[0]?.slice(0, 2)).toEqual(add.mock.calls[0]?.slice(0, 2));
    await breaker.execute(async () => 1, { signal, timeoutMs: 50 });
    expect([add.mock.calls.length, remove.mock.calls.length]).toEqual([2, 2]);
  });

  it("of 100 calls at once causes no warning of a leak, nor does the signal of calls that nothing can abort", async () => {
    const { breaker } = createBreaker();
    const { signal } = new AbortController();
    const { warnings } = await reportsOf(async () => {
      await Promise.all(Array.from({ length: 100 }, () => breaker.execute(async () => 1, { signal })));
      const listens = async (call: { signal: AbortSignal }) => {
        const heard = () => {};
        call.signal.addEventListener("abort", heard);
        await null;
        call.signal.removeEventListener("abort", heard);
      };
      await Promise.all(Array.from({ length: 100 }, () => breaker.execute(listens)));
      await Promise.all(Array.from({ length: 100 }, () => breaker.execute(listens, { timeoutMs: 50 })));
    });
    expect(warnings).toEqual([]);
  });

  it("cancels every call that has it, each with its reason", async () => {
    const { breaker } = createBreaker();
    const controller = new AbortController();
    const calls = Array.from({ length: 20 }, () => breaker.execute(hangs, { signal: controller.signal }));
    controller.abort("gone");
    expect(await Promise.all(calls.map(outcomeOf))).toEqual(Array(20).fill({ error: "gone" }));
    expect(breaker.snapshot()).toMatchObject({ consecutiveFailures: 0, state: "closed" });
  });

  it.each([null, 0, "", false])("with the reason %s rejects with it", async (reason) => {
    const { breaker } = createBreaker();
    const controller = new AbortController();
    const call = breaker.execute(hangs, { signal: controller.signal });
    controller.abort(reason);
    expect(await outcomeOf(call)).toEqual({ error: reason });
    expect(await outcomeOf(breaker.execute(hangs, { signal: controller.signal }))).toEqual({ error: reason });
  });

  it("without a reason, as of older platforms, rejects with an AbortError", async () => {
    const { breaker } = createBreaker();
    const heard = new Set<() => void>();
    const signal = {
      aborted: false,
      addEventListener: (_: string, listener: () => void) => heard.add(listener),
      removeEventListener: (_: string, listener: () => void) => heard.delete(listener),
    };
    const call = breaker.execute(hangs, { signal: signal as never });
    for (const listener of heard) listener();
    const error = { error: expect.objectContaining({ name: "AbortError" }) };
    expect(await outcomeOf(call)).toEqual(error);
    signal.aborted = true;
    expect(await outcomeOf(breaker.execute(hangs, { signal: signal as never }))).toEqual(error);
  });

  it("aborted inside a half_opened listener cancels the call that caused the event; the probe is given back", async () => {
    const { breaker, clock } = createBreaker();
    openByFailures(breaker);
    await clock.advance(100);
    const controller = new AbortController();
    breaker.on("half_opened", () => controller.abort("in the listener"));
    const fn = vi.fn();
    expect(await outcomeOf(breaker.execute(fn, { signal: controller.signal }))).toEqual({
      error: "in the listener",
    });
    expect(fn).not.toHaveBeenCalled();
    expect(breaker.state).toBe("half_open");
    expect(await breaker.execute(() => "probe")).toBe("probe");
  });

  it("aborted inside the function cancels the call", async () => {
    const { breaker } = createBreaker();
    const controller = new AbortController();
    const call = breaker.execute(
      () => {
        controller.abort("inside");
        return hangs();
      },
      { signal: controller.signal },
    );
    expect(await outcomeOf(call)).toEqual({ error: "inside" });
  });

  it("is the caller's own where only the caller can abort the call", async () => {
    const { breaker } = createBreaker();
    const { signal } = new AbortController();
    expect(await breaker.execute((call) => call.signal === signal, { signal })).toBe(true);
  });

  it("of a call with a timeout is aborted by the timeout and by the caller, also if it is first read afterwards", async () => {
    const { breaker, clock } = createBreaker();
    const controller = new AbortController();
    const signals: AbortSignal[] = [];
    let read: () => AbortSignal = () => controller.signal;
    const fn = (call: { signal: AbortSignal }) => {
      if (signals.push(call.signal) === 0) read = () => call.signal;
      return hangs();
    };
    const late = (call: { readonly signal: AbortSignal }) => {
      read = () => call.signal;
      return hangs();
    };
    const options = { timeoutMs: 50, signal: controller.signal };
    const calls = [breaker.execute(fn, options), breaker.execute(late, options)].map(outcomeOf);
    await clock.advance(50);
    const ends = (await Promise.all(calls)) as { error: unknown }[];
    expect(ends.map(({ error }) => error instanceof CallTimeoutError)).toEqual([true, true]);
    expect([signals[0]?.reason, read().reason]).toEqual(ends.map(({ error }) => error));
    breaker.reset();
    const cancelled = outcomeOf(breaker.execute(fn, options));
    controller.abort("gone");
    expect(await cancelled).toEqual({ error: "gone" });
    expect(signals.at(-1)?.reason).toBe("gone");
  });

  it("of a call that nothing can abort is never aborted, and is renewed after many reads", async () => {
    const { breaker } = createBreaker();
    const signals = new Set<AbortSignal>();
    for (let call = 0; call < 10_000; call++) signals.add(await breaker.execute(({ signal }) => signal));
    expect(signals.size).toBeGreaterThan(1);
    expect(signals.size).toBeLessThan(10);
    expect([...signals].some(({ aborted }) => aborted)).toBe(false);
  });

  it("of every function is given, however its parameters are declared", async () => {
    const { breaker } = createBreaker();
    const functions: ((...args: never[]) => unknown)[] = [
      (...rest: never[]) => (rest[0] as unknown as { signal: unknown }).signal,
      (call: { signal: unknown } = { signal: "none" }) => call.signal,
      ({ signal }: { signal: unknown }) => signal,
    ];
    for (const fn of functions) {
      for (const options of [undefined, { timeoutMs: 5 }, { classify: () => undefined }]) {
        expect(await breaker.execute(fn as never, options)).toBeInstanceOf(AbortSignal);
      }
    }
  });

  it("of the caller is let go by a call that has timed out and by one that was answered", async () => {
    const program = `
      import { CircuitBreaker } from "bluesmoke";
      const breaker = new CircuitBreaker("api");
      const hangs = () => new Promise((resolve) => { globalThis.late ??= []; late.push(resolve); });
      const turn = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      async function call(fn) {
        const controller = new AbortController();
        await breaker.execute(fn, { signal: controller.signal, timeoutMs: 20 }).catch(() => {});
        return new WeakRef(controller.signal);
      }
      const refs = [await call(hangs), await call(async () => 1), await call(({ signal }) => (void signal, hangs()))];
      for (let n = 0; n < 5; n++) { await turn(10); gc(); }
      console.log(refs.map((ref) => ref.deref() === undefined).join(), late.length);`;
    expect(await outputOf(program, ["--expose-gc"])).toBe("true,true,true 2");
  });
});

describe("the stack of an error", () => {
  async function failsLater(): Promise<never> {
    await new Promise(setImmediate);
    throw new Error("down");
  }

  async function callerOfExecute(breaker: CircuitBreaker, options: object | undefined): Promise<void> {
    await breaker.execute(failsLater, options);
  }

  it.each([
    ["no options", undefined],
    ["timeoutMs", { timeoutMs: 60_000 }],
    ["signal", { signal: new AbortController().signal }],
    ["classify", { classify: () => undefined }],
    ["both", { timeoutMs: 60_000, signal: new AbortController().signal }],
    ["a fallback", { fallback: (error: unknown) => Promise.reject(error) }],
  ])("that a call with %s rejects with later names the caller", async (_, options) => {
    const { breaker } = createBreaker();
    const error: Error = await callerOfExecute(breaker, options).then(
      () => new Error("succeeded"),
      (reason) => reason,
    );
    expect(error.stack).toMatch(/at (async )?callerOfExecute/);
  });
});

describe("the asynchronous context of a call", () => {
  const store = new AsyncLocalStorage<string>();

  it.each([
    ["no options", undefined],
    ["timeoutMs", { timeoutMs: 60_000 }],
    ["signal", { signal: new AbortController().signal }],
  ])("with %s is that of its caller in the function and after it", async (_, options) => {
    const { breaker } = createBreaker();
    for (const name of ["one", "two"]) {
      const seen = await store.run(name, async () => {
        const inside = await breaker.execute(async () => {
          await null;
          return store.getStore();
        }, options);
        return [inside, store.getStore()];
      });
      expect(seen).toEqual([name, name]);
    }
  });

  it("is that of its caller in the fallback, of a refusal, a failure and a timeout, and in classify", async () => {
    const { breaker, clock } = createBreaker();
    const fallback = () => store.getStore();
    const fails = () => Promise.reject(new Error("down"));
    expect(await store.run("failed", () => breaker.execute(fails, { fallback }))).toBe("failed");
    const call = store.run("late", () => breaker.execute(hangs, { fallback, timeoutMs: 50 }));
    await clock.advance(50);
    expect(await call).toBe("late");
    expect(await store.run("refused", () => breaker.execute(fails, { fallback }))).toBe("refused");
    breaker.reset();
    let seen: unknown;
    const classify = () => {
      seen = store.getStore();
      return undefined;
    };
    await store.run("judged", () => breaker.execute(async () => 1, { classify }));
    expect(seen).toBe("judged");
  });

  it.each(["system", "manual"])("is that of the call in listeners of its signal (%s clock)", async (kind) => {
    const { breaker, clock } = createBreaker(kind === "system" ? { clock: undefined } : {});
    const seen: unknown[] = [];
    const fn = (call: { signal: AbortSignal }) => {
      call.signal.addEventListener("abort", () => seen.push(store.getStore()));
      return hangs();
    };
    const calls = ["one", "two", "three"].map((name) =>
      store.run(name, () => breaker.execute(fn, { timeoutMs: 20 }).catch(() => {})),
    );
    if (kind === "manual") await clock.advance(20);
    await Promise.all(calls);
    await new Promise(setImmediate);
    expect(seen).toEqual(["one", "two", "three"]);
  });

  it("and the closure are let go once the call has ended: nothing of earlier calls is kept", async () => {
    const program = `
      import { AsyncLocalStorage } from "node:async_hooks";
      import { CircuitBreaker, CircuitBreakerRegistry } from "bluesmoke";
      const storage = new AsyncLocalStorage();
      const turn = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      const slow = { detector: { kind: "success_rate_over_time_window", slowCallMs: 60_000 } };
      const hung = { detector: { kind: "success_rate_over_time_window", hungAfterMs: 5_000 } };
      const kinds = [[{}], [{}, { timeoutMs: 60_000 }], [slow], [hung], [slow, { timeoutMs: 50_000 }], [{}, { signal: new AbortController().signal }]];
      const kept = [];
      for (const [options, call] of kinds) {
        const breaker = new CircuitBreakerRegistry().get("api", options);
        const refs = [];
        const request = async () => {
          const big = { bytes: new Array(1_000).fill(0) };
          const fn = async () => { await null; return big.bytes.length; };
          refs.push(new WeakRef(big), new WeakRef(fn));
          const store = { id: 1 };
          refs.push(new WeakRef(store));
          await storage.run(store, () => breaker.execute(fn, call));
        };
        for (let n = 0; n < 50; n++) await request();
        await turn(120);
        await (async () => { for (let n = 0; n < 5; n++) await breaker.execute(async () => 1, call); })();
        for (let n = 0; n < 6; n++) { await turn(20); gc(); }
        kept.push(refs.filter((ref) => ref.deref()).length);
      }
      console.log(kept.join());
      process.exit();`;
    expect(await outputOf(program, ["--expose-gc"])).toBe("0,0,0,0,0,0");
  });
});
