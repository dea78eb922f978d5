/** Stalls of our own event loop, in real time, against a server in a thread of its own. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CircuitBreaker, type CircuitBreakerOptions, isCallTimeoutError } from "../../src/entry/main.ts";
import { startServer } from "./server.ts";

let server: Awaited<ReturnType<typeof startServer>>;

beforeAll(async () => {
  server = await startServer(5);
  await get(); // the client loads its parts
});
afterAll(() => server.stop());

/** ms: what a call may take; the server takes 5, and the machine may be busy. */
const LIMIT_MS = 400;
const STALL_MS = 800;

const get = async (signal?: AbortSignal) => (await fetch(server.url, signal ? { signal } : {})).text();
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Keeps the event loop of this thread busy. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Where in the event loop it stalls. */
const MOMENTS: readonly (readonly [string, () => Promise<unknown> | undefined])[] = [
  ["at once", () => undefined],
  ["in a timer, before any answer", () => later(2)],
  ["in a timer, among the answers", () => later(8)],
  ["after the loop has polled", () => later(2).then(() => new Promise(setImmediate))],
];

/** 20 calls, and a stall that begins then. */
async function callsWithStall(
  call: () => Promise<unknown>,
  until: () => Promise<unknown> | undefined,
): Promise<unknown[]> {
  const calls = Array.from({ length: 20 }, () => call().catch((error: unknown) => error));
  await until();
  block(STALL_MS);
  return Promise.all(calls);
}

/** The machine may stop this process for as long as it stalls itself. */
const RETRY = { retry: 1 };

describe("a stall", RETRY, () => {
  it("does not save a call that hangs: its time is given back once", async () => {
    const breaker = new CircuitBreaker("server");
    const startMs = performance.now();
    const call = breaker.execute(() => new Promise<never>(() => {}), { timeoutMs: 50 });
    block(150);
    const error = await call.catch((reason: unknown) => reason);
    expect(isCallTimeoutError(error)).toBe(true);
    expect(performance.now() - startMs).toBeLessThan(400);
    expect(breaker.snapshot().failures).toBe(1);
  });

  it("that comes again and again saves no call for ever", async () => {
    const breaker = new CircuitBreaker("server");
    const call = breaker.execute(() => new Promise<never>(() => {}), { timeoutMs: 50 }).catch(() => "ended");
    let ended = false;
    void call.then(() => {
      ended = true;
    });
    const startMs = performance.now();
    while (!ended && performance.now() - startMs < 5_000) {
      block(60);
      await later(1);
    }
    expect(ended).toBe(true);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  it("does not save a probe that hangs", async () => {
    const options: CircuitBreakerOptions = {
      backoff: { kind: "constant", delayMs: 1 },
      halfOpen: { probeTimeoutMs: 50 },
    };
    const breaker = new CircuitBreaker("server", options);
    breaker.trip();
    await later(5);
    expect(breaker.tryAcquire()).toBeGreaterThan(0);
    block(150);
    await later(300);
    breaker.check();
    expect(breaker.snapshot().opened).toMatchObject({ cause: "tripped" });
    expect(breaker.snapshot().level).toBe(2);
  });

  it("does not hide a call that is slow while the loop turns", async () => {
    const detector = { kind: "success_rate_over_time_window", slowCallMs: 20 } as const;
    const breaker = new CircuitBreaker("server", { detector });
    await breaker.execute(() => later(60));
    expect(breaker.snapshot()).toMatchObject({ slow: 1, calls: 1 });
    const stalledLate = breaker.execute(() => later(100));
    await later(70);
    block(50);
    await stalledLate;
    expect(breaker.snapshot()).toMatchObject({ slow: 2, calls: 2 });
  });
});

describe("a stall of twice as long as a call may take", RETRY, () => {
  it.each(MOMENTS)("%s, times out none of 20 calls that were answered in 5 ms", async (_, until) => {
    const breaker = new CircuitBreaker("server");
    const answers = await callsWithStall(() => breaker.execute(() => get(), { timeoutMs: LIMIT_MS }), until);
    expect(answers).toEqual(Array(20).fill("ok"));
    expect(breaker.snapshot()).toMatchObject({ state: "closed", failures: 0, calls: 20 });
  });

  it.each(MOMENTS)("%s, makes none of 20 calls slow", async (_, until) => {
    const detector = { kind: "success_rate_over_time_window", slowCallMs: LIMIT_MS } as const;
    const breaker = new CircuitBreaker("server", { detector });
    const answers = await callsWithStall(() => breaker.execute(() => get()), until);
    expect(answers).toEqual(Array(20).fill("ok"));
    expect(breaker.snapshot()).toMatchObject({ slow: 0, calls: 20 });
  });

  it.each(MOMENTS)("%s, makes none of 20 calls hang: hungAfterMs opens nothing", async (_, until) => {
    const detector = {
      kind: "success_rate_over_time_window",
      windowMs: 4_000,
      buckets: 40,
      hungAfterMs: LIMIT_MS,
      minimumCalls: 5,
    } as const;
    const breaker = new CircuitBreaker("server", { detector });
    const answers = await callsWithStall(async () => {
      const answer = breaker.execute(() => get());
      await later(0);
      breaker.check();
      return answer;
    }, until);
    expect(answers).toEqual(Array(20).fill("ok"));
    expect(breaker.snapshot()).toMatchObject({ state: "closed", failures: 0 });
  });

  it.each(MOMENTS)("%s, ends no lease of a probe: probeTimeoutMs reopens nothing", async (_, until) => {
    const options: CircuitBreakerOptions = {
      backoff: { kind: "constant", delayMs: 1 },
      halfOpen: { probes: 20, successesToClose: 20, probeTimeoutMs: LIMIT_MS },
    };
    const breaker = new CircuitBreaker("server", options);
    breaker.trip();
    await later(5);
    const answers = await callsWithStall(async () => {
      const answer = breaker.execute(() => get());
      await later(0);
      breaker.check();
      return answer;
    }, until);
    expect(answers).toEqual(Array(20).fill("ok"));
    expect(breaker.snapshot()).toMatchObject({ state: "closed", late: 0 });
  });
});
