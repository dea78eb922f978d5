/**
 * `bluesmoke/metrics`: the breakers of a registry for Prometheus, OpenMetrics and OpenTelemetry. Needs no other package.
 * @module bluesmoke/metrics
 */
export {
  type BatchResult,
  type HistogramAdvice,
  type HistogramInstrument,
  type InstrumentOptions,
  type MetricAttributes,
  type MetricsMeter,
  type ObservableInstrument,
  observe,
} from "../metrics/opentelemetry.ts";
export type { MetricsOptions } from "../metrics/options.ts";
export {
  type MetricsTextOptions,
  metricsText,
  OPENMETRICS_CONTENT_TYPE,
  PROMETHEUS_CONTENT_TYPE,
} from "../metrics/prometheus.ts";
