/** docs/numbers.md on calls that hang, and on the way back. */
import { describe, expect, it } from "vitest";
import { type CircuitBreakerOptions, resolveOptions } from "../../src/breaker/options.ts";
import { breakerOn, HEALTH_MS, PATIENCE_MS, REQUIRED_RATE, rowsOf, TEXT, tail } from "./figures.ts";

const TIME_WINDOW = "success_rate_over_time_window";
const WINDOW_MS = 10_000;

/** A healthy minute at 1,000 calls a second, then no call ends but by its timeout: ms until it opens, and calls that are out. */
function hang(options: CircuitBreakerOptions, timeoutMs = PATIENCE_MS): { opensMs: number; out: number } {
  const breaker = breakerOn(options);
  const calls: { readonly endMs: number; readonly ticket: number }[] = [];
  let ended = 0;
  for (let nowMs = 0.5; nowMs < HEALTH_MS + PATIENCE_MS; nowMs++) {
    for (let call = calls[ended]; call !== undefined && call.endMs <= nowMs; call = calls[++ended]) {
      breaker.onFailure(call.ticket, call.endMs);
    }
    const ticket = breaker.tryAcquire(nowMs);
    if (breaker.state === "open") return { opensMs: nowMs - HEALTH_MS, out: calls.length - ended };
    if (nowMs < HEALTH_MS) breaker.onSuccess(ticket, nowMs);
    else calls.push({ endMs: nowMs + timeoutMs, ticket });
  }
  throw new Error("it never opened");
}

/** A breaker at the beginning of its ramp, and when that is. */
function onRamp(options: CircuitBreakerOptions): { breaker: ReturnType<typeof breakerOn>; startMs: number } {
  const breaker = breakerOn({ ...options, backoff: [1] });
  while (breaker.state === "closed") breaker.onFailure(breaker.tryAcquire(0), 0);
  breaker.onSuccess(breaker.tryAcquire(1), 1);
  return { breaker, startMs: 1 };
}

/** What becomes of good calls on the ramp, until it is closed. */
function returnAt(callsPerSecond: number): { passed: readonly number[]; refused: number } {
  const { breaker, startMs } = onRamp({ halfOpen: { ramp: {} } });
  const passed = [0, 0, 0];
  for (let refused = 0, call = 0; ; call++) {
    const sinceMs = ((call + 0.5) * 1_000) / callsPerSecond;
    const ticket = breaker.tryAcquire(startMs + sinceMs);
    if (breaker.state === "closed") return { passed, refused };
    if (ticket === 0) refused++;
    else {
      passed[Math.floor(sinceMs / 5_000)]!++; // three steps of 5 s; then it is closed
      breaker.onSuccess(ticket, startMs + sinceMs);
    }
  }
}

/** Calls that fail until a ramp of one share ends. */
function verdictOnRamp(minimumCalls: number, share: number): number {
  const detector = { kind: TIME_WINDOW, minimumCalls } as const;
  const { breaker, startMs } = onRamp({ detector, halfOpen: { ramp: { shares: [share] } } });
  let calls = 0;
  while (breaker.state === "half_open") {
    const ticket = breaker.tryAcquire(startMs);
    if (ticket === 0) continue;
    breaker.onFailure(ticket, startMs);
    calls++;
  }
  return calls;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

describe("docs/numbers.md", () => {
  it("says when calls that hang are found out, by their timeout or sooner", () => {
    for (const [timeoutMs, cells] of rowsOf("timeoutMs")) {
      const { opensMs, out } = hang({}, timeoutMs);
      expect([seconds(opensMs), out.toLocaleString("en")], `${timeoutMs} ms`).toEqual(cells);
    }
    for (const [hungAfterMs, cells] of rowsOf("hungAfterMs")) {
      for (const [column, buckets] of [10, 20, 50].entries()) {
        const { opensMs } = hang({ detector: { kind: TIME_WINDOW, buckets, hungAfterMs } });
        expect(seconds(opensMs), `${hungAfterMs} ms, ${buckets} buckets`).toBe(cells[column]);
        const soonestMs = hungAfterMs + (1 - REQUIRED_RATE) * (WINDOW_MS - hungAfterMs);
        expect(opensMs).toBeGreaterThanOrEqual(soonestMs);
        expect(opensMs).toBeLessThanOrEqual(soonestMs + WINDOW_MS / buckets + 1); // a call a ms
      }
    }
  });

  it("says how many calls pass on the ramp, and how many it refuses", () => {
    const { shares, stepMs } = resolveOptions({ halfOpen: { ramp: {} } }).halfOpen.ramp!; // just asked for
    const lost = shares.reduce((sum, share) => sum + (1 - share) * stepMs, 0) / 1_000;
    expect(TEXT).toContain(
      `${shares.length} × ${stepMs / 1_000} s = ${(shares.length * stepMs) / 1_000} s more`,
    );
    expect(TEXT).toContain(`= ${lost} s worth of calls`);
    for (const [rate, cells] of rowsOf("calls a second", "| 10 % for 5 s")) {
      const { passed, refused } = returnAt(rate);
      expect(
        [...passed, refused].map((calls) => calls.toLocaleString("en")),
        `${rate} a second`,
      ).toEqual(cells);
      expect(refused / rate).toBeCloseTo(lost, 0);
    }
  });

  it("says how many calls are enough for a verdict on the ramp, and how often chance gives it", () => {
    for (const [minimumCalls, cells] of rowsOf("minimumCalls")) {
      const said = [0.1, 0.25, 0.5].map((share) => {
        const calls = verdictOnRamp(minimumCalls, share);
        return `${calls} calls: ${tail(calls, 0.01).toExponential(1)}`;
      });
      expect(said, `minimumCalls ${minimumCalls}`).toEqual(cells);
    }
  });
});
