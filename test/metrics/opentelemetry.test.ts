import type { Meter } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { afterEach, describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { type MetricsMeter, metricsText, observe } from "../../src/entry/metrics.ts";
import { manualClock, openByFailures } from "../../src/features/testing.ts";
import { valuesOf } from "./exposition.ts";

const providers: MeterProvider[] = [];

afterEach(async () => {
  for (const provider of providers.splice(0)) await provider.shutdown();
});

/** A meter of the SDK, and what it has collected by now. */
function openMeter(temporality = AggregationTemporality.CUMULATIVE) {
  const exporter = new InMemoryMetricExporter(temporality);
  // An interval that no test reaches: they collect by `forceFlush`.
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 86_400_000 });
  const provider = new MeterProvider({ readers: [reader] });
  providers.push(provider);
  const meter: Meter = provider.getMeter("test");
  const collect = async (): Promise<ReadonlyMap<string, MetricData>> => {
    exporter.reset();
    await provider.forceFlush();
    const metrics = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((one) => one.metrics));
    return new Map(metrics.map((metric) => [metric.descriptor.name, metric]));
  };
  return { meter, collect };
}

/** Values of a metric by those of its attributes. */
function pointsOf(metric: MetricData | undefined): Record<string, unknown> {
  const points = metric?.dataPoints.map(({ attributes, value }) => [
    Object.values(attributes).join(" "),
    value,
  ]);
  return Object.fromEntries(points ?? []);
}

function setUp() {
  const clock = manualClock();
  const registry = new CircuitBreakerRegistry({
    clock,
    defaults: { detector: { minimumCalls: 4 }, backoff: { kind: "constant", delayMs: 500 } },
  });
  return { clock, registry };
}

describe("instruments of OpenTelemetry", () => {
  it("show every breaker at each collection, as the text does", async () => {
    const { clock, registry } = setUp();
    const { meter, collect } = openMeter();
    observe(meter, registry);
    registry.get("search").executeSync(() => 1);
    openByFailures(registry.get("payments"));
    registry.get("payments").tryAcquire();
    clock.advance(250);
    const metrics = await collect();
    expect([...metrics.keys()].sort()).toEqual([
      "circuitbreaker.calls",
      "circuitbreaker.count",
      "circuitbreaker.late_results",
      "circuitbreaker.open_time",
      "circuitbreaker.openings",
      "circuitbreaker.pending_calls",
      "circuitbreaker.refused_calls",
      "circuitbreaker.share",
      "circuitbreaker.state",
      "circuitbreaker.success_ratio",
      "circuitbreaker.transitions",
    ]);
    const text = metricsText(registry);
    for (const [name, series] of [
      ["calls", "_calls_total"],
      ["state", "_state"],
      ["refused_calls", "_refused_calls_total"],
      ["transitions", "_transitions_total"],
      ["open_time", "_open_seconds_total"],
      ["success_ratio", "_success_ratio"],
      ["count", "s"],
    ] as const) {
      expect(pointsOf(metrics.get(`circuitbreaker.${name}`)), name).toEqual(valuesOf(text, series));
    }
    expect(pointsOf(metrics.get("circuitbreaker.open_time"))).toEqual({ search: 0, payments: 0.25 });
  });

  it("have attributes, units and descriptions", async () => {
    const { registry } = setUp();
    const { meter, collect } = openMeter();
    observe(meter, registry);
    openByFailures(registry.get("payments"));
    const metrics = await collect();
    const units = [...metrics.values()].map(({ descriptor }) => [descriptor.name.slice(15), descriptor.unit]);
    expect(Object.fromEntries(units)).toEqual({
      calls: "{call}",
      count: "{breaker}",
      late_results: "{call}",
      open_time: "s",
      openings: "{opening}",
      pending_calls: "{call}",
      refused_calls: "{call}",
      share: "1",
      state: "1",
      transitions: "{transition}",
    });
    expect(metrics.get("circuitbreaker.transitions")).toMatchObject({
      descriptor: { description: expect.stringContaining("Changes of the breaker") },
      isMonotonic: true,
      dataPoints: [
        {
          attributes: {
            "circuitbreaker.name": "payments",
            "circuitbreaker.to": "open",
            "circuitbreaker.cause": "success_rate_over_time_window",
          },
          value: 1,
        },
      ],
    });
  });

  it("give differences where the exporter asks for them, and forget a name with its breaker", async () => {
    const { registry } = setUp();
    const { meter, collect } = openMeter(AggregationTemporality.DELTA);
    observe(meter, registry);
    registry.get("a").executeSync(() => 1);
    registry.get("b").executeSync(() => 1);
    await collect();
    registry.get("a").executeSync(() => 1);
    registry.delete("b");
    const metrics = await collect();
    expect(pointsOf(metrics.get("circuitbreaker.calls"))).toMatchObject({ "a success": 1 });
    expect(pointsOf(metrics.get("circuitbreaker.calls"))).not.toHaveProperty("b success");
    expect(pointsOf(metrics.get("circuitbreaker.state"))).not.toHaveProperty("b closed");
  });

  it("record durations in a histogram, also those of a new breaker, and of the rest", async () => {
    const { registry } = setUp();
    const { meter, collect } = openMeter();
    observe(meter, registry, { durations: [5, 50], maximumSeries: 100 });
    const names = Array.from({ length: 9 }, (_, n) => `host ${n}`);
    for (const name of names) {
      const breaker = registry.get(name);
      breaker.onSuccess(breaker.tryAcquire(), undefined, 10, 2);
    }
    const histogram = (await collect()).get("circuitbreaker.call.duration");
    expect(histogram?.descriptor.unit).toBe("s");
    const points = pointsOf(histogram) as Record<
      string,
      { count: number; buckets: { boundaries: number[] } }
    >;
    expect(points["host 0"]).toMatchObject({
      count: 2,
      buckets: { boundaries: [0.005, 0.05], counts: [0, 2, 0] },
    });
    const counts = Object.values(points).map(({ count }) => count);
    expect(counts.reduce((sum, count) => sum + count)).toBe(18);
    expect(points["*"]!.count).toBeGreaterThan(2);
  });

  it("stop at the undo: nothing is collected or timed any more, and a text begins anew", async () => {
    const { clock, registry } = setUp();
    const { meter, collect } = openMeter(AggregationTemporality.DELTA);
    const other = openMeter();
    const undo = observe(meter, registry, { durations: [5] });
    using second = observe(other.meter, registry);
    const { policies } = registry._engine;
    expect(policies.observers).toBe(1);
    openByFailures(registry.get("payments"));
    undo();
    undo();
    expect(await collect()).toEqual(new Map());
    const seen = pointsOf((await other.collect()).get("circuitbreaker.openings"));
    expect(seen).toEqual({ payments: 1 });
    second[Symbol.dispose]();
    expect(policies.observers).toBe(0);
    expect(registry._engine.dispatcher.hasListeners).toBe(false);
    clock.advance(100);
    const text = metricsText(registry);
    expect(valuesOf(text, "_openings_total")).toEqual({ payments: 1 });
    expect(valuesOf(text, "_open_seconds_total")).toEqual({ payments: 0 });
  });

  it("refuse what is no meter or no registry, before anything is made", () => {
    const { registry } = setUp();
    const { meter } = openMeter();
    const made: string[] = [];
    const half = { createObservableCounter: () => made.push("counter") } as unknown as MetricsMeter;
    expect(() => observe(half, registry)).toThrow(
      "meter.createObservableGauge must be a function, got undefined",
    );
    expect(() => observe(undefined as never, registry)).toThrow(
      "meter.createObservableGauge must be a function",
    );
    expect(() => observe(meter, {} as never)).toThrow("registry must be a CircuitBreakerRegistry");
    expect(() => observe(meter, registry, { format: "openmetrics" } as never)).toThrow(
      'unknown option "format"',
    );
    expect(made).toEqual([]);
    expect(registry._engine.dispatcher.hasListeners).toBe(false);
  });
});
