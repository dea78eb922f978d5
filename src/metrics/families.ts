/** The metrics, as both ecosystems show them. */
import type { State } from "../breaker/events.ts";
import { isShown } from "./counts.ts";
import type { Report, Row } from "./report.ts";

/** Labels of a sample by their names in Prometheus; OpenTelemetry puts "circuitbreaker." before each. */
export type Labels = Readonly<Record<string, string>>;

/** One metric with its labels. */
export interface Family {
  /** Of Prometheus, without unit and "_total". */
  readonly id: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** A base unit; "": a number of things. */
  readonly unit: "" | "seconds" | "ratio";
  /** Of OpenTelemetry, behind "circuitbreaker.". */
  readonly name: string;
  /** Unit of OpenTelemetry, as UCUM writes it. */
  readonly ucum: string;
  readonly help: string;
}

/** A metric that has one number for each of its label sets. */
export interface Numbers extends Family {
  readonly type: "counter" | "gauge";
  samples(report: Report): Iterable<readonly [labels: Labels, value: number]>;
}

/** What an instrument has besides the usual. */
type Other = Partial<Omit<Family, "id" | "type" | "help">>;

const PREFIX = "bluesmoke_circuit_breaker";
const STATES: readonly State[] = ["closed", "half_open", "open"];

/** A counter: its keys, and the names of the labels whose values they hold. */
function counter(
  id: string,
  labels: readonly string[],
  help: string,
  other: Other & { readonly key?: string } = {},
): Numbers {
  const { key = id } = other;
  return {
    id: `${PREFIX}_${id}`,
    type: "counter",
    unit: "",
    name: id,
    ucum: "{call}",
    help,
    ...other,
    *samples({ rows }) {
      for (const { name, counts } of rows) {
        for (const [counted, value] of counts) {
          if (!counted.startsWith(key) || !isShown(counted, value)) continue;
          const [family, ...values] = counted.split("/");
          if (family !== key) continue;
          const given = labels.map((label, at) => [label, values[at] ?? ""]);
          yield [{ name, ...Object.fromEntries(given) }, value];
        }
      }
    },
  };
}

/** A gauge of each breaker that is reported by name. */
function gauge(id: string, help: string, other: Other, read: (row: Row) => number | undefined): Numbers {
  return {
    id: `${PREFIX}_${id}`,
    type: "gauge",
    unit: "",
    name: id,
    ucum: "1",
    help,
    ...other,
    *samples({ rows }) {
      for (const row of rows) {
        const value = read(row);
        if (value !== undefined) yield [{ name: row.name }, value];
      }
    },
  };
}

// Made in a function: a bundler can drop its call.
/** All metrics but the histogram, in the order of the text. */
export const FAMILIES: readonly Numbers[] = /* @__PURE__ */ (() => [
  {
    id: `${PREFIX}_state`,
    type: "gauge",
    unit: "",
    name: "state",
    ucum: "1",
    help: "1 for the state that the breaker is in, 0 for the others; closed in shadow mode.",
    *samples({ rows }) {
      for (const { name, reading } of rows) {
        if (!reading) continue;
        for (const state of STATES) yield [{ name, state }, reading.state === state ? 1 : 0];
      }
    },
  },
  counter("calls", ["outcome"], "Calls that ended, by outcome."),
  counter("slow_calls", [], "Calls that took longer than slowCallMs; also counted by their outcome."),
  counter("refused_calls", ["reason"], "Calls that were refused, by reason."),
  counter(
    "late_results",
    [],
    "Results that came after the breaker had changed its state; they changed nothing.",
  ),
  counter("openings", [], "How many times the breaker opened.", { ucum: "{opening}" }),
  counter("transitions", ["to", "cause"], "Changes of the breaker, by the state after it and the cause.", {
    ucum: "{transition}",
  }),
  counter("open", [], "Time for which the breaker was open.", {
    key: "open_seconds",
    unit: "seconds",
    name: "open_time",
    ucum: "s",
  }),
  gauge(
    "success",
    "Share of successful calls in the window, 0 to 1; absent while the window is empty.",
    { unit: "ratio", name: "success_ratio" },
    ({ reading }) => reading?.successRate,
  ),
  gauge(
    "share",
    "Share of the calls that may pass, 0 to 1; between them while a ramp or a throttle works.",
    { unit: "ratio", name: "share" },
    ({ reading }) => reading?.share,
  ),
  gauge(
    "pending_calls",
    "Calls that are out, where the breaker counts them (hungAfterMs, maximumPending).",
    { ucum: "{call}" },
    ({ pending }) => pending,
  ),
  {
    id: `${PREFIX}s`,
    type: "gauge",
    unit: "",
    name: "count",
    ucum: "{breaker}",
    help: "Breakers of the registry by state, also those that are reported by no name.",
    *samples({ byState }) {
      for (const state of STATES) yield [{ state }, byState[state]];
    },
  },
])();

/** How long calls took. */
export const DURATIONS: Family = {
  id: "bluesmoke_circuit_breaker_call_duration",
  type: "histogram",
  unit: "seconds",
  name: "call.duration",
  ucum: "s",
  help: "How long calls took, successes and failures whose duration is known.",
};
