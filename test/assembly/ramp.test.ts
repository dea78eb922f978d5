import { describe, expect, it } from "vitest";
import {
  acquireBatch,
  type CircuitBreakerOptions,
  createBatch,
  exportState,
  importState,
} from "../../src/entry/main.ts";
import { ALL_FLAVOURS, type Flavour } from "../flavours.ts";
import { type Breaker, createBreaker, fail, succeed } from "./fixture.ts";

/** A quarter for a second, then a half for a second; 10 calls give a verdict, of which 8 must succeed. */
const RETURNING: CircuitBreakerOptions = {
  detector: {
    kind: "success_rate_over_time_window",
    minimumCalls: 10,
    windowMs: 10_000,
  },
  backoff: { kind: "steps", delaysMs: [100, 200, 400] },
  decayMs: 500,
  halfOpen: { ramp: { shares: [0.25, 0.5], stepMs: 1_000 } },
};

/** A breaker that opened at 0 and whose probe succeeded at 100: its ramp begins there. */
function createReturningBreaker(flavour: Flavour, options: CircuitBreakerOptions = {}) {
  const created = createBreaker(flavour, { ...RETURNING, ...options });
  fail(created.breaker, 0, 10);
  succeed(created.breaker, 100);
  return created;
}

/** Which of so many calls pass, as a text of ones and zeros. */
function asked(breaker: Breaker, nowMs: number, calls: number): string {
  return Array.from({ length: calls }, () => (breaker.tryAcquire(nowMs) === 0 ? "0" : "1")).join("");
}

describe.each(ALL_FLAVOURS)("a gradual return, in the $name core,", (flavour) => {
  it("begins where the probes have succeeded, and is half-open until its last step is over", () => {
    const { breaker, events } = createReturningBreaker(flavour);
    expect(events.slice(1)).toMatchObject([
      { kind: "half_opened", from: "open", to: "half_open", cause: "delay_ended" },
      { kind: "half_opened", from: "half_open", to: "half_open", cause: "probes_succeeded", atMs: 100 },
    ]);
    expect(breaker.snapshot(2_099)).toMatchObject({
      state: "half_open",
      share: 0.5,
      retryAfterMs: 0,
      level: 1,
    });
    expect(breaker.tryAcquire(2_100)).toBeGreaterThan(0);
    expect(breaker.tryAcquire(2_100)).toBeGreaterThan(0);
    expect(events.at(-1)).toMatchObject({
      kind: "closed",
      from: "half_open",
      cause: "ramp_ended",
      atMs: 2_100,
      level: 1,
    });
    expect(breaker.snapshot(2_100)).toMatchObject({ state: "closed", share: 1, calls: 0 });
  });

  it("admits the first call and then evenly that share of all", () => {
    const { breaker } = createReturningBreaker(flavour);
    expect(asked(breaker, 100, 12)).toBe("100010001000");
    expect(asked(breaker, 1_099, 4)).toBe("1000");
    expect(asked(breaker, 1_100, 8)).toBe("10101010");
    expect(breaker.snapshot(1_100).refused).toBe(9 + 3 + 4);
  });

  it("keeps a share to a thousandth, over however many calls", () => {
    for (const share of [0.001, 0.1, 1 / 3, 0.5, 0.999]) {
      const { breaker } = createReturningBreaker(flavour, {
        halfOpen: { ramp: { shares: [share], stepMs: 1_000 } },
      });
      const admitted = [...asked(breaker, 100, 10_240)].filter((passed) => passed === "1").length;
      expect(Math.abs(admitted / 10_240 - share)).toBeLessThanOrEqual(0.001);
    }
  });

  it("is not ended by one failure among enough successes, and by too many of them is", () => {
    const { breaker, events } = createReturningBreaker(flavour);
    const tickets = Array.from({ length: 40 }, () => breaker.tryAcquire(100)).filter(
      (ticket) => ticket !== 0,
    );
    expect(tickets).toHaveLength(10);
    for (const ticket of tickets.slice(0, 4)) breaker.onSuccess(ticket, 110);
    breaker.onFailure(tickets[4]!, 120);
    expect(breaker.snapshot(120)).toMatchObject({ state: "half_open", calls: 5, failures: 1 }); // 0.8
    breaker.onFailure(tickets[5]!, 130);
    expect(events.at(-1)).toMatchObject({
      kind: "opened",
      from: "half_open",
      cause: "success_rate_over_time_window",
      calls: 6,
      failures: 2,
      level: 2,
      delayMs: 200,
    });
  });

  it("needs only its share of the least number of calls for a verdict", () => {
    const { breaker } = createReturningBreaker(flavour); // 10 * 0.25 is 2.5
    const tickets = Array.from({ length: 12 }, () => breaker.tryAcquire(100)).filter(
      (ticket) => ticket !== 0,
    );
    breaker.onFailure(tickets[0]!, 100);
    breaker.onFailure(tickets[1]!, 100);
    expect(breaker.state).toBe("half_open");
    breaker.onFailure(tickets[2]!, 100);
    expect(breaker.state).toBe("open");
    const later = createReturningBreaker(flavour).breaker; // 10 * 0.5 is 5
    const half = Array.from({ length: 10 }, () => later.tryAcquire(1_100)).filter((ticket) => ticket !== 0);
    for (const ticket of half.slice(0, 4)) later.onFailure(ticket, 1_100);
    expect(later.state).toBe("half_open");
    later.onFailure(half[4]!, 1_100);
    expect(later.snapshot(1_100)).toMatchObject({ state: "half_open", share: 0.25, calls: 0 });
  });

  it("is ended by failures in a row, as many as ever", () => {
    const { breaker, events } = createBreaker(flavour, {
      detector: { kind: "consecutive_failures", failures: 2 },
      halfOpen: { ramp: { shares: [0.5], stepMs: 1_000 } },
    });
    fail(breaker, 0, 2);
    succeed(breaker, 100);
    breaker.onFailure(breaker.tryAcquire(100), 100);
    expect(breaker.state).toBe("half_open");
    expect(breaker.tryAcquire(100)).toBe(0);
    breaker.onFailure(breaker.tryAcquire(100), 100);
    expect(events.at(-1)).toMatchObject({ kind: "opened", cause: "consecutive_failures", level: 2 });
  });

  it("is ended by calls that hang", () => {
    const { breaker, events } = createReturningBreaker(flavour, {
      detector: {
        kind: "success_rate_over_time_window",
        minimumCalls: 8,
        windowMs: 1_000,
        hungAfterMs: 200,
      },
    });
    expect(asked(breaker, 110, 8)).toBe("10001000");
    breaker.check(399);
    expect(breaker.state).toBe("half_open");
    breaker.check(400);
    expect(events.at(-1)).toMatchObject({ kind: "opened", from: "half_open", cause: "hung_calls", level: 2 });
  });

  it("drops what calls of it say after it has ended", () => {
    const { breaker } = createReturningBreaker(flavour);
    const ticket = breaker.tryAcquire(100);
    breaker.check(2_100);
    breaker.onFailure(ticket, 2_100);
    expect(breaker.snapshot(2_100)).toMatchObject({ state: "closed", late: 1, calls: 0 });
  });

  it("counts a report at its end first, so a failure then still steps back", () => {
    const { breaker } = createReturningBreaker(flavour);
    const tickets = Array.from({ length: 40 }, () => breaker.tryAcquire(1_200)).filter(
      (ticket) => ticket !== 0,
    );
    for (const ticket of tickets.slice(0, 4)) breaker.onFailure(ticket, 1_200);
    breaker.onFailure(tickets[4]!, 2_099);
    expect(breaker.snapshot(2_099)).toMatchObject({ state: "half_open", share: 0.25 });
  });

  it("steps back by a share at each verdict, and opens at the first one", () => {
    const { breaker, events } = createReturningBreaker(flavour, {
      halfOpen: { ramp: { shares: [0.25, 0.5, 0.75], stepMs: 1_000 } },
    });
    const failAll = (nowMs: number) => {
      const { generation } = breaker.snapshot(nowMs);
      while (breaker.snapshot(nowMs).generation === generation) {
        const ticket = breaker.tryAcquire(nowMs);
        if (ticket) breaker.onFailure(ticket, nowMs);
      }
      return breaker.snapshot(nowMs);
    };
    expect(failAll(2_500)).toMatchObject({ state: "half_open", share: 0.5, level: 1, calls: 0 });
    expect(events.at(-1)).toMatchObject({
      kind: "half_opened",
      from: "half_open",
      to: "half_open",
      cause: "success_rate_over_time_window",
      share: 0.5,
      atMs: 2_500,
      retryAtMs: 2_500,
      delayMs: 0,
    });
    expect(breaker.snapshot(3_499).share).toBe(0.5); // it begins anew
    expect(breaker.snapshot(3_500).share).toBe(0.75);
    expect(failAll(3_499)).toMatchObject({ state: "half_open", share: 0.25 });
    expect(failAll(4_000)).toMatchObject({ state: "open", share: 0, level: 2 });
  });

  it("lets the level fall only once it is closed", () => {
    const { breaker } = createReturningBreaker(flavour);
    expect(breaker.snapshot(2_000).level).toBe(1);
    breaker.check(2_100);
    expect(breaker.snapshot(2_599).level).toBe(1);
    expect(breaker.snapshot(2_600).level).toBe(0);
  });

  it("refuses nothing in shadow mode, and says what it would have done", () => {
    const { breaker, events } = createReturningBreaker(flavour, { mode: "shadow" });
    expect(asked(breaker, 100, 4)).toBe("1111");
    expect(breaker.snapshot(100)).toMatchObject({ state: "closed", share: 1, refused: 3 });
    breaker.check(2_100);
    expect(events.map(({ cause }) => cause)).toEqual([
      "success_rate_over_time_window",
      "delay_ended",
      "probes_succeeded",
      "ramp_ended",
    ]);
  });

  it("ends by a switch and by a reset", () => {
    for (const change of ["reset", "disable"] as const) {
      const { breaker } = createReturningBreaker(flavour);
      breaker[change](100);
      expect(asked(breaker, 100, 4)).toBe("1111");
    }
  });

  it("is in the batches, too", () => {
    const registry = flavour.createRegistry({ clock: () => 0 });
    const breaker = registry.get("endpoint", RETURNING);
    fail(breaker, 0, 10);
    succeed(breaker, 100);
    const batch = createBatch(registry, 8);
    batch.breakers.fill(breaker.id);
    expect(acquireBatch(batch, 8, 100)).toBe(2);
    expect([...batch.tickets].map(Boolean)).toEqual([true, false, false, false, true, false, false, false]);
  });

  it("goes on in another registry where it was", () => {
    const registry = flavour.createRegistry({ clock: () => 0 });
    const breaker = registry.get("endpoint", RETURNING);
    fail(breaker, 0, 10);
    succeed(breaker, 100);
    expect(asked(breaker, 100, 3)).toBe("100");
    const next = flavour.createRegistry({ clock: () => 0 });
    importState(next, exportState(registry, 600), 50_600);
    const moved = next.get("endpoint");
    expect(moved.options).toEqual(breaker.options);
    expect(asked(moved, 50_600, 6)).toBe("010001");
    expect(moved.snapshot(51_100).share).toBe(0.5);
    moved.check(52_100);
    expect(moved.state).toBe("closed");
    const plain = flavour.createRegistry({ clock: () => 0 }).get("endpoint", { decayMs: 7 });
    importState(plain, exportState(breaker, 600), 600);
    expect(plain.tryAcquire(600)).toBeGreaterThan(0);
    expect(plain.state).toBe("closed"); // it has no ramp
  });

  it("is left out by default", () => {
    const { breaker, events } = createReturningBreaker(flavour, { halfOpen: {} });
    expect(breaker.snapshot(100)).toMatchObject({ state: "closed", share: 1 });
    expect(events.at(-1)).toMatchObject({ kind: "closed", cause: "probes_succeeded" });
  });
});
