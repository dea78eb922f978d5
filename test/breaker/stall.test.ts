import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CircuitBreakerRegistry, isCallTimeoutError } from "../../src/entry/main.ts";
import { startServer } from "./server.ts";

let server: Awaited<ReturnType<typeof startServer>>;

beforeAll(async () => {
  server = await startServer(5);
  await get(); // the client loads its parts
});
afterAll(() => server.stop());

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
  block(150);
  return Promise.all(calls);
}

/** Real time, a real server: a machine that is busy with something else may stop us for as long as we stop ourselves. */
const RETRY = { retry: 3 };

describe("a stall of our own event loop", RETRY, () => {
  it.each(MOMENTS)(
    "of 150 ms, %s, times out none of 20 calls that were answered in 5 ms",
    async (_, until) => {
      const breaker = new CircuitBreakerRegistry().get("server");
      const answers = await callsWithStall(() => breaker.execute(get, { timeoutMs: 50 }), until);
      expect(answers).toEqual(Array(20).fill("ok"));
      expect(breaker.snapshot()).toMatchObject({ state: "closed", failures: 0, calls: 20 });
    },
  );

  it.each(MOMENTS)("of 150 ms, %s, makes none of 20 calls slow", async (_, until) => {
    const detector = { kind: "success_rate_over_time_window", slowCallMs: 60 } as const;
    const breaker = new CircuitBreakerRegistry().get("server", { detector });
    const answers = await callsWithStall(() => breaker.execute(() => get()), until);
    expect(answers).toEqual(Array(20).fill("ok"));
    expect(breaker.snapshot()).toMatchObject({ slow: 0, calls: 20 });
  });

  it("does not save a call that hangs: its time is given back once", async () => {
    const breaker = new CircuitBreakerRegistry().get("server");
    const startMs = performance.now();
    const call = breaker.execute(() => new Promise<never>(() => {}), { timeoutMs: 50 });
    block(150);
    const error = await call.catch((reason: unknown) => reason);
    expect(isCallTimeoutError(error)).toBe(true);
    expect(performance.now() - startMs).toBeLessThan(400);
    expect(breaker.snapshot().failures).toBe(1);
  });

  it("does not hide a call that is slow while the loop turns", async () => {
    const detector = { kind: "success_rate_over_time_window", slowCallMs: 20 } as const;
    const breaker = new CircuitBreakerRegistry().get("server", { detector });
    await breaker.execute(() => later(60));
    expect(breaker.snapshot()).toMatchObject({ slow: 1, calls: 1 });
    const stalledLate = breaker.execute(() => later(100));
    await later(70);
    block(50);
    await stalledLate;
    expect(breaker.snapshot()).toMatchObject({ slow: 2, calls: 2 });
  });
});
