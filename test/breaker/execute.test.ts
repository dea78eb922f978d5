import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  CallTimeoutError,
  type CircuitBreaker,
  CircuitBreakerRegistry,
  CircuitOpenError,
  isCircuitOpenError,
} from "../../src/entry/main.ts";
import { type ManualClock, manualClock } from "../../src/features/testing.ts";

let clock: ManualClock;
let breaker: CircuitBreaker;

beforeEach(() => {
  clock = manualClock();
  const registry = new CircuitBreakerRegistry({ clock, seed: 1 });
  breaker = registry.get("payments", {
    detector: { kind: "consecutive_failures", failures: 2 },
    backoff: { kind: "constant", delayMs: 100 },
  });
});

/** Rejections that nobody handled while `run` and a turn of the loop went by. */
async function unhandledOf(run: () => void): Promise<unknown[]> {
  const seen: unknown[] = [];
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (error) => seen.push(error));
  run();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  process.removeAllListeners("unhandledRejection");
  for (const other of others) process.on("unhandledRejection", other);
  return seen;
}

const fails = () => Promise.reject(new Error("down"));

async function trip(): Promise<void> {
  for (let call = 0; call < 2; call++) await expect(breaker.execute(fails)).rejects.toThrow("down");
  expect(breaker.state).toBe("open");
}

describe("execute", () => {
  it("gives what the function gives: a value, a promise, a thenable", async () => {
    expect(await breaker.execute(() => 1)).toBe(1);
    expect(await breaker.execute(async () => 2)).toBe(2);
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    const thenable: PromiseLike<number> = { then: (fulfil) => Promise.resolve(3).then(fulfil) };
    expect(await breaker.execute(() => thenable)).toBe(3);
  });

  it("counts a rejection and a synchronous throw as failures, and hands both on", async () => {
    await expect(breaker.execute(fails)).rejects.toThrow("down");
    const throwing = () => {
      throw new Error("at once");
    };
    await expect(breaker.execute(throwing)).rejects.toThrow("at once");
    expect(breaker.state).toBe("open");
  });

  it("refuses while open without calling the function", async () => {
    await trip();
    clock.advance(40);
    let called = false;
    const error = await breaker
      .execute(() => {
        called = true;
      })
      .catch((reason: unknown) => reason);
    expect(called).toBe(false);
    expect(isCircuitOpenError(error)).toBe(true);
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toMatchObject({ code: "ERR_CIRCUIT_OPEN", endpoint: "payments", retryAfterMs: 60 });
    expect(error).toMatchObject({ openedBy: "consecutive_failures" });
    expect(String(error)).toBe(
      'CircuitOpenError: circuit of "payments" is open (consecutive_failures, last error: down), retry in 60 ms',
    );
  });

  it("captures no stack for a refusal, and leaves the limit of others alone", async () => {
    await trip();
    const limit = Error.stackTraceLimit;
    const error: Error = await breaker
      .execute(() => 1)
      .then(
        () => new Error("was admitted"),
        (reason) => reason,
      );
    expect(error.stack).toBe(String(error));
    expect(Error.stackTraceLimit).toBe(limit);
  });

  it("closes by a probe that succeeds", async () => {
    await trip();
    clock.advance(100);
    expect(await breaker.execute(() => "up")).toBe("up");
    expect(breaker.state).toBe("closed");
  });

  it("knows a guard for errors of another realm", () => {
    expect(isCircuitOpenError({ code: "ERR_CIRCUIT_OPEN" })).toBe(true);
    expect(isCircuitOpenError(new Error("other"))).toBe(false);
    expect(isCircuitOpenError(null)).toBe(false);
  });

  it("gives a signal to a function that takes one", async () => {
    const signal = await breaker.execute(({ signal: given }) => given);
    expect(signal).toBeInstanceOf(AbortSignal);
    expect(signal.aborted).toBe(false);
  });
});

describe("a call", () => {
  it("refuses options that it does not know, and those of a wrong kind, before anything is called", () => {
    const call = (options: object) => () => breaker.execute(() => 1, options);
    expect(call({ timeout: 5 })).toThrow(
      /^unknown option "timeout"; expected one of signal, timeoutMs, fallback, classify; did you mean "timeoutMs"\?$/,
    );
    expect(call({ timeoutMs: "5" })).toThrow(TypeError);
    expect(call({ signal: new AbortController() })).toThrow(/^signal must be an AbortSignal, got an object$/);
    expect(call({ fallback: 7 })).toThrow(/^fallback must be a function, got 7$/);
    expect(call({ classify: "failure" })).toThrow(/^classify must be a function, got "failure"$/);
  });

  it("rejects with the very error of the function, and leaves an unheard rejection unhandled", async () => {
    const error = new Error("down");
    await expect(breaker.execute(() => Promise.reject(error))).rejects.toBe(error);
    const unheard = await unhandledOf(() => void breaker.execute(() => Promise.reject(error)));
    expect(unheard).toEqual([error]);
  });

  it("refused says why it opened: a probe that failed, or somebody's hand", async () => {
    await trip();
    clock.advance(100);
    await expect(breaker.execute(fails)).rejects.toThrow("down");
    await expect(breaker.execute(fails)).rejects.toMatchObject({ openedBy: "probe_failed" });
    breaker.reset();
    breaker.forceOpen();
    await expect(breaker.execute(fails)).rejects.toMatchObject({
      openedBy: "mode",
      retryAfterMs: Number.POSITIVE_INFINITY,
    });
  });
});

describe("execute with a timeout", () => {
  it("gives up a timer and a listener with each call, however it ends", async () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, "addEventListener");
    const remove = vi.spyOn(signal, "removeEventListener");
    const stopped = vi.fn();
    const after: ManualClock["after"] = (delayMs, run) => {
      const stop = clock.after(delayMs, run);
      return () => {
        stopped();
        stop();
      };
    };
    const other = new CircuitBreakerRegistry({ clock: Object.assign(() => clock(), { after }) }).get("b");
    await other.execute(() => 1, { timeoutMs: 5, signal });
    await expect(other.execute(fails, { timeoutMs: 5, signal })).rejects.toThrow("down");
    expect(stopped).toHaveBeenCalledTimes(2);
    expect(remove.mock.calls).toEqual(add.mock.calls);
    expect(add).toHaveBeenCalledTimes(2);
  });

  it("counts a call that hangs as a failure, aborts its signal, and does not wait for it", async () => {
    let given: AbortSignal | undefined;
    const hangs = (call: { signal: AbortSignal }) => {
      given = call.signal;
      return new Promise<never>(() => {});
    };
    const call = breaker.execute(hangs, { timeoutMs: 5 }).catch((reason: unknown) => reason);
    await clock.advance(4);
    expect(breaker.snapshot().consecutiveFailures).toBe(0);
    await clock.advance(1);
    const error = await call;
    expect(error).toBeInstanceOf(CallTimeoutError);
    expect(error).toMatchObject({ code: "ERR_CALL_TIMEOUT", endpoint: "payments", timeoutMs: 5 });
    expect(given?.reason).toBe(error);
    expect(breaker.snapshot().consecutiveFailures).toBe(1);
  });

  it("ignores how a call ends after its timeout, and leaves no rejection unhandled", async () => {
    let reject: (error: Error) => void = () => {};
    const late = new Promise<never>((_, refuse) => {
      reject = refuse;
    });
    const call = breaker.execute(() => late, { timeoutMs: 5 });
    clock.advance(5);
    await expect(call).rejects.toBeInstanceOf(CallTimeoutError);
    expect(await unhandledOf(() => reject(new Error("too late")))).toEqual([]);
    expect(breaker.snapshot()).toMatchObject({ consecutiveFailures: 1, late: 0 });
  });

  it.each([0, -5, Number.NaN, 86_400_001])(
    "refuses %s as a timeout before anything is called",
    (timeoutMs) => {
      expect(() => breaker.execute(() => 1, { timeoutMs })).toThrow(/^timeoutMs must be 1 to 86400000, got /);
    },
  );
});

describe("the caller's cancellation", () => {
  it("rejects at once with its reason and is neutral", async () => {
    const controller = new AbortController();
    const call = breaker.execute(() => new Promise<never>(() => {}), { signal: controller.signal });
    controller.abort(new Error("changed my mind"));
    await expect(call).rejects.toThrow("changed my mind");
    expect(breaker.snapshot()).toMatchObject({ consecutiveFailures: 0, state: "closed" });
  });

  it("of a probe gives the probe back: the breaker neither closes nor reopens", async () => {
    await trip();
    clock.advance(100);
    const controller = new AbortController();
    const probe = breaker.execute(() => new Promise<never>(() => {}), { signal: controller.signal });
    expect(breaker.state).toBe("half_open");
    controller.abort();
    await expect(probe).rejects.toThrow();
    expect(breaker.state).toBe("half_open");
    expect(await breaker.execute(() => "next probe")).toBe("next probe");
    expect(breaker.state).toBe("closed");
  });

  it("that the function answers by an error of its own is neutral too", async () => {
    const controller = new AbortController();
    const call = breaker.execute(
      ({ signal }) =>
        new Promise<never>((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("aborted")));
        }),
      { signal: controller.signal },
    );
    controller.abort(new Error("changed my mind"));
    await expect(call).rejects.toThrow("changed my mind");
    expect(breaker.snapshot()).toMatchObject({ consecutiveFailures: 0 });
  });

  it("before the call takes no ticket", async () => {
    let called = false;
    const signal = AbortSignal.abort(new Error("already"));
    const call = breaker.execute(
      () => {
        called = true;
      },
      { signal },
    );
    await expect(call).rejects.toThrow("already");
    expect(called).toBe(false);
  });
});
