import { AsyncLocalStorage } from "node:async_hooks";
import diagnostics from "node:diagnostics_channel";
import { afterEach, describe, expect, it } from "vitest";
import { CircuitOpenError } from "../../src/breaker/errors.ts";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { CALL_CHANNEL, type CallTrace, traceCalls } from "../../src/entry/diagnostics.ts";
import { createBreaker } from "../breaker/fixture.ts";

const STAGES = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;
const channel = diagnostics.tracingChannel<object>(CALL_CHANNEL);
const undo: (() => void)[] = [];

afterEach(() => {
  for (const off of undo.splice(0)) off();
});

/** What is published from now on: the stage, the outcome at that time, and the trace. */
function subscribe() {
  const stages: [stage: string, outcome: string | undefined][] = [];
  const traces = new Set<CallTrace>();
  const subscribers = Object.fromEntries(
    STAGES.map((stage) => [
      stage,
      (message: object) => {
        const trace = message as CallTrace;
        stages.push([stage, trace.outcome]);
        traces.add(trace);
      },
    ]),
  ) as unknown as Parameters<typeof channel.subscribe>[0];
  channel.subscribe(subscribers);
  undo.push(() => channel.unsubscribe(subscribers));
  return { stages, traces };
}

describe("traceCalls", () => {
  it("publishes a call that succeeds by start, end, asyncStart and asyncEnd", async () => {
    const { breaker } = createBreaker();
    undo.push(traceCalls(breaker));
    const { stages, traces } = subscribe();
    await expect(breaker.execute(async () => "value")).resolves.toBe("value");
    expect(stages).toEqual([
      ["start", undefined],
      ["end", undefined],
      ["asyncStart", "success"],
      ["asyncEnd", "success"],
    ]);
    expect([...traces]).toEqual([{ endpoint: "api", state: "closed", outcome: "success", result: "value" }]);
  });

  it("publishes the error of a call that fails, and of one that is refused", async () => {
    const { breaker } = createBreaker();
    undo.push(traceCalls(breaker));
    const { stages, traces } = subscribe();
    const fault = new Error("down");
    await expect(breaker.execute(() => Promise.reject(fault))).rejects.toBe(fault);
    expect(stages.map(([stage]) => stage)).toEqual(["start", "end", "error", "asyncStart", "asyncEnd"]);
    breaker.forceOpen();
    await expect(breaker.execute(() => 1)).rejects.toBeInstanceOf(CircuitOpenError);
    expect([...traces]).toEqual([
      { endpoint: "api", state: "closed", outcome: "failure", error: fault },
      { endpoint: "api", state: "open", outcome: "refused", error: expect.any(CircuitOpenError) },
    ]);
  });

  it("publishes the result of a fallback with that outcome", async () => {
    const { breaker } = createBreaker({ fallback: () => "instead" });
    undo.push(traceCalls(breaker));
    const { traces } = subscribe();
    breaker.forceOpen();
    await breaker.execute(() => 1);
    expect([...traces]).toEqual([{ endpoint: "api", state: "open", outcome: "fallback", result: "instead" }]);
  });

  it("publishes a synchronous call by start and end, and its error between", () => {
    const { breaker } = createBreaker();
    undo.push(traceCalls(breaker));
    const { stages, traces } = subscribe();
    expect(breaker.executeSync(() => 5)).toBe(5);
    const fault = new Error("down");
    expect(() =>
      breaker.executeSync(() => {
        throw fault;
      }),
    ).toThrow(fault);
    expect(stages).toEqual([
      ["start", undefined],
      ["end", "success"],
      ["start", undefined],
      ["error", "failure"],
      ["end", "failure"],
    ]);
    expect([...traces].map(({ result, error }) => result ?? error)).toEqual([5, fault]);
  });

  it("binds stores to the start of a call, as tracers do", async () => {
    const { breaker } = createBreaker();
    undo.push(traceCalls(breaker));
    const storage = new AsyncLocalStorage<object>();
    channel.start.bindStore(storage, (trace) => trace);
    undo.push(() => channel.start.unbindStore(storage));
    subscribe();
    expect(await breaker.execute(async () => storage.getStore())).toMatchObject({ endpoint: "api" });
    expect(storage.getStore()).toBeUndefined();
  });

  it("publishes a call once, however often it is traced, of the breakers that are meant alone", async () => {
    const registry = new CircuitBreakerRegistry();
    const [a, b] = [registry.get("a"), registry.get("b")];
    undo.push(traceCalls(a), traceCalls(a));
    const { traces } = subscribe();
    await a.execute(() => 1);
    await b.execute(() => 1);
    expect([...traces].map(({ endpoint }) => endpoint)).toEqual(["a"]);
  });

  it("publishes nothing without subscribers, nor after its undo", async () => {
    const { breaker } = createBreaker();
    const stop = traceCalls(breaker);
    await breaker.execute(() => 1);
    stop();
    stop();
    const { stages } = subscribe();
    await breaker.execute(() => 1);
    expect(stages).toEqual([]);
    expect(breaker._engine.policies.around).toBeUndefined();
  });
});
