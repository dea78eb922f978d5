/** The text formats of Prometheus and OpenMetrics. */
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { nameOption } from "../breaker/validate.ts";
import { DURATION, DURATION_SUM } from "./counts.ts";
import { DURATIONS, FAMILIES, type Family, type Labels } from "./families.ts";
import { ledgerOf, type MetricsOptions, readOptions } from "./options.ts";
import type { Report } from "./report.ts";

/** `Content-Type` of the text format of Prometheus, 0.0.4: every version reads it. */
export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
/** `Content-Type` of OpenMetrics 1.0. */
export const OPENMETRICS_CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** What `metricsText` writes. */
export interface MetricsTextOptions extends MetricsOptions {
  /** "prometheus": text format 0.0.4; "openmetrics": 1.0, with its units and its last line. Default "prometheus". */
  readonly format?: "prometheus" | "openmetrics" | undefined;
}

const FORMATS = ["prometheus", "openmetrics"] as const;

/**
 * All breakers of a registry as a text for a scraper. The first call begins to count what only events tell: transitions by
 * cause and the time spent open, so call it once when the program starts if nothing scrapes it at once. Everything else is
 * counted for the life of each breaker.
 * @throws OptionError when it is no registry, and for bad options.
 */
export function metricsText(registry: CircuitBreakerRegistry, options: MetricsTextOptions = {}): string {
  const { format, ...others } = readOptions(registry, options, ["format"]);
  const isOpenMetrics = nameOption("format", format, FORMATS, "prometheus") === "openmetrics";
  const report = ledgerOf(registry, others).report(others.maximumSeries);
  const lines: string[] = [];
  for (const family of FAMILIES) {
    const name = nameOf(family);
    const sample = family.type === "counter" ? `${name}_total` : name;
    const samples = Array.from(family.samples(report), ([labels, value]) => line(sample, labels, value));
    if (samples.length > 0) lines.push(...headOf(family, name, isOpenMetrics), ...samples);
  }
  lines.push(...histogramOf(report, isOpenMetrics));
  if (isOpenMetrics) lines.push("# EOF");
  return `${lines.join("\n")}\n`;
}

function nameOf({ id, unit }: Family): string {
  return unit ? `${id}_${unit}` : id;
}

/** Before OpenMetrics the name of a counter had its "_total" here, too. */
function headOf({ type, unit, help }: Family, name: string, isOpenMetrics: boolean): string[] {
  const family = type === "counter" && !isOpenMetrics ? `${name}_total` : name;
  return [
    `# HELP ${family} ${help}`,
    `# TYPE ${family} ${type}`,
    ...(isOpenMetrics && unit ? [`# UNIT ${family} ${unit}`] : []),
  ];
}

function histogramOf({ rows, bounds }: Report, isOpenMetrics: boolean): string[] {
  const measured = rows.filter(({ counts }) => counts.has(DURATION_SUM));
  if (!bounds || measured.length === 0) return [];
  const family = nameOf(DURATIONS);
  const lines = headOf(DURATIONS, family, isOpenMetrics);
  for (const { name, counts } of measured) {
    let calls = 0;
    for (const [at, bound] of [...bounds, Infinity].entries()) {
      calls += counts.get(DURATION + at) ?? 0;
      lines.push(line(`${family}_bucket`, { name, le: boundText(bound / 1_000) }, calls));
    }
    lines.push(line(`${family}_sum`, { name }, counts.get(DURATION_SUM)!)); // all that are measured have one
    lines.push(line(`${family}_count`, { name }, calls));
  }
  return lines;
}

/** "1.0" as OpenMetrics writes it, in both formats: the series are the same then. */
function boundText(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}.0` : numberText(seconds);
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}{${pairs.join(",")}} ${numberText(value)}`;
}

/** As Go writes it, where that differs. */
function numberText(value: number): string {
  return String(value).replace("Infinity", "+Inf");
}

/** Any text as the value of a label. A half of a surrogate pair, which UTF-8 cannot write, shows its number. */
export function escapeLabel(text: string): string {
  if (!/[\\"\n\0\ud800-\udfff]/.test(text)) return text;
  return text
    .replace(/[\\"]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replace(/\p{Surrogate}|\0/gu, (half) => `\ufffd${half.charCodeAt(0).toString(16)}`);
}
