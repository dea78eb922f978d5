import { inspect } from "node:util";
import { MessageChannel } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import {
  CallTimeoutError,
  CircuitBreaker,
  CircuitBreakerRegistry,
  CircuitOpenError,
  isCallTimeoutError,
  isCircuitOpenError,
} from "../../src/entry/main.ts";
import { runProgram } from "../program.ts";
import { createBreaker, openByFailures, testClock } from "./fixture.ts";

function refusalOf(breaker: CircuitBreaker): Promise<CircuitOpenError> {
  return breaker
    .execute(() => expect.fail("was admitted"))
    .catch((error: CircuitOpenError) => error) as never;
}

/** What a message becomes that is posted to another thread. */
async function posted<T>(message: T): Promise<T> {
  const { port1, port2 } = new MessageChannel();
  const received = new Promise<T>((resolve) => port2.once("message", resolve));
  port1.postMessage(message);
  try {
    return await received;
  } finally {
    port1.close();
  }
}

describe("a refusal", () => {
  it("says endpoint, reason, why it opened, the last error, and when to come back", async () => {
    const { breaker, clock } = createBreaker();
    openByFailures(breaker, Object.assign(new TypeError("no route"), { code: "EHOSTUNREACH" }));
    void clock.advance(40);
    const error = await refusalOf(breaker);
    expect({ ...error }).toEqual({
      name: "CircuitOpenError",
      message: 'circuit of "api" is open (consecutive_failures, last error: no route), retry in 60 ms',
      stack: `CircuitOpenError: ${error.message}`,
      code: "ERR_CIRCUIT_OPEN",
      endpoint: "api",
      reason: "open",
      retryAfterMs: 60,
      openedBy: "consecutive_failures",
      lastError: { name: "TypeError", message: "no route", code: "EHOSTUNREACH" },
    });
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe(error.stack);
  });

  it("has the reason forced_open, for ever, if it is forced open", async () => {
    const { breaker } = createBreaker();
    breaker.forceOpen();
    expect(await refusalOf(breaker)).toMatchObject({
      reason: "forced_open",
      openedBy: "mode",
      retryAfterMs: Number.POSITIVE_INFINITY,
      lastError: undefined,
      message: 'circuit of "api" is open (mode), retry when it is enabled again',
    });
    const forced = new CircuitBreaker("a", { mode: "forced_open" });
    expect(await refusalOf(forced)).toMatchObject({ reason: "forced_open", openedBy: "mode" });
  });

  it("names the failure of the probe that opened it last, or the trip", async () => {
    const { breaker, clock } = createBreaker();
    openByFailures(breaker, new Error("first"));
    void clock.advance(100);
    await breaker.execute(() => Promise.reject(new Error("probe"))).catch(() => {});
    expect(await refusalOf(breaker)).toMatchObject({
      openedBy: "probe_failed",
      lastError: { message: "probe" },
    });
    breaker.reset();
    breaker.trip();
    const error = await refusalOf(breaker);
    expect([error.openedBy, error.lastError, error.reason]).toEqual(["tripped", undefined, "open"]);
  });

  it("names no error of a call that did not open it", async () => {
    const { breaker, clock } = createBreaker({ halfOpen: { probeTimeoutMs: 50 } });
    openByFailures(breaker, new Error("first"));
    void clock.advance(100);
    breaker.tryAcquire(); // a probe that never reports
    void clock.advance(50);
    breaker.check();
    const error = await refusalOf(breaker);
    expect([error.openedBy, error.lastError]).toEqual(["probe_timed_out", undefined]);
  });

  it.each([
    [undefined, undefined],
    [null, { name: "Error", message: "" }],
    ["text", { name: "Error", message: "text" }],
    [7, { name: "Error", message: "7" }],
    [{ status: 503 }, { name: "Error", message: "" }],
    [
      { name: 5, message: { toString: 1 }, code: {} },
      { name: "Error", message: "", code: undefined },
    ],
    [new Error("x".repeat(10_000)), { name: "Error", message: "x".repeat(500) }],
  ])("tells of a failure that is %s", async (failure, lastError) => {
    const { breaker } = createBreaker();
    openByFailures(breaker, failure);
    const error = await refusalOf(breaker);
    if (lastError === undefined) expect(error.lastError).toBeUndefined();
    else expect(error.lastError).toMatchObject(lastError);
  });

  it("keeps no failure alive: only its name, message and code", async () => {
    const { breaker } = createBreaker();
    openByFailures(breaker, Object.assign(new Error("down"), { response: { body: "large" } }));
    const error = await refusalOf(breaker);
    expect(Object.keys(error.lastError ?? {})).toEqual(["name", "message", "code"]);
  });

  it("can be written to, as other errors can: message, stack, name, cause", async () => {
    const { breaker } = createBreaker();
    breaker.forceOpen();
    const error: Error = await refusalOf(breaker);
    error.message = `payments: ${error.message}`;
    error.stack = "a stack";
    error.name = "Refused";
    error.cause = "none";
    expect(error).toMatchObject({ stack: "a stack", name: "Refused", cause: "none" });
    expect(error.message).toMatch(/^payments: circuit/);
    expect((await refusalOf(breaker)).message).toMatch(/^circuit/);
    Error.captureStackTrace(error);
    expect(error.stack).toContain("errors.test.ts");
  });

  it("captures no stack, and leaves the limit of other errors alone", async () => {
    const { breaker } = createBreaker();
    breaker.forceOpen();
    const limit = Error.stackTraceLimit;
    const { stack } = await refusalOf(breaker);
    expect(stack).not.toContain("\n");
    expect(Error.stackTraceLimit).toBe(limit);
  });

  it("keeps name, message, code and endpoint in a clone, in another thread, and as a cause", async () => {
    const { breaker } = createBreaker();
    openByFailures(breaker, new Error("down"));
    const error = await refusalOf(breaker);
    const { name, message, code, endpoint, reason, lastError } = error;
    const fields = { name, message, code, endpoint, reason, lastError };
    for (const copy of [structuredClone(error), await posted(error)]) {
      expect(copy).toMatchObject(fields);
      expect(isCircuitOpenError(copy)).toBe(true);
    }
    for (const wrapped of [{ cause: error }, new Error("checkout failed", { cause: error })]) {
      for (const copy of [structuredClone(wrapped), await posted(wrapped)]) {
        expect(copy.cause).toMatchObject(fields);
        expect(isCircuitOpenError(copy)).toBe(true);
      }
    }
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      ...fields,
      lastError: { name: "Error", message: "down" },
    });
  });

  it("prints name and message, also as the cause of another error", async () => {
    const { breaker } = createBreaker();
    breaker.forceOpen();
    const error = await refusalOf(breaker);
    expect(inspect(error)).toContain('CircuitOpenError: circuit of "api" is open');
    expect(inspect(new Error("checkout", { cause: error }))).toContain('circuit of "api" is open');
  });

  it.each([
    ["unhandled", `void breaker.execute(() => 1)`],
    ["thrown", `breaker.executeSync(() => 1)`],
    [
      "the cause of an unhandled error",
      `breaker.execute(() => 1).catch((cause) => { throw new Error("checkout", { cause }); })`,
    ],
  ])("that is %s ends a process with its name and message", async (_, call) => {
    const program = `
      import { CircuitBreaker } from "bluesmoke";
      const breaker = new CircuitBreaker("payments");
      breaker.forceOpen();
      ${call};`;
    const { code, stderr } = await runProgram(program);
    expect(code).toBe(1);
    expect(stderr).toContain('CircuitOpenError: circuit of "payments" is open');
    expect(stderr).toContain("ERR_CIRCUIT_OPEN");
    expect(stderr).not.toContain('reason ""');
  });

  it("can be made by hand, for tests and adapters", () => {
    const error = new CircuitOpenError("api");
    expect(error).toMatchObject({ endpoint: "api", reason: "open", retryAfterMs: 0, lastError: undefined });
    expect(new CircuitOpenError("api", { retryAfterMs: 5 }).message).toBe(
      'circuit of "api" is open, retry in 5 ms',
    );
  });
});

describe("isCircuitOpenError", () => {
  it("looks at the error and at its cause, and no deeper", () => {
    const refusal = new CircuitOpenError("api");
    const once = new Error("once", { cause: refusal });
    expect([refusal, once, new Error("twice", { cause: once })].map(isCircuitOpenError)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("knows errors of other realms and installs by their code", () => {
    expect(isCircuitOpenError({ code: "ERR_CIRCUIT_OPEN" })).toBe(true);
    expect(isCallTimeoutError({ code: "ERR_CALL_TIMEOUT" })).toBe(true);
  });

  it.each([undefined, null, 0, "ERR_CIRCUIT_OPEN", new Error("other"), {}, Symbol("s")])(
    "is false for %s",
    (value) => {
      expect([isCircuitOpenError(value), isCallTimeoutError(value)]).toEqual([false, false]);
    },
  );

  it("never throws: a getter that does is no code", () => {
    const refuse = () => {
      throw new Error("a trap");
    };
    const trapped = new Proxy({}, { get: refuse });
    expect([isCircuitOpenError(trapped), isCallTimeoutError(trapped)]).toEqual([false, false]);
  });
});

describe("a timeout", () => {
  it("is an error with endpoint and limit", async () => {
    const { breaker, clock } = createBreaker();
    const call = breaker
      .execute(() => new Promise(() => {}), { timeoutMs: 5 })
      .catch((error: unknown) => error);
    await clock.advance(5);
    const error = await call;
    expect(error).toBeInstanceOf(CallTimeoutError);
    expect(error).toMatchObject({
      name: "CallTimeoutError",
      code: "ERR_CALL_TIMEOUT",
      endpoint: "api",
      timeoutMs: 5,
      message: 'call of "api" took longer than 5 ms',
    });
  });

  it("is the last error of a refusal that it caused", async () => {
    const { breaker, clock } = createBreaker();
    for (let call = 0; call < 2; call++) {
      const hangs = breaker.execute(() => new Promise(() => {}), { timeoutMs: 5 }).catch(() => {});
      await clock.advance(5);
      await hangs;
    }
    expect((await refusalOf(breaker)).lastError).toEqual({
      name: "CallTimeoutError",
      message: 'call of "api" took longer than 5 ms',
      code: "ERR_CALL_TIMEOUT",
    });
  });
});

describe("events and snapshots", () => {
  it("name the failure that opened the breaker", () => {
    const { breaker } = createBreaker();
    const seen: unknown[] = [];
    breaker.on("opened", ({ lastError }) => seen.push(lastError));
    breaker.on("half_opened", ({ lastError }) => seen.push(lastError));
    openByFailures(breaker, new RangeError("too far"));
    const lastError = { name: "RangeError", message: "too far", code: undefined };
    expect(seen).toEqual([lastError]);
    expect(breaker.snapshot().opened?.lastError).toEqual(lastError);
    breaker.check(breaker.snapshot().opened!.atMs + 100);
    expect(seen).toEqual([lastError, undefined]);
  });

  it("name none of another breaker of the same registry, and none of a former failure", () => {
    const registry = new CircuitBreakerRegistry({
      clock: testClock(),
      defaults: { detector: "consecutive_failures" },
    });
    const [one, other] = [registry.get("one"), registry.get("other")];
    openByFailures(one, new Error("of one"));
    openByFailures(other);
    expect(other.snapshot().opened?.lastError).toBeUndefined();
    one.reset();
    one.forceOpen();
    expect(one.snapshot().opened?.lastError).toBeUndefined();
  });
});
