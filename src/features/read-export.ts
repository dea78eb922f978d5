/** Exported states, read: checks everything that the core relies on. */
import {
  COUNT_BIT_FAILURE,
  COUNT_BIT_SLOW,
  MAXIMUM_NAME_LENGTH,
  MODE_DISABLED,
  MODE_FORCED_OPEN,
  PROBE_SUCCESSES_BITS,
  SHARE_BOOST_BITS,
  SHARE_BUCKET_BITS,
  SHARE_GOOD_BITS,
  SHARE_ONE,
  STATE_CLOSED,
  STATE_HALF_OPEN,
  STATE_OPEN,
  STATE_RETURNING,
} from "../../assembly/layout.ts";
import { MAXIMUM_TIME_MS } from "../breaker/clock.ts";
import { MODES, type ResolvedOptions, resolveOptions } from "../breaker/options.ts";
import { isOptionError } from "../breaker/validate.ts";
import { type BreakerState, type BucketState, isCounting, type WindowState } from "../core/state.ts";
import type { ThrottleState } from "../core/throttle-state.ts";
import type { TotalCounts } from "../core/totals.ts";
import {
  EXPORT_FORMAT,
  EXPORT_VERSION,
  type ExportedState,
  MOST_CALLS,
  STATE_NAMES,
  TOTALS_KEYS,
} from "./export-format.ts";
import { ImportError, type ImportFault } from "./import-error.ts";

/** A breaker that was read and checked. */
export interface ImportedBreaker {
  readonly name: string;
  /** Options without functions. */
  readonly options: ResolvedOptions;
  readonly state: BreakerState;
}

/** Totals are exact up to here. */
const MOST_TOTAL = 4_503_599_627_370_496; // 2^52
const MAXIMUM_U31 = 0x7fff_ffff;
const MAXIMUM_U32 = 0xffff_ffff;
const NO_OUTCOMES = /* @__PURE__ */ new Uint8Array(0);
const DATA_KEYS = ["format", "version", "count", "options", "breakers"];
const BREAKER_KEYS = [
  "name",
  "options",
  "atMs",
  "state",
  "mode",
  "deadlineMs",
  "level",
  "delayMs",
  "totals",
  "consecutiveFailures",
  "probeSuccesses",
  "window",
  "outcomes",
  "throttle",
];
const THROTTLE_KEYS = ["share", "doublings", "successes", "age", "due", "refused"];

/**
 * Reads data and checks everything that the core relies on.
 * @throws ImportError
 */
export function readExport(data: unknown): readonly ImportedBreaker[] {
  try {
    return readData(data);
  } catch (error) {
    if (!(error instanceof Flaw)) throw error;
    const { fault, detail, cause } = error;
    throw new ImportError(fault, detail, cause === undefined ? undefined : { cause });
  }
}

function readData(data: unknown): readonly ImportedBreaker[] {
  if (typeof data !== "object" || !data || (data as Partial<ExportedState>).format !== EXPORT_FORMAT) {
    const found = typeof data === "string" ? "a text: parse it first" : show(data);
    throw new Flaw(
      "foreign",
      `it must be an object with format ${JSON.stringify(EXPORT_FORMAT)}, got ${found}`,
    );
  }
  const { version } = data as Partial<ExportedState>;
  if (version !== EXPORT_VERSION) {
    throw new Flaw("version", `version must be ${EXPORT_VERSION}, got ${show(version)}`);
  }
  const fields = readFields("data", data, DATA_KEYS);
  const count = readCount("count", fields.count, MAXIMUM_U32);
  const breakers = readArray("breakers", fields.breakers);
  if (breakers.length !== count) {
    throw new Flaw("truncated", `breakers must be ${count}, got ${breakers.length}`);
  }
  const given = readArray("options", fields.options);
  if (given.length > count || (count > 0 && given.length === 0)) {
    throw impossible(`options must be ${Math.min(count, 1)} to ${count}, got ${given.length}`);
  }
  const options = Array.from({ length: given.length }, (_, index) => readOptions(index, given[index]));
  const names = new Set<string>();
  return Array.from({ length: count }, (_, index) => {
    const breaker = readBreaker(index, breakers[index], options);
    if (names.size === names.add(breaker.name).size) {
      throw impossible(`breakers[${index}].name is there twice: ${shortName(breaker.name)}`);
    }
    return breaker;
  });
}

/** What is wrong with data: an ImportError once it is known where. */
class Flaw {
  readonly fault: ImportFault;
  readonly detail: string;
  readonly cause: unknown;

  constructor(fault: ImportFault, detail: string, cause?: unknown) {
    this.fault = fault;
    this.detail = detail;
    this.cause = cause;
  }
}

/** The same error, with where it is. Paths are made only then: most breakers are right. */
function at(path: string, error: unknown): unknown {
  return error instanceof Flaw ? new Flaw(error.fault, `${path}: ${error.detail}`, error.cause) : error;
}

/** Options as JSON has them: a function, which cannot come from there, is left out. */
function readOptions(index: number, value: unknown): ResolvedOptions {
  const text = toJson(value);
  if (text === undefined) throw damaged(`options[${index}]`, "an object of options", value);
  try {
    return resolveOptions(JSON.parse(text));
  } catch (error) {
    if (!isOptionError(error)) throw error;
    throw new Flaw("content", `options[${index}]: ${error.message}`, error);
  }
}

function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // a BigInt, a cycle
  }
}

function readBreaker(index: number, data: unknown, all: readonly ResolvedOptions[]): ImportedBreaker {
  let name: unknown;
  try {
    const fields = readFields("it", data, BREAKER_KEYS);
    ({ name } = fields);
    if (typeof name !== "string") throw damaged("name", "a text", name);
    if (name.length === 0 || name.length > MAXIMUM_NAME_LENGTH) {
      throw impossible(`name must have 1 to ${MAXIMUM_NAME_LENGTH} characters, got ${name.length}`);
    }
    const options = all[readCount("options", fields.options, all.length - 1)]!;
    return { name, options, state: readBreakerState(fields, options) };
  } catch (error) {
    throw at(`breakers[${index}]${typeof name === "string" ? ` ${shortName(name)}` : ""}`, error);
  }
}

function readBreakerState(fields: Fields, options: ResolvedOptions): BreakerState {
  const state = readName("state", fields.state, STATE_NAMES);
  const mode = readName("mode", fields.mode, MODES);
  if (!isPossible(state, mode, options)) {
    throw impossible(`state "${STATE_NAMES[state]}" in mode "${MODES[mode]}"`);
  }
  const nowMs = readTime("atMs", fields.atMs, 0, MAXIMUM_TIME_MS);
  const isForced = mode === MODE_FORCED_OPEN;
  const latest = state === STATE_OPEN ? 2 * MAXIMUM_TIME_MS : nowMs;
  const earliestMs = isForced ? Number.POSITIVE_INFINITY : -MAXIMUM_TIME_MS;
  const latestMs = isForced ? Number.POSITIVE_INFINITY : latest;
  const deadlineMs = readTime("deadlineMs", fields.deadlineMs, earliestMs, latestMs);
  const count = (key: string, most: number) => readCount(key, fields[key] ?? 0, most);
  const isProbing = state === STATE_HALF_OPEN || state === STATE_RETURNING;
  const { window, outcomes } = fields;
  return {
    nowMs,
    state,
    mode,
    deadlineMs,
    delayMs: readTime("delayMs", fields.delayMs ?? 0, 0, Number.POSITIVE_INFINITY),
    level: count("level", MAXIMUM_U31),
    totals: readTotals(fields.totals),
    // The core adds to it before it looks at the limit.
    consecutiveFailures: count("consecutiveFailures", MAXIMUM_U31),
    probeSuccesses: count("probeSuccesses", isProbing ? (1 << PROBE_SUCCESSES_BITS) - 1 : 0),
    window: window === undefined ? undefined : readWindow(window, options, state, nowMs),
    outcomes: readOutcomes(outcomes, options),
    ...(fields.throttle !== undefined && { throttle: readThrottle(fields.throttle, options, state) }),
  };
}

function isPossible(state: number, mode: number, { halfOpen }: ResolvedOptions): boolean {
  if (mode === MODE_FORCED_OPEN) return state === STATE_OPEN;
  if (mode === MODE_DISABLED) return state === STATE_CLOSED;
  return state !== STATE_RETURNING || halfOpen.ramp !== undefined;
}

function readTotals(data: unknown = {}): TotalCounts {
  const fields = readFields("totals", data, TOTALS_KEYS);
  const entries = TOTALS_KEYS.map((key) => [key, readCount(`totals.${key}`, fields[key] ?? 0, MOST_TOTAL)]);
  return Object.fromEntries(entries);
}

function readWindow(data: unknown, { detector }: ResolvedOptions, state: number, nowMs: number): WindowState {
  const rule = detector.find(({ kind }) => kind === "success_rate_over_time_window");
  if (rule?.kind !== "success_rate_over_time_window") throw impossible("a window without detector");
  if (!isCounting(state)) throw impossible(`a window in state "${STATE_NAMES[state]}"`);
  const fields = readFields("window", data, ["endMs", "buckets"]);
  const widthMs = rule.windowMs / rule.buckets;
  const endMs = readTime("window.endMs", fields.endMs, nowMs, nowMs + widthMs);
  if (endMs === nowMs) throw impossible(`window.endMs must be above ${nowMs}, got ${endMs}`);
  const given = readArray("window.buckets", fields.buckets);
  if (given.length > rule.buckets) {
    throw impossible(`window.buckets must be at most ${rule.buckets}, got ${given.length}`);
  }
  const buckets = new Array<BucketState>(rule.buckets).fill(EMPTY_BUCKET);
  let total = 0;
  let index = 0;
  try {
    for (; index < given.length; index++) {
      buckets[index] = readBucket(given[index]);
      total += buckets[index]!.calls;
    }
  } catch (error) {
    throw at(`window.buckets[${index}]`, error);
  }
  if (total > MOST_CALLS) throw impossible(`window must have at most ${MOST_CALLS} calls, got ${total}`);
  return { endMs, widthMs, buckets };
}

function readThrottle(data: unknown, { overload, detector }: ResolvedOptions, state: number): ThrottleState {
  if (!overload) throw impossible("a throttle without overload");
  if (state !== STATE_CLOSED) throw impossible(`a throttle in state "${STATE_NAMES[state]}"`);
  const fields = readFields("throttle", data, THROTTLE_KEYS);
  const count = (key: string, most: number) => readCount(`throttle.${key}`, fields[key], most);
  const refused = readArray("throttle.refused", fields.refused);
  const most = detector.find(({ kind }) => kind === "success_rate_over_time_window") as { buckets: number };
  if (refused.length > most.buckets) {
    throw impossible(`throttle.refused must be at most ${most.buckets}, got ${refused.length}`);
  }
  return {
    share: count("share", SHARE_ONE - 1),
    doublings: count("doublings", (1 << SHARE_BOOST_BITS) - 1),
    successes: count("successes", (1 << SHARE_GOOD_BITS) - 1),
    age: count("age", (1 << SHARE_BUCKET_BITS) - 1),
    due: count("due", MAXIMUM_U32),
    refused: refused.map((one, index) => readCount(`throttle.refused[${index}]`, one, MAXIMUM_U32)),
  };
}

const EMPTY_BUCKET: BucketState = { calls: 0, failures: 0, slow: 0 };

function readBucket(value: unknown): BucketState {
  const given = readArray("it", value);
  if (given.length !== 3) throw damaged("it", "three numbers", value);
  const calls = readCount("calls", given[0], MOST_CALLS);
  return {
    calls,
    failures: readCount("failures", given[1], calls),
    slow: readCount("slow", given[2], calls),
  };
}

function readOutcomes(value: unknown, { detector }: ResolvedOptions): Uint8Array {
  if (value === undefined || value === "") return NO_OUTCOMES;
  if (typeof value !== "string") throw damaged("outcomes", "a text", value);
  const rule = detector.find(({ kind }) => kind === "success_rate_over_count_window");
  const most = rule?.kind === "success_rate_over_count_window" ? rule.calls : 0;
  if (value.length > most) throw impossible(`outcomes must be at most ${most}, got ${value.length}`);
  return Uint8Array.from(value, (digit) => {
    const bits = digit.charCodeAt(0) - 48;
    if (bits >= 0 && bits <= (COUNT_BIT_FAILURE | COUNT_BIT_SLOW)) return bits;
    throw damaged("outcomes", "digits from 0 to 3", digit);
  });
}

type Fields = Readonly<Record<string, unknown>>;

/** A copy of the own properties of an object, each read once. Throws for what is no object, and for a key of another name. */
function readFields(name: string, value: unknown, keys: readonly string[]): Fields {
  if (typeof value !== "object" || !value || Array.isArray(value)) throw damaged(name, "an object", value);
  const fields = { __proto__: null, ...value } as unknown as Fields;
  for (const key in fields) {
    if (!keys.includes(key)) throw new Flaw("damaged", `${name} must be without ${JSON.stringify(key)}`);
  }
  return fields;
}

function readArray(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw damaged(name, "an array", value);
}

function readName(name: string, value: unknown, names: readonly string[]): number {
  const code = names.indexOf(value as string);
  if (code < 0) throw damaged(name, `one of "${names.join('", "')}"`, value);
  return code;
}

function readCount(name: string, value: unknown, most: number): number {
  if (typeof value !== "number") throw damaged(name, "a number", value);
  if (value >= 0 && value <= most && Number.isInteger(value)) return value + 0;
  throw impossible(`${name} must be a whole number from 0 to ${most}, got ${value}`);
}

function readTime(name: string, value: unknown, from: number, to: number): number {
  const ms = value === "Infinity" ? Number.POSITIVE_INFINITY : value;
  if (typeof ms !== "number" || (value !== "Infinity" && !Number.isFinite(ms))) {
    throw damaged(name, "a number of ms", value);
  }
  if (ms >= from && ms <= to) return ms + 0;
  throw impossible(`${name} must be ${from === to ? from : `${from} to ${to}`} (ms), got ${ms}`);
}

function damaged(name: string, wanted: string, value: unknown): Flaw {
  return new Flaw("damaged", `${name} must be ${wanted}, got ${show(value)}`);
}

function impossible(detail: string): Flaw {
  return new Flaw("content", detail);
}

function shortName(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}

function show(value: unknown): string {
  if (typeof value === "string") return shortName(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "function") return "a function";
  return typeof value === "object" && value ? "an object" : String(value);
}
