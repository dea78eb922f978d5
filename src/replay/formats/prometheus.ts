/**
 * The answer of Prometheus' `/api/v1/query_range`: a series for each endpoint and outcome, as a counter (its name ends in _total or
 * _count) or as calls a second (`rate(…)`). Calls are spread evenly over a step, since no more is known.
 */
import { type CallTraceBuilder, FAILURE, MAXIMUM_WEIGHT, REFUSED, SUCCESS } from "../calls/call-trace.ts";
import { TraceError } from "../trace-error.ts";
import { outcomeOfStatus } from "./line-format.ts";

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

/** Labels that name the endpoint, and those that tell the outcome; the first that is there counts. */
const ENDPOINTS = ["endpoint", "upstream", "service", "host", "backend", "cluster", "job", "instance"];
const OUTCOMES = [
  "outcome",
  "result",
  "status",
  "code",
  "status_code",
  "http_response_status_code",
  "status_class",
];
/** Entries that the calls of a step become at most, each with a weight. */
const ENTRIES_OF_STEP = 50;

/** Whether a JSON value is such an answer. */
export function isPrometheus(value: unknown): boolean {
  const { data } = (value ?? {}) as { data?: { resultType?: unknown; result?: unknown } };
  return data?.resultType === "matrix" && Array.isArray(data.result);
}

/** Adds all series. @throws TraceError at one that has no values, or no label that tells an outcome */
export function readPrometheus(value: unknown, builder: CallTraceBuilder): void {
  const { result } = (value as { data: { result: readonly Series[] } }).data;
  for (const [index, series] of result.entries()) {
    const metric = series?.metric ?? {};
    const label = OUTCOMES.find((name) => metric[name] !== undefined);
    if (label === undefined || !Array.isArray(series.values)) {
      const wanted = `a series must have values and one of the labels ${OUTCOMES.join(", ")},`;
      throw new TraceError("damaged", wanted, `data.result[${index}]`, builder.count);
    }
    const name = ENDPOINTS.map((one) => metric[one]).find((one) => one !== undefined) ?? "all";
    addSeries(
      builder,
      name,
      outcomeOf(metric[label]!),
      /_(total|count)$/.test(metric.__name__ ?? ""),
      series.values,
    );
  }
}

/** "503", "5xx", "refused", "error" and the like. */
function outcomeOf(text: string): number {
  if (/^\dxx$/i.test(text)) return text.startsWith("5") ? FAILURE : SUCCESS;
  if (/^\d+$/.test(text)) return outcomeOfStatus(Number(text)) === "success" ? SUCCESS : FAILURE;
  if (/^(refused|rejected|not_permitted|short_circuited)$/i.test(text)) return REFUSED;
  return /^(success|succeeded|successful|ok|true)$/i.test(text) ? SUCCESS : FAILURE;
}

function addSeries(
  builder: CallTraceBuilder,
  name: string,
  outcome: number,
  isCounter: boolean,
  values: Series["values"],
): void {
  let fraction = 0;
  for (let i = 1; i < values.length; i++) {
    const [beforeS, before] = values[i - 1]!;
    const [atS, text] = values[i]!;
    const value = Number(text);
    // A counter that is lower than before was set back: all of it is new.
    const increase = value >= Number(before) ? value - Number(before) : value;
    const exact = (isCounter ? increase : value * (atS - beforeS)) + fraction;
    if (!(exact >= 0) || exact === Infinity) continue; // NaN: the series has a gap
    const calls = Math.floor(exact);
    fraction = exact - calls;
    addStep(builder, name, outcome, calls, beforeS * 1_000, atS * 1_000);
  }
}

function addStep(
  builder: CallTraceBuilder,
  name: string,
  outcome: number,
  calls: number,
  fromMs: number,
  toMs: number,
): void {
  const entries = Math.max(Math.min(calls, ENTRIES_OF_STEP), Math.ceil(calls / MAXIMUM_WEIGHT));
  for (let entry = 0; entry < entries; entry++) {
    const weight = Math.floor(((entry + 1) * calls) / entries) - Math.floor((entry * calls) / entries);
    builder.add(name, fromMs + ((entry + 0.5) / entries) * (toMs - fromMs), Number.NaN, outcome, weight);
  }
}
