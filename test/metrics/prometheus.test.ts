import { describe, expect, it } from "vitest";
import {
  type CircuitBreaker,
  CircuitBreakerRegistry,
  evictIdle,
  exportState,
  importState,
} from "../../src/entry/main.ts";
import { metricsText, OPENMETRICS_CONTENT_TYPE, PROMETHEUS_CONTENT_TYPE } from "../../src/entry/metrics.ts";
import { createSharedRegistry } from "../../src/entry/threads.ts";
import { closeByProbes, manualClock, openByFailures } from "../../src/features/testing.ts";
import { samplesOf, valuesOf } from "./exposition.ts";

function setUp() {
  const clock = manualClock();
  const registry = new CircuitBreakerRegistry({
    clock,
    defaults: {
      detector: { minimumCalls: 4, windowMs: 1_000 },
      backoff: { kind: "constant", delayMs: 500 },
    },
  });
  return { clock, registry };
}

function succeed(breaker: CircuitBreaker, weight = 1): void {
  breaker.onSuccess(breaker.tryAcquire(), undefined, undefined, weight);
}

describe("the text of a registry", () => {
  it("has the counts, the state and the rates of each breaker", () => {
    const { clock, registry } = setUp();
    metricsText(registry);
    const payments = registry.get("payments");
    succeed(registry.get("search"), 9);
    succeed(payments, 2);
    openByFailures(payments);
    payments.tryAcquire();
    clock.advance(250);
    const text = metricsText(registry);
    expect(valuesOf(text, "_state")).toEqual({
      "search closed": 1,
      "search half_open": 0,
      "search open": 0,
      "payments closed": 0,
      "payments half_open": 0,
      "payments open": 1,
    });
    expect(valuesOf(text, "_calls_total")).toMatchObject({
      "search success": 9,
      "search failure": 0,
      "payments success": 2,
      "payments failure": 2,
    });
    expect(valuesOf(text, "_refused_calls_total")).toEqual({ "search open": 0, "payments open": 1 });
    expect(valuesOf(text, "_openings_total")).toEqual({ search: 0, payments: 1 });
    expect(valuesOf(text, "_transitions_total")).toEqual({
      "payments open success_rate_over_time_window": 1,
    });
    expect(valuesOf(text, "_open_seconds_total")).toEqual({ search: 0, payments: 0.25 });
    expect(valuesOf(text, "_success_ratio")).toEqual({ search: 1 });
    expect(valuesOf(text, "_share_ratio")).toEqual({ search: 1, payments: 0 });
    expect(valuesOf(text, "_late_results_total")).toEqual({ search: 0, payments: 0 });
    expect(valuesOf(text, "_pending_calls")).toEqual({ search: 0, payments: 0 });
    expect(valuesOf(text, "s")).toEqual({ closed: 1, half_open: 0, open: 1 });
    expect(text).not.toContain('"*"');
    closeByProbes(payments, clock);
    clock.advance(10_000);
    expect(valuesOf(metricsText(registry), "_open_seconds_total")).toEqual({ search: 0, payments: 0.5 });
    expect(valuesOf(metricsText(registry), "_transitions_total")).toEqual({
      "payments open success_rate_over_time_window": 1,
      "payments half_open delay_ended": 1,
      "payments closed probes_succeeded": 1,
    });
  });

  it("counts calls from the making of a breaker, and what events tell from the first text", () => {
    const { clock, registry } = setUp();
    const payments = registry.get("payments");
    openByFailures(payments);
    clock.advance(100);
    const text = metricsText(registry);
    expect(valuesOf(text, "_calls_total")["payments failure"]).toBe(4);
    expect(valuesOf(text, "_openings_total")).toEqual({ payments: 1 });
    expect(valuesOf(text, "_transitions_total")).toEqual({});
    expect(valuesOf(text, "_open_seconds_total")).toEqual({ payments: 0 });
    clock.advance(100);
    expect(valuesOf(metricsText(registry), "_open_seconds_total")).toEqual({ payments: 0.1 });
  });

  it("has slow and throttled calls only of a breaker that had some", () => {
    const { registry } = setUp();
    const slow = registry.get("slow", { detector: { slowCallMs: 100, minimumCalls: 50 } });
    slow.onSuccess(slow.tryAcquire(), undefined, 200);
    succeed(registry.get("quick"));
    registry.get("off").forceOpen();
    registry.get("off").tryAcquire();
    const text = metricsText(registry);
    expect(valuesOf(text, "_slow_calls_total")).toEqual({ slow: 1 });
    expect(valuesOf(text, "_refused_calls_total")).toMatchObject({ "off forced_open": 1, "quick open": 0 });
    expect(valuesOf(text, "_refused_calls_total")).not.toHaveProperty("quick forced_open");
  });

  it("has a histogram of durations where that is asked for", () => {
    const { registry } = setUp();
    metricsText(registry, { durations: [5, 50, 1_000] });
    const payments = registry.get("payments");
    for (const ms of [1, 5, 49, 50.5, 999, 60_000])
      payments.onSuccess(payments.tryAcquire(), undefined, ms, 2);
    payments.onFailure(payments.tryAcquire(), undefined, 10);
    succeed(registry.get("of unknown duration"));
    const text = metricsText(registry);
    expect(valuesOf(text, "_call_duration_seconds_bucket")).toEqual({
      "payments 0.005": 4,
      "payments 0.05": 7,
      "payments 1.0": 11,
      "payments +Inf": 13,
    });
    expect(valuesOf(text, "_call_duration_seconds_count")).toEqual({ payments: 13 });
    expect(valuesOf(text, "_call_duration_seconds_sum").payments).toBeCloseTo(122.219, 9);
  });

  it("times the calls of execute by default in fourteen buckets", async () => {
    const { registry, clock } = setUp();
    metricsText(registry, { durations: true });
    await registry.get("payments").execute(() => clock.advance(80));
    const buckets = valuesOf(metricsText(registry), "_call_duration_seconds_bucket");
    expect(Object.keys(buckets)).toHaveLength(15);
    expect(buckets).toMatchObject({ "payments 0.075": 0, "payments 0.1": 1, "payments +Inf": 1 });
  });

  it("goes on with the counters of an imported registry where they were", () => {
    const { registry, clock } = setUp();
    succeed(registry.get("payments"), 30);
    const after = new CircuitBreakerRegistry({ clock });
    importState(after, exportState(registry));
    expect(valuesOf(metricsText(after), "_calls_total")["payments success"]).toBe(30);
  });

  it("shows the time open of a breaker whose state was imported, from its first text on", () => {
    const { registry, clock } = setUp();
    registry.get("payments").trip();
    const after = new CircuitBreakerRegistry({ clock });
    metricsText(after);
    importState(after, exportState(registry));
    metricsText(after);
    clock.advance(300);
    expect(valuesOf(metricsText(after), "_open_seconds_total")).toEqual({ payments: 0.3 });
  });

  it("tells what a breaker in shadow mode would have done, as closed", () => {
    const { registry, clock } = setUp();
    metricsText(registry);
    const payments = registry.get("payments", { mode: "shadow" });
    for (let call = 0; call < 4; call++) payments.onFailure(payments.tryAcquire());
    clock.advance(100);
    const text = metricsText(registry);
    expect(valuesOf(text, "_state")["payments closed"]).toBe(1);
    expect(valuesOf(text, "_open_seconds_total")).toEqual({ payments: 0 });
    expect(valuesOf(text, "_transitions_total")).toEqual({
      "payments open success_rate_over_time_window": 1,
    });
  });

  it("covers the breakers that threads share", () => {
    using shared = createSharedRegistry({ threads: 2, defaults: { detector: "consecutive_failures" } });
    metricsText(shared);
    openByFailures(shared.get("payments"));
    const text = metricsText(shared);
    expect(valuesOf(text, "_calls_total")["payments failure"]).toBe(5);
    expect(valuesOf(text, "_transitions_total")).toEqual({ "payments open consecutive_failures": 1 });
  });
});

describe("names", () => {
  it("are written with escapes, and without halves of surrogate pairs, each still different", () => {
    const { registry } = setUp();
    const names = ['a"b', "a\\b", "a\nb", "größe 🚀", "\ud800", "\ud801", "nul\0", "a\tb\r"];
    for (const name of names) succeed(registry.get(name));
    const series = valuesOf(metricsText(registry), "_openings_total");
    expect(Object.keys(series)).toEqual([
      'a\\"b',
      "a\\\\b",
      "a\\nb",
      "größe 🚀",
      "\ufffdd800",
      "\ufffdd801",
      "nul\ufffd0",
      "a\tb\r",
    ]);
  });

  it("vanish with their breakers: what these counted is kept in no series but that of the rest", () => {
    const { clock, registry } = setUp();
    for (const name of ["a", "b"]) succeed(registry.get(name));
    expect(Object.keys(valuesOf(metricsText(registry), "_openings_total"))).toEqual(["a", "b"]);
    clock.advance(2_000);
    evictIdle(registry);
    expect(metricsText(registry)).not.toContain('name="');
    succeed(registry.get("c"), 5);
    registry.delete("c"); // before any text has shown it
    expect(valuesOf(metricsText(registry), "_calls_total")).toEqual({ "* success": 5, "* failure": 0 });
  });

  it("go on with their counters when a breaker is deleted and made anew between two texts", () => {
    const { registry } = setUp();
    succeed(registry.get("a"), 7);
    metricsText(registry);
    succeed(registry.get("a"), 2);
    registry.delete("a");
    succeed(registry.get("a"), 1);
    const text = metricsText(registry);
    expect(valuesOf(text, "_calls_total")).toEqual({ "a success": 10, "a failure": 0 });
  });

  it("of breakers that never had a call are not there", () => {
    const { registry } = setUp();
    registry.get("idle");
    expect(samplesOf(metricsText(registry)).size).toBe(3);
    expect(valuesOf(metricsText(registry), "s")).toEqual({ closed: 1, half_open: 0, open: 0 });
  });

  it('never are that of the rest: a breaker of the name "*" is counted there', () => {
    const { registry } = setUp();
    succeed(registry.get("*"), 3);
    succeed(registry.get("a"));
    const text = metricsText(registry);
    expect(valuesOf(text, "_calls_total")).toMatchObject({ "* success": 3, "a success": 1 });
    expect(valuesOf(text, "_state")).not.toHaveProperty("* closed");
  });
});

describe("a registry with more breakers than series allow", () => {
  it("has at most 1,000 series, those that are not closed first, then those with most calls", () => {
    const { registry } = setUp();
    for (let n = 0; n < 500; n++) succeed(registry.get(`host ${n}`), n + 1);
    for (let n = 0; n < 3; n++) openByFailures(registry.get(`down ${n}`));
    const text = metricsText(registry);
    const samples = samplesOf(text);
    expect(samples.size).toBeLessThanOrEqual(1_000);
    expect(samples.size).toBeGreaterThan(900);
    const named = Object.keys(valuesOf(text, "_openings_total")).slice(0, -1);
    expect(named.slice(0, 4)).toEqual(["down 0", "down 1", "down 2", "host 499"]);
    expect(named.length).toBeGreaterThan(75);
    const successes = valuesOf(text, "_calls_total");
    const shown = Object.keys(successes).filter((key) => key.endsWith("success"));
    expect(shown.reduce((sum, key) => sum + successes[key]!, 0)).toBe((500 * 501) / 2);
    expect(valuesOf(text, "s")).toEqual({ closed: 500, half_open: 0, open: 3 });
    expect(samplesOf(metricsText(registry, { maximumSeries: 100_000 })).size).toBeGreaterThan(6_000);
  });

  it("keeps a name while its breaker is quiet, and gives it up for one that is not closed", () => {
    const { clock, registry } = setUp();
    const options = { maximumSeries: 100 };
    for (let n = 0; n < 20; n++) succeed(registry.get(`host ${n}`), 100 - n);
    const named = () => Object.keys(valuesOf(metricsText(registry, options), "_openings_total"));
    const first = named();
    expect(first.slice(0, 3)).toEqual(["host 0", "host 1", "host 2"]);
    clock.advance(2_000);
    for (let n = 19; n > 10; n--) succeed(registry.get(`host ${n}`), 1_000);
    expect(named()).toEqual(first);
    openByFailures(registry.get("host 19"));
    expect(named()).toEqual(["host 19", ...first.slice(0, -2), "*"]);
    const counts = valuesOf(metricsText(registry, options), "_calls_total");
    expect(counts["host 19 success"]).toBe(0); // the rest has shown them
    clock.advance(10_000);
    closeByProbes(registry.get("host 19"), clock);
    expect(named()).toContain("host 19");
  });
});

describe("the formats", () => {
  it("are the text format 0.0.4 and OpenMetrics 1.0", () => {
    const { registry } = setUp();
    openByFailures(registry.get("payments"));
    const text = metricsText(registry);
    expect(text).toMatch(
      /^# HELP bluesmoke_circuit_breaker_state 1 for [^\n]*\n# TYPE bluesmoke_circuit_breaker_state gauge\n/,
    );
    expect(text).toContain("# TYPE bluesmoke_circuit_breaker_open_seconds_total counter\n");
    expect(text).not.toMatch(/# UNIT|# EOF/);
    expect(text.endsWith("\n")).toBe(true);
    const open = metricsText(registry, { format: "openmetrics" });
    expect(open).toContain(
      "# TYPE bluesmoke_circuit_breaker_open_seconds counter\n# UNIT bluesmoke_circuit_breaker_open_seconds seconds\nbluesmoke_circuit_breaker_open_seconds_total{",
    );
    expect(open.endsWith("} 1\n# EOF\n")).toBe(true);
    expect([...samplesOf(open).keys()]).toEqual([...samplesOf(text).keys()]);
    expect(PROMETHEUS_CONTENT_TYPE).toMatch(/^text\/plain; version=0\.0\.4;/);
    expect(OPENMETRICS_CONTENT_TYPE).toMatch(/^application\/openmetrics-text; version=1\.0\.0;/);
  });
});

describe("bad input", () => {
  it.each([
    [{}, "registry must be a CircuitBreakerRegistry, got an object"],
    [undefined, "registry must be a CircuitBreakerRegistry, got undefined"],
    [new CircuitBreakerRegistry().get("a"), "registry must be a CircuitBreakerRegistry, got an object"],
  ])("is refused where it is no registry: %s", (registry, message) => {
    expect(() => metricsText(registry as never)).toThrow(message);
  });

  it.each([
    [
      { maximumSeris: 5 },
      'unknown option "maximumSeris"; expected one of maximumSeries, durations, format; did you mean',
    ],
    [{ maximumSeries: 99 }, "maximumSeries must be a whole number from 100 to 1000000, got 99"],
    [{ maximumSeries: Number.NaN }, "maximumSeries must be a whole number from 100 to 1000000, got NaN"],
    [{ format: "json" }, 'format must be one of "prometheus", "openmetrics", got "json"'],
    [{ durations: 5 }, "durations must be a boolean or an array of ms, got 5"],
    [{ durations: [] }, "durations.length must be a whole number from 1 to 50, got 0"],
    [{ durations: [5, 5] }, "durations[1] must be more than 5, got 5"],
    [{ durations: [0] }, "durations[0] must be 0.001 to 86400000, got 0"],
  ])("is refused with what is allowed: %j", (options, message) => {
    expect(() => metricsText(new CircuitBreakerRegistry(), options as never)).toThrow(message);
  });

  it("is other durations than those that are measured", () => {
    const registry = new CircuitBreakerRegistry();
    metricsText(registry, { durations: [5, 10] });
    metricsText(registry);
    metricsText(registry, { durations: [5, 10] });
    expect(() => metricsText(registry, { durations: [5, 11] })).toThrow(
      "durations must be those that are measured already, 5, 10, got 5, 11",
    );
  });
});
