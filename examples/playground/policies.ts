/** The policies that stand side by side, and the options that each of them has. */
import type { CircuitBreakerOptions, DetectorOptions } from "../../src/breaker/options.ts";
import { type Value, type Values, valueIn } from "./fields.ts";

export type PolicyId = "none" | "breaker" | "throttle" | "consecutive";

/** What it is called, and what it does with the load. */
export interface PolicyText {
  readonly id: PolicyId;
  readonly title: string;
  readonly about: string;
}

export const POLICIES: readonly PolicyText[] = [
  {
    id: "none",
    title: "No breaker",
    about:
      "Makes every call, however many fail: the endpoint gets the whole load, and callers wait for each failure.",
  },
  {
    id: "consecutive",
    title: "Failures in a row",
    about:
      "Opens after some failures in a row and refuses all calls. One success starts the count anew, so an endpoint that fails half of the time is rarely caught.",
  },
  {
    id: "breaker",
    title: "Success rate",
    about:
      "Opens when too large a share of the calls in a window has failed, refuses all calls for a while, then lets a probe find out whether the endpoint is back.",
  },
  {
    id: "throttle",
    title: "Throttle",
    about:
      "Refuses only the part of the calls that an overloaded endpoint cannot bear, and opens where next to none succeed.",
  },
];

/** Options of a policy; undefined: it has no breaker. Only what was set, so that the code is short. */
export function optionsOf(id: PolicyId, values: Values): CircuitBreakerOptions | undefined {
  if (id === "none") return undefined;
  const detector = detectorOf(id, values);
  const backoff = backoffOf(values);
  const halfOpen = {
    ...pick(values, ["probes", "successesToClose", "toleratedFailures", "probeTimeoutMs"]),
    ...(valueIn(values, "ramp") === true && { ramp: pick(values, ["shares", "stepMs"]) }),
  };
  const throttle = pick(values, ["successRate", "maximumRefused"]);
  const hasThrottle = id === "throttle";
  return {
    ...(detector !== undefined && { detector }),
    ...(backoff !== undefined && { backoff }),
    ...pick(values, ["decayMs"]),
    ...(Object.keys(halfOpen).length > 0 && { halfOpen }),
    ...(hasThrottle && { overload: Object.keys(throttle).length > 0 ? throttle : "throttle" }),
    ...(id !== "consecutive" &&
      (hasThrottle || valueIn(values, "window") === "time") &&
      pick(values, ["maximumPending"])),
    ...pick(values, ["mode"]),
  };
}

function detectorOf(id: PolicyId, values: Values): CircuitBreakerOptions["detector"] {
  const failures = pick(values, ["failures"]);
  const inARow =
    Object.keys(failures).length > 0
      ? ({ kind: "consecutive_failures", ...failures } as DetectorOptions)
      : "consecutive_failures";
  if (id === "consecutive") return inARow;
  const rates = pick(values, ["requiredSuccessRate", "minimumCalls", "slowCallMs", "maximumSlowRate"]);
  const { maximumSlowRate: _, ...withoutSlow } = rates;
  const own = valueIn(values, "slowCallMs") === undefined ? withoutSlow : rates;
  // A throttle needs a window of time.
  const isTime = id === "throttle" || valueIn(values, "window") === "time";
  const window = isTime
    ? { ...pick(values, ["windowMs", "buckets", "hungAfterMs"]), ...own }
    : ({ kind: "success_rate_over_count_window", ...pick(values, ["calls"]), ...own } as const);
  if (valueIn(values, "alsoInARow") === true) return [window, inARow];
  return Object.keys(window).length > 0 ? window : undefined;
}

function backoffOf(values: Values): CircuitBreakerOptions["backoff"] {
  const kind = valueIn(values, "backoff");
  const jitter = valueIn(values, "jitter");
  const own = {
    ...(kind === "exponential" && pick(values, ["initialMs", "factor", "maximumMs"])),
    ...(kind === "constant" && pick(values, ["delayMs"])),
    ...(kind === "steps" && pick(values, ["delaysMs"])),
    ...(jitter !== "default" && { jitter }),
  };
  if (Object.keys(own).length > 0) return { kind, ...own } as CircuitBreakerOptions["backoff"];
  return kind === "exponential" ? undefined : (kind as "constant" | "steps");
}

/** Those of the values that were set. */
function pick(values: Values, ids: readonly string[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(ids.flatMap((id) => (values[id] === undefined ? [] : [[id, values[id]]])));
}

/** The options as a program, ready to be copied. */
export function codeOf(options: CircuitBreakerOptions | undefined, timeoutMs: number): string {
  if (options === undefined) return "// No breaker: every call is made.\n";
  const all = { ...options, timeoutMs };
  return `import { CircuitBreaker } from "bluesmoke";

const breaker = new CircuitBreaker("endpoint", ${literalOf(all, 0)});
`;
}

const WIDTH = 80;

/** A value as an expression of JavaScript: on one line where that is short. */
function literalOf(value: unknown, depth: number): string {
  if (typeof value === "number") return numberOf(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((one) => literalOf(one, depth + 1))
    : Object.entries(value).map(([key, one]) => `${key}: ${literalOf(one, depth + 1)}`);
  if (parts.length === 0) return isList ? "[]" : "{}";
  const line = isList ? `[${parts.join(", ")}]` : `{ ${parts.join(", ")} }`;
  if (depth > 0 && line.length + depth * 2 < WIDTH && !line.includes("\n")) return line;
  const [open, close] = isList ? "[]" : "{}";
  const indent = "  ".repeat(depth);
  return `${open}\n${parts.map((part) => `${indent}  ${part},\n`).join("")}${indent}${close}`;
}

/** 10_000 */
function numberOf(value: number): string {
  const text = String(value);
  return Number.isInteger(value) && value >= 1_000 ? text.replace(/\B(?=(\d{3})+$)/g, "_") : text;
}
