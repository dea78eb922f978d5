import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CircuitBreakerOptions } from "../../src/breaker/options/options.ts";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { tableOf } from "./table.ts";

const TEXT = readFileSync(join(import.meta.dirname, "../../docs/numbers.md"), "utf8");
const HEALTH_MS = 60_000;
const PATIENCE_MS = 120_000;
const REQUIRED_RATE = 0.8;

function tableUnder(first: string): string[][] {
  const rows = tableOf(TEXT, first);
  expect(rows.length).toBeGreaterThan(2);
  return rows;
}

/** Cells of the first column as numbers, and the others. */
function rowsOf(first: string): (readonly [number, readonly string[]])[] {
  return tableUnder(first).map(([head, ...cells]) => [Number(head!.replaceAll(",", "")), cells]);
}

function breakerOn(options: CircuitBreakerOptions) {
  return new CircuitBreakerRegistry({ clock: () => 0, seed: 1 }).get("endpoint", options);
}

/** ms from when a share of calls begins to fail until a breaker opens that was called at that rate for a minute; undefined: never. */
function opensAfter(callsPerSecond: number, share: number): number | undefined {
  const breaker = breakerOn({});
  const stepMs = 1_000 / callsPerSecond;
  const startMs = HEALTH_MS + stepMs / 2; // of the first call that is not healthy
  let failures = 0;
  for (let nowMs = stepMs / 2; nowMs < HEALTH_MS + PATIENCE_MS; nowMs += stepMs) {
    if (nowMs >= startMs - stepMs / 4) failures += share; // steps of a third of a second do not add up exactly
    const ticket = breaker.tryAcquire(nowMs);
    if (failures < 1) breaker.onSuccess(ticket, nowMs);
    else {
      failures--;
      breaker.onFailure(ticket, nowMs);
    }
    if (breaker.state === "open") return nowMs - startMs;
  }
  return undefined;
}

/** Seconds that a window reaches back: the least and the most, of a breaker that is called every 5 ms. */
function reachOf(buckets: number): readonly [number, number] {
  const breaker = breakerOn({ detector: { kind: "success_rate_over_time_window", buckets } });
  const stepMs = 5;
  const reach: number[] = [];
  for (let nowMs = stepMs; nowMs < 3 * HEALTH_MS; nowMs += stepMs) {
    breaker.onSuccess(breaker.tryAcquire(nowMs), nowMs);
    if (nowMs > HEALTH_MS) reach.push((breaker.snapshot(nowMs).calls * stepMs) / 1_000);
  }
  return [Math.min(...reach), Math.max(...reach)];
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways;
}

/** The probability that so many of n independent calls fail that their rate is below the required one. */
function tail(n: number, p: number): number {
  let sum = 0;
  for (let k = 0; k <= n; k++) {
    if ((n - k) / n < REQUIRED_RATE) sum += choose(n, k) * p ** k * (1 - p) ** (n - k);
  }
  return sum;
}

/** How long until a run of k failures, in calls, on average. */
function callsUntilRun(k: number, p: number): number {
  return (1 - p ** k) / (p ** k * (1 - p));
}

/** Probes that a breaker lets through while everything fails, and ms from the end of the outage to the next one. */
function outage(lengthMs: number): readonly [number, number] {
  const breaker = breakerOn({
    detector: { kind: "consecutive_failures", failures: 1 },
    backoff: { kind: "exponential", jitter: "none" },
  });
  let nowMs = 0;
  breaker.onFailure(breaker.tryAcquire(nowMs), nowMs);
  for (let probes = 0; ; probes++) {
    nowMs += breaker.retryAfterMs(nowMs);
    if (nowMs >= lengthMs) return [probes, nowMs - lengthMs];
    breaker.onFailure(breaker.tryAcquire(nowMs), nowMs);
  }
}

function percentages(header: RegExp): number[] {
  const line = TEXT.split("\n").find((one) => header.test(one))!; // the tests below would not find their table
  return [...line.matchAll(/p = (\d+) %/g)].map((found) => Number(found[1]) / 100);
}

describe("docs/numbers.md", () => {
  it("says how long a breaker takes to open", () => {
    for (const [rate, cells] of rowsOf("calls a second")) {
      const times = [1, 0.5, 0.25].map((share) => opensAfter(rate, share));
      const said = times.map((ms) => (ms === undefined ? "never" : `${(ms / 1_000).toFixed(1)} s`));
      expect(said, `${rate} a second`).toEqual(cells);
    }
  });

  it("says how far the window reaches back, by its buckets", () => {
    for (const [buckets, [cell]] of rowsOf("buckets")) {
      const [least, most] = reachOf(buckets);
      expect(`${least.toFixed(1)} to ${most.toFixed(1)} s`, `${buckets} buckets`).toBe(cell);
    }
  });

  it("says how often chance trips a rate", () => {
    const shares = percentages(/^\| calls in the window/);
    expect(shares).toHaveLength(4);
    for (const [calls, cells] of rowsOf("calls in the window")) {
      expect(
        shares.map((p) => tail(calls, p).toExponential(1)),
        `${calls} calls`,
      ).toEqual(cells);
    }
    expect(TEXT).toContain(`some ${Math.round(tail(20, 0.05) * 8_640)} false trips a day`);
  });

  it("says how often chance makes so many failures in a row", () => {
    const shares = percentages(/^\| failures \|/);
    for (const [failures, cells] of rowsOf("failures")) {
      for (const [column, p] of shares.entries()) {
        const calls = callsUntilRun(failures, p);
        expect(Number(cells[column]!.replaceAll(",", "")) / calls, `${failures} at ${p}`).toBeCloseTo(1, 1);
      }
    }
    expect(Math.round(callsUntilRun(5, 0.1) / 100 / 60)).toBe(19);
    expect((callsUntilRun(10, 0.1) / 100 / 86_400 / 365.25).toFixed(1)).toBe("3.5");
  });

  it("says how many probes an outage gets, and when its end is found out", () => {
    for (const [length, probes, found] of tableUnder("outage")) {
      const [, count, unit] = /^(\d+) (s|min)$/.exec(length!)!; // the only two units in the table
      const [sent, lateMs] = outage(Number(count) * (unit === "s" ? 1_000 : 60_000));
      expect([String(sent), `${lateMs / 1_000} s later`], length).toEqual([probes, found]);
    }
  });

  it("says how likely a flaky endpoint is taken back", () => {
    for (const [share, ...cells] of tableUnder("q")) {
      const q = Number.parseInt(share!, 10) / 100;
      expect(
        [1, 3, 5, 10].map((successes) => (q ** successes).toFixed(3)),
        share,
      ).toEqual(cells);
    }
  });
});
