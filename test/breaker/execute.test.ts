import { beforeEach, describe, expect, it } from "vitest";
import {
  CallTimeoutError,
  type CircuitBreaker,
  CircuitBreakerRegistry,
  CircuitOpenError,
  isCircuitOpenError,
} from "../../src/entry/main.ts";

let now = 1_000;
let breaker: CircuitBreaker;

beforeEach(() => {
  now = 1_000;
  const registry = new CircuitBreakerRegistry({ clock: () => now, seed: 1 });
  breaker = registry.get("payments", {
    detector: { kind: "consecutive_failures", failures: 2 },
    backoff: { kind: "constant", delayMs: 100 },
  });
});

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
    now += 40;
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
    expect(String(error)).toBe('CircuitOpenError: circuit of "payments" is open, retry in 60 ms');
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
    expect(error.stack).not.toContain("\n");
    expect(Error.stackTraceLimit).toBe(limit);
  });

  it("closes by a probe that succeeds", async () => {
    await trip();
    now += 100;
    expect(await breaker.execute(() => "up")).toBe("up");
    expect(breaker.state).toBe("closed");
  });

  it("knows a guard for errors of another realm", () => {
    expect(isCircuitOpenError({ code: "ERR_CIRCUIT_OPEN" })).toBe(true);
    expect(isCircuitOpenError(new Error("other"))).toBe(false);
    expect(isCircuitOpenError(null)).toBe(false);
  });

  it("gives a signal to a function that takes one", async () => {
    const signal = await breaker.execute((given) => given);
    expect(signal).toBeInstanceOf(AbortSignal);
    expect(signal.aborted).toBe(false);
  });
});

describe("execute with a timeout", () => {
  it("counts a call that hangs as a failure, aborts its signal, and does not wait for it", async () => {
    let given: AbortSignal | undefined;
    const hangs = (signal: AbortSignal) => {
      given = signal;
      return new Promise<never>(() => {});
    };
    const error = await breaker.execute(hangs, { timeoutMs: 5 }).catch((reason: unknown) => reason);
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
    await expect(breaker.execute(() => late, { timeoutMs: 5 })).rejects.toBeInstanceOf(CallTimeoutError);
    reject(new Error("too late"));
    await new Promise(setImmediate);
    expect(breaker.snapshot()).toMatchObject({ consecutiveFailures: 1, late: 0 });
  });

  it.each([0, -5, Number.NaN, 86_400_001])(
    "refuses %s as a timeout before anything is called",
    (timeoutMs) => {
      expect(() => breaker.execute(() => 1, { timeoutMs })).toThrow(/timeoutMs must be a number from 1/);
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
    now += 100;
    const controller = new AbortController();
    const probe = breaker.execute(() => new Promise<never>(() => {}), { signal: controller.signal });
    expect(breaker.state).toBe("half_open");
    controller.abort();
    await expect(probe).rejects.toThrow();
    expect(breaker.state).toBe("half_open");
    expect(await breaker.execute(() => "next probe")).toBe("next probe");
    expect(breaker.state).toBe("closed");
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

describe("a fallback", () => {
  it("stands in for a failure and for a refusal, and can tell them apart", async () => {
    const fallback = (error: unknown) => (isCircuitOpenError(error) ? "refused" : "failed");
    expect(await breaker.execute<string>(fails, { fallback })).toBe("failed");
    expect(await breaker.execute<string>(fails, { fallback })).toBe("failed");
    expect(await breaker.execute<string>(fails, { fallback })).toBe("refused");
  });

  it("is not asked when the caller cancelled", async () => {
    const signal = AbortSignal.abort(new Error("gone"));
    await expect(breaker.execute<string>(fails, { signal, fallback: () => "no" })).rejects.toThrow("gone");
  });
});
