/** One breaker as bytes: its name, which options it has, what it holds. See docs/export-format.md. */
import {
  COUNT_BIT_FAILURE,
  COUNT_BIT_SLOW,
  MAXIMUM_CALLS,
  MAXIMUM_COUNT_CALLS,
  MAXIMUM_WEIGHT,
  MODE_DISABLED,
  MODE_FORCED_OPEN,
  PROBE_SUCCESSES_BITS,
  STATE_CLOSED,
  STATE_HALF_OPEN,
  STATE_OPEN,
  STATE_RETURNING,
} from "../../../assembly/layout.ts";
import {
  type BreakerContent,
  type BucketContent,
  isCounting,
  type WindowContent,
} from "../../core/content.ts";
import type { ResolvedOptions } from "../options/options.ts";
import { MAXIMUM_TIME_MS } from "../time/clock.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { ImportError } from "./importerror.ts";

/** A breaker as it was at one time. */
export interface Capture {
  readonly name: string;
  readonly options: ResolvedOptions;
  readonly content: BreakerContent;
}

/** As long as an endpoint's name may be. */
const MAXIMUM_NAME_LENGTH = 1_024;
/** One stripe holds no more; several may, and are then scaled down together. */
const MOST_CALLS = MAXIMUM_CALLS + MAXIMUM_WEIGHT;
const MODE_SHIFT = 2;
const HAS_WINDOW = 16;
const MAXIMUM_LEVEL = 0x7fff_ffff;
const OUTCOMES_PER_BYTE = 4;
const EMPTY_BUCKET: BucketContent = { calls: 0, failures: 0, slow: 0 };
const NO_OUTCOMES = /* @__PURE__ */ new Uint8Array(0);

/** `optionsIndex`: which of the archive's options it has. */
export function writeCapture(out: ByteWriter, { name, content }: Capture, optionsIndex: number): void {
  const { state, mode, window, outcomes } = content;
  out.text(name);
  out.count(optionsIndex);
  out.u8(state | (mode << MODE_SHIFT) | (window === undefined ? 0 : HAS_WINDOW));
  out.f64(content.nowMs);
  out.f64(content.deadlineMs);
  out.f32(content.delayMs);
  out.count(content.level);
  out.count(content.late);
  out.count(content.refused);
  out.count(content.consecutiveFailures);
  out.count(content.probeSuccesses);
  if (window !== undefined) writeWindow(out, window);
  out.count(outcomes.length);
  for (let at = 0; at < outcomes.length; at += OUTCOMES_PER_BYTE) out.u8(pack(outcomes, at));
}

function writeWindow(out: ByteWriter, { endMs, buckets }: WindowContent): void {
  out.f64(endMs);
  const total = buckets.reduce((sum, { calls }) => sum + calls, 0);
  const scale = total > MOST_CALLS ? MAXIMUM_CALLS / total : 1;
  for (const { calls, failures, slow } of buckets) {
    out.count(Math.floor(calls * scale));
    if (Math.floor(calls * scale) === 0) continue;
    out.count(Math.floor(failures * scale));
    out.count(Math.floor(slow * scale));
  }
}

function pack(outcomes: Uint8Array, at: number): number {
  let byte = 0;
  outcomes.subarray(at, at + OUTCOMES_PER_BYTE).forEach((bits, index) => {
    byte |= bits << (index * 2);
  });
  return byte;
}

/**
 * Reads one and checks everything that the core will rely on.
 * @throws ImportError
 */
export function readCapture(input: ByteReader, allOptions: readonly ResolvedOptions[]): Capture {
  const name = input.text(MAXIMUM_NAME_LENGTH);
  if (name === "") throw new ImportError("content", "a breaker without a name");
  const options = allOptions[input.count()];
  if (options === undefined) throw wrong(name, "has options that are not there");
  return { name, options, content: readContent(input, name, options) };
}

function readContent(input: ByteReader, name: string, options: ResolvedOptions): BreakerContent {
  const flags = input.u8();
  if (flags >= HAS_WINDOW * 2) throw wrong(name, `has flags ${flags}`);
  const state = flags & 3;
  const mode = (flags >>> MODE_SHIFT) & 3;
  checkState(name, state, mode, options.halfOpen.ramp !== undefined);
  const nowMs = input.f64();
  if (!(nowMs >= 0 && nowMs <= MAXIMUM_TIME_MS)) throw wrong(name, `was looked at at ${nowMs} ms`);
  const deadlineMs = checkDeadline(name, input.f64(), state, mode, nowMs);
  const delayMs = input.f32();
  if (!(delayMs >= 0)) throw wrong(name, `was open for ${delayMs} ms`);
  const level = input.count();
  if (level > MAXIMUM_LEVEL) throw wrong(name, `has level ${level}`);
  const late = input.count();
  const refused = input.count();
  const consecutiveFailures = input.count();
  const probeSuccesses = input.count();
  if (probeSuccesses >> PROBE_SUCCESSES_BITS !== 0 || (probeSuccesses > 0 && state < STATE_HALF_OPEN)) {
    throw wrong(name, `has ${probeSuccesses} successful probes`);
  }
  const window = flags & HAS_WINDOW ? readWindow(input, name, options, nowMs) : undefined;
  if (window !== undefined && !isCounting(state)) throw wrong(name, "has a window though it is not closed");
  const outcomes = readOutcomes(input, name, options);
  return {
    nowMs,
    state,
    mode,
    level,
    deadlineMs,
    delayMs,
    late,
    refused,
    consecutiveFailures,
    probeSuccesses,
    window,
    outcomes,
  };
}

function checkState(name: string, state: number, mode: number, hasRamp: boolean): void {
  const possible =
    mode === MODE_FORCED_OPEN
      ? state === STATE_OPEN
      : mode === MODE_DISABLED
        ? state === STATE_CLOSED
        : state !== STATE_RETURNING || hasRamp;
  if (!possible) throw wrong(name, `has state ${state} in mode ${mode}`);
}

/** Forced open: never. Open: at most as far ahead as time goes. Otherwise: since when. */
function checkDeadline(name: string, deadlineMs: number, state: number, mode: number, nowMs: number): number {
  const possible =
    mode === MODE_FORCED_OPEN
      ? deadlineMs === Number.POSITIVE_INFINITY
      : deadlineMs >= -MAXIMUM_TIME_MS && deadlineMs <= (state === STATE_OPEN ? 2 * MAXIMUM_TIME_MS : nowMs);
  if (!possible) throw wrong(name, `has a deadline at ${deadlineMs} ms`);
  return deadlineMs;
}

function readWindow(input: ByteReader, name: string, options: ResolvedOptions, nowMs: number): WindowContent {
  const detector = options.detectors.find(({ kind }) => kind === "success_rate_over_time_window");
  if (detector?.kind !== "success_rate_over_time_window") throw wrong(name, "has calls of no time window");
  const widthMs = detector.windowMs / detector.buckets;
  const endMs = input.f64();
  if (!(endMs > nowMs && endMs <= nowMs + widthMs)) {
    throw wrong(name, `has a bucket that ends at ${endMs} ms`);
  }
  const buckets = Array.from({ length: detector.buckets }, () => readBucket(input, name));
  const calls = buckets.reduce((sum, bucket) => sum + bucket.calls, 0);
  if (calls > MOST_CALLS) throw wrong(name, `has ${calls} calls in its window`);
  return { endMs, widthMs, buckets };
}

function readBucket(input: ByteReader, name: string): BucketContent {
  const calls = input.count();
  if (calls === 0) return EMPTY_BUCKET;
  const failures = input.count();
  const slow = input.count();
  if (Math.max(failures, slow) > calls) throw wrong(name, "has more failures or slow calls than calls");
  return { calls, failures, slow };
}

function readOutcomes(input: ByteReader, name: string, options: ResolvedOptions): Uint8Array {
  const count = input.count();
  if (count === 0) return NO_OUTCOMES;
  const detector = options.detectors.find(({ kind }) => kind === "success_rate_over_count_window");
  const most = detector?.kind === "success_rate_over_count_window" ? detector.calls : 0;
  if (count > Math.min(most, MAXIMUM_COUNT_CALLS))
    throw wrong(name, `has ${count} calls in its count window`);
  const packed = input.raw(Math.ceil(count / OUTCOMES_PER_BYTE));
  const mask = COUNT_BIT_FAILURE | COUNT_BIT_SLOW;
  return Uint8Array.from(
    { length: count },
    (_, index) => (packed[index >>> 2]! >>> ((index & 3) * 2)) & mask,
  );
}

function wrong(name: string, what: string): ImportError {
  const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
  return new ImportError("content", `breaker ${JSON.stringify(shown)} ${what}`);
}
