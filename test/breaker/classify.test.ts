import { beforeEach, describe, expect, it } from "vitest";
import { parseRetryAfter, retryAfterOf } from "../../src/breaker/failure.ts";
import { type CircuitBreaker, CircuitBreakerRegistry, type Classify } from "../../src/entry/main.ts";
import { closeByProbes, type ManualClock, manualClock, openByFailures } from "../../src/features/testing.ts";

let clock: ManualClock;
let breaker: CircuitBreaker;

beforeEach(() => {
  clock = manualClock();
  breaker = new CircuitBreakerRegistry({ clock, seed: 1 }).get("api", {
    detector: { kind: "consecutive_failures", failures: 2 },
    backoff: { kind: "constant", delayMs: 100 },
  });
});

const fails = (error: unknown) => () => Promise.reject(error);
const failures = () => breaker.snapshot().consecutiveFailures;

describe("classify", () => {
  const byStatus: Classify<{ status: number }> = (end) => {
    if (end.status === "rejected") return end.reason instanceof TypeError ? "ignored" : undefined;
    return end.value.status >= 500 ? "failure" : undefined;
  };

  it("takes an answer for a failure, and hands it on as it is", async () => {
    expect(await breaker.execute(() => ({ status: 503 }), { classify: byStatus })).toEqual({ status: 503 });
    expect(failures()).toBe(1);
    await breaker.execute(async () => ({ status: 200 }), { classify: byStatus });
    expect(failures()).toBe(0);
  });

  it("takes an error for neither, which leaves the count as it was, or for a success", async () => {
    await expect(breaker.execute(fails(new Error("down")), { classify: byStatus })).rejects.toThrow("down");
    await expect(breaker.execute(fails(new TypeError("mine")), { classify: byStatus })).rejects.toThrow(
      "mine",
    );
    expect(failures()).toBe(1);
    await expect(breaker.execute(fails("404"), { classify: () => "success" })).rejects.toBe("404");
    expect(failures()).toBe(0);
  });

  it("gives the probe back when it says ignored: the breaker neither closes nor reopens", async () => {
    openByFailures(breaker);
    clock.advance(100);
    await breaker.execute(() => 1, { classify: () => "ignored" });
    expect(breaker.state).toBe("half_open");
    await breaker.execute(() => 1);
    expect(breaker.state).toBe("closed");
  });

  it("says by a number that it is a failure, and how long to stay open at least", async () => {
    for (let call = 0; call < 2; call++) await breaker.execute(() => 1, { classify: () => 5_000 });
    expect(breaker.state).toBe("open");
    expect(breaker.retryAfterMs()).toBe(5_000);
  });

  it("says by a number less than the backoff nothing more, and is believed for a day at most", async () => {
    for (let call = 0; call < 2; call++) await breaker.execute(() => 1, { classify: () => 5 });
    expect(breaker.retryAfterMs()).toBe(100);
    closeByProbes(breaker, clock);
    for (let call = 0; call < 2; call++) await breaker.execute(() => 1, { classify: () => Infinity });
    expect(breaker.retryAfterMs()).toBe(86_400_000);
  });
});

describe("Retry-After", () => {
  const opened = async (end: () => unknown, classify: Classify<unknown> = () => "failure") => {
    for (let call = 0; call < 2; call++) await breaker.execute(end, { classify }).catch(() => {});
    return breaker.retryAfterMs();
  };

  it("of an answer that counts as a failure holds the breaker open, in seconds", async () => {
    expect(await opened(() => new Response("", { status: 503, headers: { "Retry-After": "7" } }))).toBe(
      7_000,
    );
  });

  it("of an error, of its response, and of a breaker further down counts without any option", async () => {
    const holding = async (error: unknown) => {
      for (let call = 0; call < 2; call++) await breaker.execute(fails(error)).catch(() => {});
      const waitMs = breaker.retryAfterMs();
      closeByProbes(breaker, clock);
      return waitMs;
    };
    expect(await holding({ headers: { "retry-after": "3" } })).toBe(3_000);
    expect(await holding({ response: { headers: { "Retry-After": "4" } } })).toBe(4_000);
    expect(await holding({ code: "ERR_CIRCUIT_OPEN", retryAfterMs: 2_500 })).toBe(2_500);
  });

  it("is in the event of the failure that opens the breaker: its delay is the time until the first probe", async () => {
    const opening: unknown[] = [];
    breaker.on("opened", ({ delayMs, retryAtMs, atMs }) => opening.push([delayMs, retryAtMs - atMs]));
    const error = { headers: { "retry-after": "7" } };
    for (let call = 0; call < 2; call++) await breaker.execute(fails(error)).catch(() => {});
    closeByProbes(breaker, clock);
    for (let call = 0; call < 2; call++) await breaker.execute(() => 1, { classify: () => 900 });
    closeByProbes(breaker, clock);
    for (let call = 0; call < 2; call++) breaker.executeSync(() => 1, { classify: () => 30 });
    expect(opening).toEqual([
      [7_000, 7_000],
      [900, 900],
      [100, 100],
    ]);
  });

  it("of a failed probe is in the event of the reopening", async () => {
    await opened(() => 1);
    const opening: unknown[] = [];
    breaker.on("opened", ({ cause, delayMs }) => opening.push([cause, delayMs]));
    clock.advance(100);
    await breaker.execute(() => 1, { classify: () => 3_000 });
    expect(opening).toEqual([["probe_failed", 3_000]]);
  });

  it("does nothing while the breaker stays closed", async () => {
    await breaker.execute(fails({ headers: { "retry-after": "3" } })).catch(() => {});
    expect([breaker.state, breaker.retryAfterMs()]).toEqual(["closed", 0]);
  });

  it("is a number of seconds or a date, and is believed for an hour at most", () => {
    const at = Date.UTC(2026, 10, 22, 18, 0, 0);
    expect(parseRetryAfter("120", at)).toBe(120_000);
    expect(parseRetryAfter(1.5, at)).toBe(1_500);
    expect(parseRetryAfter("Sun, 22 Nov 2026 18:00:30 GMT", at)).toBe(30_000);
    expect(parseRetryAfter("Sun, 22 Nov 2026 17:00:00 GMT", at)).toBe(0);
    expect(parseRetryAfter("31536000", at)).toBe(3_600_000);
  });

  it.each(["soon", "-5", "1e3", "", "12 34", Number.NaN, -1, null, {}, undefined])(
    "that makes no sense is none: %s",
    (value) => {
      expect(parseRetryAfter(value, 0)).toBe(0);
    },
  );

  it.each([null, undefined, 7, "text", {}, { headers: 5 }, { response: null }, { retryAfterMs: Infinity }])(
    "is looked for in anything: %s",
    (end) => {
      expect(retryAfterOf(end, 0)).toBe(0);
    },
  );
});
