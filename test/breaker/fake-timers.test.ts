/** Fake timers of test runners drive breakers without settings, in any order of use. */
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  CircuitBreaker,
  CircuitBreakerRegistry,
  coarseClock,
  isCallTimeoutError,
  systemClock,
} from "../../src/entry/main.ts";
import { outputOf } from "../program.ts";
import { FRAGILE, openByFailures } from "./fixture.ts";

const hangs = () => new Promise<never>(() => {});

afterEach(() => {
  vi.useRealTimers();
});

/** A call that times out when fake time has passed, and a breaker that heals with it. */
async function expectFakeTimeToDrive(breaker: CircuitBreaker): Promise<void> {
  let end: unknown;
  const call = breaker.execute(hangs, { timeoutMs: 1_000 }).catch((error: unknown) => {
    end = error;
  });
  await vi.advanceTimersByTimeAsync(999);
  expect(end).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  await call;
  expect(isCallTimeoutError(end)).toBe(true);
  breaker.reset();
  openByFailures(breaker);
  expect(breaker.tryAcquire()).toBe(0);
  vi.advanceTimersByTime(99);
  expect(breaker.tryAcquire()).toBe(0);
  vi.advanceTimersByTime(1);
  breaker.onSuccess(breaker.tryAcquire());
  expect(breaker.state).toBe("closed");
}

const shared = new CircuitBreaker("shared", FRAGILE);

describe.each([1, 2, 3])("fake timers of vitest, test %i of a file", () => {
  it("turned on before the first use", async () => {
    vi.useFakeTimers();
    await expectFakeTimeToDrive(new CircuitBreaker("a", FRAGILE));
    await expectFakeTimeToDrive(shared);
  });

  it("turned on after the first use", async () => {
    const breaker = new CircuitBreakerRegistry().get("a", FRAGILE);
    for (let call = 0; call < 100; call++) breaker.onSuccess(breaker.tryAcquire());
    const early = breaker.execute(async () => 1, { timeoutMs: 1_000 });
    vi.useFakeTimers();
    expect(await early).toBe(1);
    await expectFakeTimeToDrive(breaker);
    await expectFakeTimeToDrive(shared);
  });

  it.each(["1970-01-01", "2001-02-03", "2099-01-01", "2300-01-01"])("set to %s", async (date) => {
    vi.useFakeTimers({ now: new Date(date) });
    await expectFakeTimeToDrive(new CircuitBreaker("a", FRAGILE));
    await expectFakeTimeToDrive(shared);
  });

  it("off again: real time drives", async () => {
    const breaker = new CircuitBreaker("a", FRAGILE);
    const error = await shared.execute(hangs, { timeoutMs: 20 }).catch((reason: unknown) => reason);
    expect(isCallTimeoutError(error)).toBe(true);
    openByFailures(breaker);
    await new Promise((resolve) => setTimeout(resolve, 130));
    expect(breaker.tryAcquire()).toBeGreaterThan(0);
  });

  it("of setTimeout alone end a call; Date stays real", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const call = shared.execute(hangs, { timeoutMs: 1_000 }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_050);
    vi.useRealTimers();
    expect(isCallTimeoutError(await call)).toBe(true);
    shared.reset();
  });

  it("of Date alone move the breaker; timers stay real", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const breaker = new CircuitBreaker("a", FRAGILE);
    openByFailures(breaker);
    vi.setSystemTime(Date.now() + 100);
    expect(breaker.tryAcquire()).toBeGreaterThan(0);
    const error = await shared.execute(hangs, { timeoutMs: 20 }).catch((reason: unknown) => reason);
    expect(isCallTimeoutError(error)).toBe(true);
    shared.reset();
  });
});

describe("fake timers", () => {
  it("removed while a call waits for its timeout leave later calls their own", async () => {
    vi.useFakeTimers();
    const lost = shared.execute(hangs, { timeoutMs: 30 }).catch(() => "timed out");
    vi.useRealTimers();
    const next = await shared.execute(hangs, { timeoutMs: 30 }).catch((error: unknown) => error);
    expect(isCallTimeoutError(next)).toBe(true);
    expect(await lost).toBe("timed out");
    shared.reset();
  });

  it("judge calls by their age: slow, hung and probes that do not report", async () => {
    vi.useFakeTimers();
    const window = { kind: "success_rate_over_time_window", windowMs: 10_000 } as const;
    const slow = new CircuitBreaker("a", { detector: { ...window, slowCallMs: 50 } });
    const call = slow.execute(() => new Promise((resolve) => setTimeout(resolve, 60)));
    await vi.advanceTimersByTimeAsync(60);
    await call;
    expect(slow.snapshot().slow).toBe(1);
    const hung = new CircuitBreaker("b", { detector: { ...window, hungAfterMs: 2_000, minimumCalls: 1 } });
    hung.tryAcquire();
    vi.advanceTimersByTime(3_001);
    hung.check();
    expect(hung.snapshot()).toMatchObject({ state: "open", opened: { cause: "hung_calls" } });
    const probing = new CircuitBreaker("c", { ...FRAGILE, halfOpen: { probeTimeoutMs: 500 } });
    openByFailures(probing);
    vi.advanceTimersByTime(100);
    probing.tryAcquire();
    vi.advanceTimersByTime(500);
    probing.check();
    expect(probing.state).toBe("open");
  });

  it("never make the clocks go back", () => {
    let latest = systemClock();
    const look = () => {
      for (const clock of [systemClock, coarseClock]) {
        const now = clock();
        expect(now).toBeGreaterThanOrEqual(latest);
        latest = now;
      }
    };
    for (const now of [0, Date.UTC(2090), Date.UTC(2000), 8.64e15]) {
      vi.useFakeTimers({ now });
      look();
      vi.advanceTimersByTime(1_000);
      look();
      vi.useRealTimers();
      look();
    }
  });
});

/** The same in a process of its own, by the timers of a library. */
const drive = (advance: string, setUp: string, restore: string) => `
  ${setUp}
  import { CircuitBreaker } from "bluesmoke";
  const turn = async () => { for (let n = 0; n < 50; n++) await null; };
  const shared = new CircuitBreaker("shared", { detector: { kind: "consecutive_failures", failures: 2 }, backoff: { kind: "constant", delayMs: 100 } });
  const results = [];
  async function test(early) {
    if (early) { shared.onSuccess(shared.tryAcquire()); await shared.execute(() => 1, { timeoutMs: 1_000 }); }
    const advance = ${advance};
    let end = "pending";
    const call = shared.execute(() => new Promise(() => {}), { timeoutMs: 1_000 }).catch((error) => { end = error.code; });
    await advance(999); await turn();
    results.push(end);
    await advance(1); await turn(); await advance(1); await turn();
    results.push(end);
    shared.reset();
    for (let n = 0; n < 2; n++) shared.onFailure(shared.tryAcquire());
    results.push(shared.tryAcquire());
    await advance(100);
    results.push(shared.tryAcquire() > 0);
    shared.reset();
    ${restore}
  }
  for (const early of [false, true, true]) await test(early);
  console.log(results.join());
  process.exit();`;
const DRIVEN = Array(3).fill("pending,ERR_CALL_TIMEOUT,0,true").join();

describe("fake timers of others", () => {
  it.each(["['setTimeout', 'Date']", "['setTimeout', 'setInterval', 'setImmediate', 'Date']"])(
    "node:test, of %s, drive breakers before and after the first use",
    async (apis) => {
      const setUp = `import { mock } from "node:test";`;
      const advance = `(mock.timers.enable({ apis: ${apis} }), async (ms) => mock.timers.tick(ms))`;
      expect(await outputOf(drive(advance, setUp, "mock.timers.reset();"))).toBe(DRIVEN);
    },
  );

  it("sinon drive breakers before and after the first use", async () => {
    const setUp = `import { install } from "@sinonjs/fake-timers";`;
    const advance = `(globalThis.fakes = install(), (ms) => fakes.tickAsync(ms))`;
    expect(await outputOf(drive(advance, setUp, "fakes.uninstall();"))).toBe(DRIVEN);
  });
});
