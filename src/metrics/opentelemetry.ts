/** Instruments of OpenTelemetry. Nothing is imported: any meter that has these methods will do. */
import type { Unsubscribe } from "../breaker/events.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { observeReports } from "../features/report-observer.ts";
import { DURATIONS, FAMILIES, type Family, type Labels } from "./families.ts";
import type { Ledger } from "./ledger.ts";
import { borrowLedger, type MetricsOptions, readOptions, requireMethod } from "./options.ts";
import { REST_NAME } from "./report.ts";

/** An instrument that is read by a callback: made by the meter, and only handed back to it. */
export type ObservableInstrument = object;

/** Attributes of a measurement. */
export type MetricAttributes = Record<string, string>;

/** What a histogram is made with besides. */
export interface HistogramAdvice {
  /** Upper bounds of the buckets. */
  readonly explicitBucketBoundaries: number[];
}

/** A histogram of a meter. */
export interface HistogramInstrument {
  /** Adds one value. */
  record(value: number, attributes: MetricAttributes): void;
}

/** What an instrument is made with. */
export interface InstrumentOptions {
  /** What is measured. */
  readonly description: string;
  /** As UCUM writes it. */
  readonly unit: string;
  /** For histograms. */
  readonly advice?: HistogramAdvice;
}

/** What a batch callback writes to. */
export interface BatchResult {
  /** Gives the value of an instrument for these attributes. */
  observe(instrument: ObservableInstrument, value: number, attributes: MetricAttributes): void;
}

/** What `observe` needs of a meter: that of `@opentelemetry/api` from version 1.3 on has it. */
export interface MetricsMeter {
  /** Makes a gauge. */
  createObservableGauge(name: string, options: InstrumentOptions): ObservableInstrument;
  /** Makes a counter that shows a sum. */
  createObservableCounter(name: string, options: InstrumentOptions): ObservableInstrument;
  /** Makes a histogram. */
  createHistogram(name: string, options: InstrumentOptions): HistogramInstrument;
  /** Calls back at each collection. */
  addBatchObservableCallback(
    callback: (result: BatchResult) => void,
    instruments: ObservableInstrument[],
  ): void;
  /** The undo. */
  removeBatchObservableCallback(
    callback: (result: BatchResult) => void,
    instruments: ObservableInstrument[],
  ): void;
}

const PREFIX = "circuitbreaker.";
const METHODS = [
  "createObservableGauge",
  "createObservableCounter",
  "createHistogram",
  "addBatchObservableCallback",
  "removeBatchObservableCallback",
];

/**
 * Reports all breakers of a registry to a meter of OpenTelemetry, at each of its collections; returns the undo. Transitions by
 * cause and the time spent open are counted from this call on, everything else for the life of each breaker. With `durations`
 * each call is recorded in a histogram as it ends.
 * @throws OptionError when it is no meter or no registry, and for bad options.
 */
export function observe(
  meter: MetricsMeter,
  registry: CircuitBreakerRegistry,
  options: MetricsOptions = {},
): Unsubscribe {
  for (const method of METHODS) requireMethod("meter", meter, method);
  const { maximumSeries, bounds } = readOptions(registry, options, []);
  const { ledger, end } = borrowLedger(registry, { maximumSeries, bounds });
  ledger.report(maximumSeries); // decides which breakers have a name
  const instruments = FAMILIES.map((family) => {
    const given = instrumentOf(family);
    return family.type === "counter"
      ? meter.createObservableCounter(...given)
      : meter.createObservableGauge(...given);
  });
  const collect = (result: BatchResult) => {
    const report = ledger.report(maximumSeries);
    for (const [at, family] of FAMILIES.entries()) {
      for (const [labels, value] of family.samples(report)) {
        result.observe(instruments[at]!, value, attributesOf(labels));
      }
    }
  };
  meter.addBatchObservableCallback(collect, instruments);
  const stopRecording = bounds ? recordDurations(meter, registry, ledger, bounds) : () => {};
  let isOver = false;
  const undo = () => {
    if (isOver) return;
    isOver = true;
    meter.removeBatchObservableCallback(collect, instruments);
    stopRecording();
    end();
  };
  return Object.assign(undo, { [Symbol.dispose]: undo });
}

function instrumentOf({ name, help, ucum }: Family): [name: string, options: InstrumentOptions] {
  return [PREFIX + name, { description: help, unit: ucum }];
}

/** An instrument that is read by a callback cannot be a histogram. */
function recordDurations(
  meter: MetricsMeter,
  registry: CircuitBreakerRegistry,
  ledger: Ledger,
  bounds: readonly number[],
): () => void {
  const [name, options] = instrumentOf(DURATIONS);
  const advice = { explicitBucketBoundaries: bounds.map((bound) => bound / 1_000) };
  const histogram = meter.createHistogram(name, { ...options, advice });
  const { names } = registry._core;
  return observeReports(registry, (_, durationMs, weight, address) => {
    const endpoint = names.nameOf(address >>> 0);
    const isNamed = endpoint !== undefined && ledger.history.isTracked(endpoint);
    const attributes = attributesOf({ name: isNamed ? endpoint : REST_NAME });
    for (let call = 0; call < weight; call++) histogram.record(durationMs / 1_000, attributes);
  });
}

function attributesOf(labels: Labels): MetricAttributes {
  return Object.fromEntries(Object.entries(labels).map(([label, value]) => [PREFIX + label, value]));
}
