/** What a breaker does and why, as one sentence with the numbers. */
import {
  LEASE_SIZE,
  LEASE_TIME_BITS,
  LEASES_OFFSET,
  PROBE_SUCCESSES_BITS,
  PROBE_SUCCESSES_OFFSET,
  STATE_RETURNING,
} from "../../assembly/layout.ts";
import type { CircuitBreaker } from "../breaker/breaker.ts";
import { checkTime } from "../breaker/clock.ts";
import type { Detector } from "../breaker/options.ts";
import type { Snapshot } from "../breaker/snapshot.ts";
import { objectOption, outOfRange, wrongType } from "../breaker/validate.ts";
import { commonErrorOf } from "./error-tally.ts";
import { callsOf, countText, durationText, errorText, percentText, reasonOf, slowIn } from "./reason.ts";

/** How `explain` shows times. */
export interface ExplainOptions {
  /** Time zone of times of day, such as "Europe/Berlin", or "local" for that of the program. Default "UTC". */
  readonly timeZone?: string | undefined;
  /** The time for which it is explained, in ms. Default: the clock of the breaker. */
  readonly nowMs?: number | undefined;
}

/** ms since 1970: an earlier time is that of another clock, and has no time of day. */
const EARLIEST_EPOCH_MS = 31_536_000_000;
const ORDINALS = ["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
/** Where the generation of a lease begins in the upper of its two u32, and how much of it is there. */
const TAG_SHIFT = LEASE_TIME_BITS - 32;
const TAG_MASK = (1 << (32 - TAG_SHIFT)) - 1;

/**
 * One sentence about a breaker, without its name and without a full stop, such as "open since 14:02:07: 13 of 41 calls in 10 s
 * failed (68.2 % < 80 %), last error: ECONNRESET: read ECONNRESET; next probe in 4.1 s, third in a row". Limits are those that
 * the breaker has now. After `tallyErrors` it says "most of them ECONNRESET" instead of the last error. Changes nothing. For people: programs read `snapshot()`.
 * @throws OptionError when it is no breaker, for an unknown option or time zone; RangeError when `nowMs` is no time.
 */
export function explain(breaker: CircuitBreaker, options: ExplainOptions = {}): string {
  if (typeof breaker?.snapshot !== "function" || breaker._place === undefined) {
    throw wrongType("breaker", "a CircuitBreaker", breaker);
  }
  const given = objectOption("options", options, ["timeZone", "nowMs"]) as ExplainOptions;
  const nowMs = given.nowMs === undefined ? breaker._clock() : checkTime(given.nowMs);
  const timeText = timeFormat(given.timeZone, nowMs);
  if (breaker._isRemoved) return "deleted: it refuses every call";
  return sentenceOf(breaker, breaker.snapshot(nowMs), timeText);
}

function sentenceOf(breaker: CircuitBreaker, snapshot: Snapshot, timeText: (ms: number) => string): string {
  const { mode, state, opened } = snapshot;
  const since = opened ? ` ${timeText(opened.atMs)}` : "";
  const why = opened && opened.cause !== "mode" ? `: ${whyOf(breaker, snapshot)}` : "";
  if (mode === "disabled") return "disabled: it passes every call and counts none";
  if (mode === "forced_open") return `forced open${since}: it refuses every call until its mode changes`;
  if (mode === "shadow") {
    const judged = opened ? `it would have been open${since}${why}` : countsOf(breaker, snapshot);
    return `in shadow mode, it passes every call: ${judged}`;
  }
  if (state === "closed") return `closed${shareOf(snapshot)}: ${countsOf(breaker, snapshot)}`;
  if (state === "open") return `open${since}${why}; ${nextProbeOf(snapshot)}`;
  return `half-open, ${trialOf(breaker, snapshot)}${opened ? `; open${since}${why}` : ""}`;
}

function whyOf(breaker: CircuitBreaker, { opened }: Snapshot): string {
  const { lastError, atMs } = opened!; // the caller has looked
  const reason = reasonOf(opened!, breaker.options.detector);
  const common = commonErrorOf(breaker, atMs);
  if (common !== undefined) return `${reason}, ${common}`;
  return lastError ? `${reason}, last error: ${errorText(lastError)}` : reason;
}

function nextProbeOf({ retryAfterMs, level }: Snapshot): string {
  const next = retryAfterMs > 0 ? `next probe in ${durationText(retryAfterMs)}` : "the next call is a probe";
  if (level < 2) return next;
  return `${next}, ${ORDINALS[level - 2] ?? `${level}th`} in a row`;
}

/** What a half-open breaker waits for. */
function trialOf(breaker: CircuitBreaker, { share }: Snapshot): string {
  const { probes, successesToClose, ramp } = breaker.options.halfOpen;
  if (breaker._core.stateOf(breaker._id >>> 0) === STATE_RETURNING && ramp) {
    const step = ramp.shares.indexOf(share) + 1;
    const place =
      step > 0 ? ` (step ${step} of ${ramp.shares.length}, ${durationText(ramp.stepMs)} each)` : "";
    return `returning: ${percentText(share)} of the calls pass${place}`;
  }
  const { out, succeeded } = probesOf(breaker, probes);
  return `${out} of ${countText(probes)} ${probes === 1 ? "probe" : "probes"} out, ${succeeded} of ${successesToClose} succeeded`;
}

/** Probes that are out, and those that have succeeded since it is half-open: assembly/probe.ts describes the cells. */
function probesOf({ _core: core, _id }: CircuitBreaker, probes: number): { out: number; succeeded: number } {
  const breaker = _id >>> 0;
  const generation = core.generationOf(breaker);
  const leases = breaker + core.u32At(core.policyOf(breaker) + LEASES_OFFSET);
  const tag = generation & TAG_MASK;
  let out = 0;
  for (let lease = leases; lease < leases + probes * LEASE_SIZE; lease += LEASE_SIZE) {
    const [low, high] = [core.u32At(lease), core.u32At(lease + 4)];
    if ((low | high) !== 0 && high >>> TAG_SHIFT === tag) out++;
  }
  const cell = core.u32At(breaker + PROBE_SUCCESSES_OFFSET);
  const isOfNow = cell >>> PROBE_SUCCESSES_BITS === generation;
  return { out, succeeded: isOfNow ? cell & ((1 << PROBE_SUCCESSES_BITS) - 1) : 0 };
}

/** While closed a share below 1 is that of a throttle. */
function shareOf({ share }: Snapshot): string {
  return share < 1 ? `, only ${percentText(share)} of the calls pass` : "";
}

/** The counts of a breaker that is not open, beside its limits. */
function countsOf(breaker: CircuitBreaker, snapshot: Snapshot): string {
  const { detector } = breaker.options;
  const window =
    detector.find(({ kind }) => kind === "success_rate_over_time_window") ??
    detector.find(({ kind }) => kind === "success_rate_over_count_window");
  const streak = detector.find(({ kind }) => kind === "consecutive_failures");
  const parts = [
    ...(window && "minimumCalls" in window ? windowCounts(window, snapshot) : []),
    ...(streak && "failures" in streak ? [streakCount(streak.failures, snapshot)] : []),
    ...pendingCount(snapshot),
  ];
  return parts.join(", ");
}

function windowCounts(
  window: Extract<Detector, { readonly minimumCalls: number }>,
  { calls, failures, slow, successRate }: Snapshot,
): string[] {
  if (successRate === undefined) {
    return [
      window.kind === "success_rate_over_time_window" ? `no ${callsOf(0, window).slice(2)}` : "no calls yet",
    ];
  }
  const rate = `${percentText(successRate)}, at least ${percentText(window.requiredSuccessRate)}`;
  const { slowCallMs, maximumSlowRate = 1 } = window;
  return [
    `${countText(failures)} of ${callsOf(calls, window)} failed (${rate})`,
    ...(slowCallMs === undefined
      ? []
      : [
          `${countText(slow)} ${slowIn(window)} (${percentText(slow / calls)}, at most ${percentText(maximumSlowRate)})`,
        ]),
    ...(calls < window.minimumCalls ? [`no verdict below ${countText(window.minimumCalls)} calls`] : []),
  ];
}

function streakCount(failures: number, { consecutiveFailures }: Snapshot): string {
  return `${countText(consecutiveFailures)} ${consecutiveFailures === 1 ? "failure" : "failures"} in a row, ${countText(failures)} open it`;
}

function pendingCount({ pending, hung }: Snapshot): string[] {
  if (pending === 0) return [];
  return [`${countText(pending)} out${hung > 0 ? `, ${countText(hung)} of them hung` : ""}`];
}

/**
 * "since 14:02:07" in that time zone, with the day where it is not that of `nowMs`; on a clock that does not count from 1970
 * "for 12.3 s".
 * @throws OptionError when there is no such time zone.
 */
function timeFormat(timeZone: unknown = "UTC", nowMs: number): (ms: number) => string {
  if (typeof timeZone !== "string") throw wrongType("timeZone", "the name of a time zone", timeZone);
  const partsOf = timeZone === "UTC" ? utcParts : zoneParts(timeZone);
  return (ms) => {
    if (ms < EARLIEST_EPOCH_MS) return `for ${durationText(Math.max(nowMs - ms, 0))}`;
    const [day, time] = partsOf(ms);
    return `since ${partsOf(nowMs)[0] === day ? time : `${day} ${time}`}`;
  };
}

type DayAndTime = readonly [day: string, time: string];

function utcParts(ms: number): DayAndTime {
  const text = new Date(ms).toISOString();
  return [text.slice(0, 10), text.slice(11, 19)];
}

function zoneParts(timeZone: string): (ms: number) => DayAndTime {
  const format = formatOf(timeZone);
  return (ms) => {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const { year, month, day, hour, minute, second } = parts;
    return [`${year}-${month}-${day}`, `${hour}:${minute}:${second}`];
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const two = "2-digit" as const;
  const fields = { year: "numeric", month: two, day: two, hour: two, minute: two, second: two } as const;
  try {
    const zone = timeZone === "local" ? {} : { timeZone };
    return new Intl.DateTimeFormat("en-US", { ...fields, ...zone, hourCycle: "h23" });
  } catch {
    throw outOfRange("timeZone", 'the name of a time zone, such as "Europe/Berlin", or "local"', timeZone);
  }
}
