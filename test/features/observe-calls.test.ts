import { afterEach, describe, expect, it } from "vitest";
import { CircuitBreaker } from "../../src/breaker/breaker.ts";
import { CallTimeoutError, CircuitOpenError } from "../../src/breaker/errors.ts";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { measureLatency } from "../../src/features/latency.ts";
import { type ObservedCall, observeCalls } from "../../src/features/observe-calls.ts";
import { createBreaker, FRAGILE, testClock } from "../breaker/fixture.ts";

const FAULT = new Error("down");

/** Breakers that belong to no registry share observers. */
const undo: (() => void)[] = [];

afterEach(() => {
  for (const off of undo.splice(0)) off();
});

function observe(...[target, observer]: Parameters<typeof observeCalls>) {
  const stop = observeCalls(target, observer);
  undo.push(stop);
  return stop;
}

/** A fragile breaker on a test clock, and what an observer of it gets. */
function observed(options: object = {}) {
  const { clock, breaker } = createBreaker(options);
  const calls: ObservedCall[] = [];
  const stop = observe(breaker, (call) => void calls.push(call));
  return { clock, breaker, calls, stop };
}

const outcomesOf = (calls: readonly ObservedCall[]) => calls.map(({ outcome }) => outcome);
const endingAfter =
  <T>(clock: ReturnType<typeof testClock>, ms: number, end: () => T) =>
  async () => {
    await clock.advance(ms);
    return end();
  };
const fail = () => {
  throw FAULT;
};

describe("observeCalls", () => {
  it("tells of a success with its duration, and of no error", async () => {
    const { clock, breaker, calls } = observed();
    await expect(breaker.execute(endingAfter(clock, 7, () => "value"))).resolves.toBe("value");
    expect(calls).toStrictEqual([{ endpoint: "api", outcome: "success", durationMs: 7 }]);
  });

  it("tells of a failure with its error, whether the function rejects or throws", async () => {
    const { clock, breaker, calls } = observed();
    await expect(breaker.execute(endingAfter(clock, 3, fail))).rejects.toBe(FAULT);
    await expect(breaker.execute(fail)).rejects.toBe(FAULT);
    expect(calls).toStrictEqual([
      { endpoint: "api", outcome: "failure", durationMs: 3, error: FAULT },
      { endpoint: "api", outcome: "failure", durationMs: 0, error: FAULT },
    ]);
  });

  it("tells of a refusal without a duration", async () => {
    const { breaker, calls } = observed();
    breaker.forceOpen();
    await expect(breaker.execute(() => 1)).rejects.toBeInstanceOf(CircuitOpenError);
    expect(calls).toStrictEqual([
      { endpoint: "api", outcome: "refused", durationMs: 0, error: expect.any(CircuitOpenError) },
    ]);
  });

  it("tells of a timeout once, also when the function ends later", async () => {
    const { clock, breaker, calls } = observed();
    const call = breaker.execute(() => new Promise((resolve) => clock.after(50, () => resolve(1))), {
      timeoutMs: 10,
    });
    const end = expect(call).rejects.toBeInstanceOf(CallTimeoutError);
    await clock.advance(100);
    await end;
    expect(calls).toStrictEqual([
      { endpoint: "api", outcome: "timeout", durationMs: 10, error: expect.any(CallTimeoutError) },
    ]);
  });

  it("tells a timeout of a breaker further down as a failure", async () => {
    const { breaker, calls } = observed();
    const call = breaker.execute(() => Promise.reject(new CallTimeoutError("inner", 5)));
    await expect(call).rejects.toBeInstanceOf(CallTimeoutError);
    expect(outcomesOf(calls)).toEqual(["failure"]);
  });

  it("tells of a call that its caller aborts, and of none that was aborted before", async () => {
    const { breaker, calls } = observed();
    const controller = new AbortController();
    const call = breaker.execute(() => new Promise(() => {}), { signal: controller.signal });
    controller.abort("enough");
    await expect(call).rejects.toBe("enough");
    await expect(breaker.execute(() => 1, { signal: controller.signal })).rejects.toBe("enough");
    expect(calls).toStrictEqual([{ endpoint: "api", outcome: "ignored", durationMs: 0, error: "enough" }]);
  });

  it("tells what classify has judged, and which value", async () => {
    const { breaker, calls } = observed({
      classify: (end: PromiseSettledResult<number>) =>
        end.status === "rejected" ? "ignored" : end.value === 503 ? 20 : undefined,
    });
    await breaker.execute(() => 503);
    await expect(breaker.execute(fail)).rejects.toBe(FAULT);
    await breaker.execute(() => 200);
    expect(calls).toStrictEqual([
      { endpoint: "api", outcome: "failure", durationMs: 0, error: 503 },
      { endpoint: "api", outcome: "ignored", durationMs: 0, error: FAULT },
      { endpoint: "api", outcome: "success", durationMs: 0 },
    ]);
  });

  it("tells of a fallback beside the failure or refusal that it answers", async () => {
    const { breaker, calls } = observed({ fallback: () => "instead" });
    await expect(breaker.execute(fail)).resolves.toBe("instead");
    expect(breaker.executeSync(fail)).toBe("instead");
    await expect(breaker.execute(() => 1)).resolves.toBe("instead");
    expect(breaker.executeSync(() => 1)).toBe("instead");
    expect(outcomesOf(calls)).toEqual([
      ...["failure", "fallback", "failure", "fallback"],
      ...["refused", "fallback", "refused", "fallback"],
    ]);
    expect(calls[1]).toStrictEqual({ endpoint: "api", outcome: "fallback", durationMs: 0, error: FAULT });
    expect(calls[5]!.error).toBe(calls[4]!.error);
  });

  it("covers synchronous calls and wrapped functions", async () => {
    const { clock, breaker, calls } = observed();
    expect(breaker.executeSync(() => 1)).toBe(1);
    expect(() => breaker.executeSync(fail)).toThrow(FAULT);
    expect(() => breaker.executeSync(() => Promise.resolve(1))).toThrow(TypeError);
    const wrapped = breaker.wrap(async (ms: number) => void (await clock.advance(ms)));
    await wrapped(4);
    expect(outcomesOf(calls)).toEqual(["success", "failure", "ignored", "success"]);
    expect(calls[3]!.durationMs).toBe(4);
  });

  it("tells nothing of tickets by hand, nor of calls that began before", async () => {
    const { breaker, clock } = createBreaker();
    let answer: (value: number) => void = () => {};
    const plain = breaker.execute(() => new Promise<number>((resolve) => (answer = resolve)));
    const timed = breaker.execute(() => plain, { timeoutMs: 1_000 });
    const calls: ObservedCall[] = [];
    observe(breaker, (call) => void calls.push(call));
    answer(1);
    await Promise.all([plain, timed]);
    breaker.onSuccess(breaker.tryAcquire(), undefined, 5);
    breaker.onFailure(breaker.tryAcquire());
    await clock.advance(1);
    expect(calls).toEqual([]);
  });

  it("tells of a call before the events that follow from it", async () => {
    const { breaker } = createBreaker();
    const order: string[] = [];
    breaker.on("opened", () => void order.push("opened"));
    observe(breaker, ({ outcome }) => void order.push(outcome));
    for (let call = 0; call < 2; call++) await breaker.execute(fail).catch(() => {});
    expect(order).toEqual(["failure", "failure", "opened"]);
  });

  it("tells each observer of a registry of all its breakers, and one of a breaker of its own", async () => {
    const registry = new CircuitBreakerRegistry({ clock: testClock(), defaults: FRAGILE });
    const [a, b] = [registry.get("a"), registry.get("b")];
    const all: ObservedCall[] = [];
    const own: ObservedCall[] = [];
    observe(registry, (call) => void all.push(call));
    observe(b, (call) => void own.push(call));
    await a.execute(() => 1);
    await b.execute(() => 1);
    await new CircuitBreaker("b").execute(() => 1);
    expect(all.map(({ endpoint }) => endpoint)).toEqual(["a", "b"]);
    expect(own.map(({ endpoint }) => endpoint)).toEqual(["b"]);
  });

  it("tells breakers of one name that belong to no registry apart", async () => {
    const { breaker, calls } = observed();
    await new CircuitBreaker("api").execute(() => 1);
    expect(calls).toEqual([]);
    await breaker.execute(() => 1);
    expect(outcomesOf(calls)).toEqual(["success"]);
  });

  it("ends with its undo, and leaves the fast path as it was", async () => {
    const { breaker, calls, stop } = observed();
    const { policies } = breaker._engine;
    const observers = policies.observers;
    const latency = measureLatency(breaker);
    stop();
    stop();
    await breaker.execute(() => 1);
    expect(calls).toEqual([]);
    expect(policies.observers).toBe(observers); // that of latency
    expect(latency.snapshot().calls).toBe(1);
    latency.stop();
    expect(policies.observers).toBe(observers - 1);
  });

  it("gives what an observer throws to onError, and the call its value", async () => {
    const errors: unknown[] = [];
    const registry = new CircuitBreakerRegistry({ onError: (error) => void errors.push(error) });
    observe(registry, fail);
    await expect(registry.get("a").execute(() => 1)).resolves.toBe(1);
    expect(errors).toEqual([FAULT]);
  });

  it("refuses what is no function", () => {
    const { breaker } = createBreaker();
    expect(() => observeCalls(breaker, 1 as never)).toThrow("observer must be a function, got 1");
    expect(breaker._engine.policies.observe).toBeUndefined();
  });
});
