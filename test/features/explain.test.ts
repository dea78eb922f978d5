import { describe, expect, it } from "vitest";
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  CircuitBreakerRegistry,
  evictIdle,
  explain,
  exportState,
  importState,
} from "../../src/entry/main.ts";
import { createSharedRegistry } from "../../src/entry/threads.ts";
import { type ManualClock, manualClock } from "../../src/features/testing.ts";

/** 14:02:00 UTC. */
const START_MS = Date.UTC(2026, 10, 30, 14, 2, 0);
const BACKOFF = { kind: "constant", delayMs: 4_100 } as const;

function setUp(options: CircuitBreakerOptions = {}) {
  const clock = manualClock(START_MS);
  const breaker = new CircuitBreaker("payments", { backoff: BACKOFF, clock, ...options });
  return { clock, breaker };
}

/** Reports a call for each letter, 100 ms apart: + success, - failure, s a success of 600 ms. */
function play(breaker: CircuitBreaker, clock: ManualClock, outcomes: string, error?: unknown): void {
  for (const outcome of outcomes) {
    clock.advance(100);
    const ticket = breaker.tryAcquire();
    if (outcome === "-") breaker.onFailure(ticket, undefined, 1, 1, 0, error);
    else breaker.onSuccess(ticket, undefined, outcome === "s" ? 600 : 1);
  }
}

const RESET = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

describe("the sentence about an open breaker", () => {
  it("has the time, the counts, the limit, the error, and when it probes", () => {
    const { breaker, clock } = setUp({
      detector: { requiredSuccessRate: 0.7, minimumCalls: 41 },
    });
    play(breaker, clock, `${"+".repeat(28)}${"-".repeat(13)}`, RESET);
    expect(explain(breaker)).toBe(
      "open since 14:02:04: 13 of 41 calls in 10 s failed (68.2 % < 70 %), last error: ECONNRESET: read ECONNRESET; next probe in 4.1 s",
    );
  });

  it("counts the openings in a row, and says when the next call is a probe", () => {
    const { breaker, clock } = setUp({
      detector: { kind: "consecutive_failures", failures: 3 },
      decayMs: 60_000,
    });
    play(breaker, clock, "---");
    expect(explain(breaker)).toBe("open since 14:02:00: 3 calls failed in a row; next probe in 4.1 s");
    clock.advance(4_100);
    play(breaker, clock, "-");
    clock.advance(4_100);
    play(breaker, clock, "-");
    clock.advance(3_750);
    const why = "open since 14:02:00: 3 calls failed in a row";
    expect(explain(breaker)).toBe(`${why}; next probe in 350 ms, third in a row`);
    clock.advance(350);
    expect(explain(breaker)).toBe(`${why}; the next call is a probe, third in a row`);
  });

  it.each<[string, CircuitBreakerOptions["detector"] & object, string, string]>([
    [
      "the last calls",
      { kind: "success_rate_over_count_window", calls: 8, minimumCalls: 5, requiredSuccessRate: 0.9 },
      "++++-",
      "1 of the last 5 calls failed (80 % < 90 %)",
    ],
    [
      "slow calls",
      { minimumCalls: 4, slowCallMs: 500, maximumSlowRate: 0.4 },
      "++ss",
      "2 of 4 calls in 10 s took longer than 500 ms (50 % > 40 %)",
    ],
    ["one failure", { kind: "consecutive_failures", failures: 1 }, "-", "a call failed"],
  ])("says why: %s", (_, detector, outcomes, reason) => {
    const { breaker, clock } = setUp({ detector });
    play(breaker, clock, outcomes);
    expect(explain(breaker)).toContain(`: ${reason}; next probe in 4.1 s`);
  });

  it("says that calls hang", () => {
    const { breaker, clock } = setUp({ detector: { minimumCalls: 2, hungAfterMs: 2_000 } });
    breaker.tryAcquire();
    breaker.tryAcquire();
    clock.advance(1_000);
    expect(explain(breaker)).toBe("closed: no calls in 10 s, 2 out");
    clock.advance(2_000);
    breaker.check();
    const reason = "2 of 2 calls in 10 s failed or hang for more than 2 s (0 % < 80 %)";
    expect(explain(breaker)).toBe(`open since 14:02:03: ${reason}; next probe in 4.1 s`);
  });

  it("rounds no rate up to its limit, and no time that is left down to nothing", () => {
    const { breaker } = setUp({ detector: { requiredSuccessRate: 0.8, minimumCalls: 10_000 } });
    breaker.onSuccess(breaker.tryAcquire(), undefined, 1, 7_999);
    breaker.onFailure(breaker.tryAcquire(), undefined, 1, 2_001);
    expect(explain(breaker)).toContain("2,001 of 10,000 calls in 10 s failed (79.9 % < 80 %)");
    const opened = breaker.snapshot().opened!.atMs;
    expect(explain(breaker, { nowMs: opened + 4_099.5 })).toContain("next probe in 1 ms");
  });

  it("says that it was tripped, or forced open; in place of a reason nobody knows it says none", () => {
    const clock = manualClock(START_MS);
    const registry = new CircuitBreakerRegistry({ clock, defaults: { backoff: BACKOFF } });
    const breaker = registry.get("payments");
    breaker.trip(undefined, 150_000);
    expect(explain(breaker)).toBe("open since 14:02:00: it was tripped; next probe in 2.5 min");
    const other = new CircuitBreakerRegistry({ clock });
    importState(other, exportState(registry));
    expect(explain(other.get("payments"))).toBe("open; next probe in 2.5 min");
    breaker.forceOpen();
    expect(explain(breaker)).toBe("forced open since 14:02:00: it refuses every call until its mode changes");
    expect(explain(registry.get("made so", { mode: "forced_open" }))).toMatch(/^forced open: it refuses/);
  });
});

describe("the sentence about a half-open breaker", () => {
  it("counts the probes that are out and those that succeeded", () => {
    const { breaker, clock } = setUp({
      detector: { kind: "consecutive_failures", failures: 1 },
      halfOpen: { probes: 3, successesToClose: 4 },
    });
    play(breaker, clock, "-", new TypeError("fetch failed"));
    clock.advance(4_100);
    const [first] = [breaker.tryAcquire(), breaker.tryAcquire()];
    const why = "open since 14:02:00: a call failed, last error: TypeError: fetch failed";
    expect(explain(breaker)).toBe(`half-open, 2 of 3 probes out, 0 of 4 succeeded; ${why}`);
    breaker.onSuccess(first!);
    expect(explain(breaker)).toBe(`half-open, 1 of 3 probes out, 1 of 4 succeeded; ${why}`);
  });

  it("has the share of a ramp and its step", () => {
    const { breaker, clock } = setUp({
      detector: { kind: "consecutive_failures", failures: 1 },
      halfOpen: { ramp: {} },
    });
    play(breaker, clock, "-");
    clock.advance(4_100);
    play(breaker, clock, "+");
    clock.advance(5_000);
    expect(explain(breaker)).toBe(
      "half-open, returning: 25 % of the calls pass (step 2 of 3, 5 s each); open since 14:02:00: a call failed",
    );
  });
});

describe("the sentence about a closed breaker", () => {
  it("has the counts of each detector beside its limit", () => {
    const { breaker, clock } = setUp({
      detector: [
        { minimumCalls: 4, slowCallMs: 500 },
        { kind: "consecutive_failures", failures: 5 },
      ],
    });
    const streak = "0 failures in a row, 5 open it";
    expect(explain(breaker)).toBe(`closed: no calls in 10 s, ${streak}`);
    play(breaker, clock, "+s");
    const slow = "1 took longer than 500 ms (50 %, at most 50 %)";
    expect(explain(breaker)).toBe(
      `closed: 0 of 2 calls in 10 s failed (100 %, at least 80 %), ${slow}, no verdict below 4 calls, ${streak}`,
    );
    play(breaker, clock, "++++-");
    expect(explain(breaker)).toContain("1 of 7 calls in 10 s failed (85.7 %, at least 80 %)");
    expect(explain(breaker)).toContain("1 failure in a row, 5 open it");
  });

  it("of a count window says how many calls it holds", () => {
    const { breaker, clock } = setUp({ detector: "success_rate_over_count_window" });
    expect(explain(breaker)).toBe("closed: no calls yet");
    play(breaker, clock, "+");
    expect(explain(breaker)).toBe(
      "closed: 0 of the last 1 call failed (100 %, at least 80 %), no verdict below 20 calls",
    );
  });

  it("is one of an evicted breaker, and of a deleted one says so", () => {
    const registry = new CircuitBreakerRegistry({ clock: manualClock(START_MS) });
    const breaker = registry.get("payments");
    evictIdle(registry);
    expect(explain(breaker)).toBe("closed: no calls in 10 s");
    breaker.tryAcquire();
    registry.delete("payments");
    expect(explain(breaker)).toBe("deleted: it refuses every call");
  });
});

describe("the sentence about a breaker in another mode", () => {
  it("says what it does with calls, and in shadow mode what it would have done", () => {
    const { breaker, clock } = setUp({
      detector: { kind: "consecutive_failures", failures: 2 },
      mode: "shadow",
    });
    expect(explain(breaker)).toBe("in shadow mode, it passes every call: 0 failures in a row, 2 open it");
    play(breaker, clock, "--");
    expect(explain(breaker)).toBe(
      "in shadow mode, it passes every call: it would have been open since 14:02:00: 2 calls failed in a row",
    );
    breaker.disable();
    expect(explain(breaker)).toBe("disabled: it passes every call and counts none");
  });
});

describe("explain", () => {
  it("shows times of day in UTC, in a zone, with the day where that is another, and ages on other clocks", () => {
    const { breaker, clock } = setUp();
    breaker.trip(undefined, 86_400_000);
    expect(explain(breaker, { timeZone: "Asia/Kolkata" })).toContain("open since 19:32:00: ");
    expect(explain(breaker, { timeZone: "local" })).toMatch(/^open since \d\d:\d\d:00: /);
    clock.advance(20 * 3_600_000);
    expect(explain(breaker)).toBe("open since 2026-11-30 14:02:00: it was tripped; next probe in 4 h");
    expect(explain(breaker, { timeZone: "America/New_York" })).toContain("since 2026-11-30 09:02:00");
    const other = new CircuitBreaker("other", { clock: manualClock(1_000) });
    other.trip(1_000);
    expect(explain(other, { nowMs: 1_350.5 })).toMatch(/^open for 351 ms: it was tripped; next probe in /);
  });

  it("keeps an error in one line of bounded length", () => {
    const { breaker, clock } = setUp({ detector: { kind: "consecutive_failures", failures: 1 } });
    play(breaker, clock, "-", new Error(`a\u001b[2J\nb\u202e${"x".repeat(400)}`));
    const text = explain(breaker);
    expect(text).toContain("last error: a [2J b x");
    expect(text.length).toBeLessThan(260);
    expect(text).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });

  it("tells the status of a failure once", () => {
    const errors = [
      [{ message: "HTTP 503", code: 503 }, "HTTP 503"],
      [{ message: "try later", code: 503 }, "503: try later"],
    ] as const;
    for (const [error, text] of errors) {
      const { breaker, clock } = setUp({ detector: { kind: "consecutive_failures", failures: 1 } });
      play(breaker, clock, "-", error);
      expect(explain(breaker)).toContain(`last error: ${text}; next probe`);
    }
  });

  it("refuses what is no breaker, an unknown option, a time zone or a time that is none", () => {
    const { breaker } = setUp();
    const registry = new CircuitBreakerRegistry();
    expect(() => explain(registry as never)).toThrow("breaker must be a CircuitBreaker, got an object");
    expect(() => explain(undefined as never)).toThrow("breaker must be a CircuitBreaker, got undefined");
    expect(() => explain(breaker, { zone: "UTC" } as never)).toThrow('unknown option "zone"');
    expect(() => explain(breaker, { timeZone: "Mars/Olympus" })).toThrow(
      'timeZone must be the name of a time zone, such as "Europe/Berlin", or "local", got "Mars/Olympus"',
    );
    expect(() => explain(breaker, { timeZone: 1 as never })).toThrow(
      "timeZone must be the name of a time zone, got 1",
    );
    expect(() => explain(breaker, { nowMs: -1 })).toThrow("nowMs must be 0 to");
  });

  it("reads a breaker that threads share", () => {
    using shared = createSharedRegistry({ threads: 2, clock: manualClock(START_MS) });
    const breaker = shared.get("payments", {
      detector: { kind: "consecutive_failures", failures: 1 },
      backoff: BACKOFF,
      halfOpen: { probes: 2 },
    });
    breaker.onFailure(breaker.tryAcquire());
    breaker.tryAcquire(START_MS + 4_100);
    expect(explain(breaker)).toBe(
      "half-open, 1 of 2 probes out, 0 of 1 succeeded; open since 14:02:00: a call failed",
    );
  });
});
