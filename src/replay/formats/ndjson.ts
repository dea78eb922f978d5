/**
 * One JSON object a line. Fields have well-known names, or those that are given: a path with dots, and behind ":" the unit of a
 * time or a duration (ns, us, ms, s).
 */
import { type LineFormat, outcomeOfStatus, type ParsedCall } from "./line-format.ts";

/** Where the values of a call are; each a path such as "res.statusCode" or "took:s". */
export interface FieldNames {
  /** Field of the name of the endpoint. Default: the usual names are tried. */
  readonly endpoint?: string | undefined;
  /** When it began. Default unit: by size, seconds to nanoseconds since 1970; a text is a date. */
  readonly time?: string | undefined;
  /** When it ended. */
  readonly end?: string | undefined;
  /** Default unit: ms, or what the well-known name says. */
  readonly duration?: string | undefined;
  /** An HTTP status. */
  readonly status?: string | undefined;
  /** "success", "failure", "refused", "ignored", or true for success. */
  readonly outcome?: string | undefined;
}

/** Well-known names, the first that is there counts. */
const KNOWN: Readonly<Record<keyof FieldNames, readonly string[]>> = {
  endpoint: [
    "endpoint",
    "upstream",
    "service",
    "host",
    "server.address",
    "req.headers.host",
    "target",
    "url.domain",
  ],
  time: ["startMs", "start", "startTime", "time", "timestamp", "@timestamp", "ts", "date"],
  end: ["endMs", "end", "endTime", "atMs"],
  duration: [
    "durationMs",
    "duration_ms",
    "latencyMs",
    "latency_ms",
    "responseTime",
    "response_time:s",
    "request_time:s",
    "duration_s:s",
    "elapsed",
    "duration",
    "latency",
  ],
  status: [
    "status",
    "statusCode",
    "status_code",
    "res.statusCode",
    "http.response.status_code",
    "response.status",
    "code",
  ],
  outcome: ["outcome", "result", "ok", "success"],
};
/** Loggers write these when a request has ended. */
const WRITTEN_AT_END = ["time", "timestamp", "@timestamp", "ts", "date"];
const MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1_000 };
const OUTCOMES: Readonly<Record<string, ParsedCall["outcome"]>> = {
  success: "success",
  succeeded: "success",
  ok: "success",
  true: "success",
  failure: "failure",
  failed: "failure",
  fail: "failure",
  error: "failure",
  timeout: "failure",
  false: "failure",
  refused: "refused",
  rejected: "refused",
  ignored: "ignored",
};

/** A path of a value. */
interface Place {
  readonly name: string;
  readonly unit: string | undefined;
  /** The parts of the name between its dots. */
  readonly steps: readonly string[];
}

interface Found {
  readonly value: unknown;
  readonly name: string;
  readonly unit: string | undefined;
}

/** A reader of lines with those names. */
export function ndjsonFormat(names: FieldNames = {}): LineFormat {
  // Divided once: a trace has millions of lines.
  const placesOf = (field: keyof FieldNames): readonly Place[] =>
    (names[field] === undefined ? KNOWN[field] : [names[field]]).map((path) => {
      const [name = "", unit] = path.split(/:(?=(?:ns|us|ms|s)$)/);
      return { name, unit, steps: name.split(".") };
    });
  const places = Object.fromEntries(
    (Object.keys(KNOWN) as (keyof FieldNames)[]).map((field) => [field, placesOf(field)]),
  ) as Record<keyof FieldNames, readonly Place[]>;
  const find = (line: object, field: keyof FieldNames): Found | undefined => {
    for (const { name, unit, steps } of places[field]) {
      const value = valueAt(line, name, steps);
      if (value !== undefined && value !== null) return { value, name, unit };
    }
    return undefined;
  };
  return {
    name: "ndjson",
    parse(text) {
      const line = objectIn(text);
      return line && callOf((field) => find(line, field), names.time === undefined);
    },
  };
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function callOf(
  find: (field: keyof FieldNames) => Found | undefined,
  isKnown: boolean,
): ParsedCall | undefined {
  const outcome = outcomeIn(find("outcome"), find("status"));
  const time = find("time");
  const end = find("end");
  const startMs = timeIn(time);
  const endMs = timeIn(end);
  if (outcome === undefined || (Number.isNaN(startMs) && Number.isNaN(endMs))) return undefined;
  const duration = find("duration");
  const given =
    duration === undefined ? Number.NaN : Number(duration.value) * (MS[duration.unit ?? "ms"] ?? 1);
  const durationMs = given >= 0 ? given : endMs >= startMs ? endMs - startMs : Number.NaN;
  const knownMs = Number.isNaN(durationMs) ? 0 : durationMs;
  const isEnd = isKnown && Number.isNaN(endMs) && WRITTEN_AT_END.includes(time?.name ?? "");
  const began = isEnd ? startMs - knownMs : startMs;
  const endpoint = find("endpoint")?.value;
  return {
    endpoint: endpoint === undefined ? undefined : String(endpoint),
    startMs: Number.isNaN(began) ? endMs - knownMs : began,
    durationMs,
    outcome,
  };
}

function outcomeIn(outcome: Found | undefined, status: Found | undefined): ParsedCall["outcome"] | undefined {
  const named = outcome && OUTCOMES[String(outcome.value).toLowerCase()];
  if (named) return named;
  const code = Number(status?.value);
  return status === undefined || Number.isNaN(code) ? undefined : outcomeOfStatus(code);
}

function timeIn(found: Found | undefined): number {
  if (!found) return Number.NaN;
  const { value, unit } = found;
  const number =
    typeof value === "number" ? value : /^\d+(\.\d+)?$/.test(String(value)) ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) return Date.parse(String(value));
  return number * (MS[unit ?? unitOf(number)] ?? 1);
}

/** The unit of a time since 1970 by its size, right from 1973 to 5138. Below it is ms of a clock of its own. */
function unitOf(number: number): string {
  if (number < 1e8) return "ms";
  if (number < 1e11) return "s";
  if (number < 1e14) return "ms";
  return number < 1e17 ? "us" : "ns";
}

/** Own properties only; a name may itself have dots. */
function valueAt(line: object, path: string, steps: readonly string[]): unknown {
  if (Object.hasOwn(line, path)) return (line as Record<string, unknown>)[path];
  if (steps.length === 1) return undefined;
  let value: unknown = line;
  for (const name of steps) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
