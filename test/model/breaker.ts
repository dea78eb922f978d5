/**
 * One breaker, slow and obvious: it keeps every outcome since it closed and counts them anew at every call.
 *
 * Written from the rules of the design, not from the core, and compared with the core after every step.
 */

import { delayOf } from "./backoff.ts";
import { countShown, judge, successRateOf } from "./detector.ts";
import type { ModelCause, ModelEvent, ModelEventKind, ModelState } from "./event.ts";
import { countsPending, isSameShape, keepsTime, keptHistories } from "./keep.ts";
import { LeaseModel } from "./lease.ts";
import type { ModelMode, ModelOptions } from "./options.ts";
import { PendingModel } from "./pending.ts";
import { RampModel, type RampRule } from "./ramp.ts";
import type { RandomModel } from "./random.ts";
import type { ModelOpening, ModelSnapshot, ModelTotals } from "./snapshot.ts";
import { ThrottleModel } from "./throttle.ts";
import { bucketAt, type Counts, countFailuresInARow, EMPTY, NO_HISTORIES } from "./window.ts";

/** A ramp under way that is none any more has ended. */
const NO_RAMP: RampRule = { shares: [], stepMs: 1 };
/** After it comes 1. */
export const MAXIMUM_GENERATION = 4_194_303;
/** A time further ahead of the latest seen counts as this far ahead: two days. The first time may be any. */
export const MAXIMUM_JUMP_MS = 2 * 86_400_000;
/** What lies beyond is no time: 46,000 days, to the year 2095 if they count from 1970. */
export const MAXIMUM_TIME_MS = 46_000 * 86_400_000;

const REFUSED = 0;
const SLOT_PLAIN = 0;
const SLOT_FIRST_PROBE = 1;
const SLOT_LAST_PROBE = 64;
const SLOT_SHADOW = 255;
const SLOT_BITS = 8;

/** What is reported of an admitted call. */
export type ModelOutcome = "success" | "failure" | "release";

/** The state machine of one breaker. */
export class BreakerModel {
  /** Every transition so far, oldest first; whoever compares may empty it. */
  readonly events: ModelEvent[] = [];
  #options: ModelOptions;
  readonly #random: RandomModel;
  #leases: LeaseModel;
  #pending: PendingModel | undefined;
  #ramp: RampModel | undefined;
  #throttle: ThrottleModel | undefined;
  /** Bucket and generation in which the throttle was judged last. */
  #judgedIn = "";
  #state: ModelState = "closed";
  #mode: ModelMode;
  #generation: number;
  #level = 0;
  /** For its life. */
  #succeeded = 0;
  #failed = 0;
  #slow = 0;
  #late = 0;
  readonly #refused = { open: 0, forced_open: 0, throttled: 0, busy: 0 };
  #opened = 0;
  #latestMs = 0;
  #openUntilMs = 0;
  #closedSinceMs = 0;
  #delayMs = 0;
  #histories = NO_HISTORIES;
  #opening: ModelOpening | undefined;
  #probeSuccesses = 0;
  #probeFailures = 0;
  /** Message of the failure that is being reported. */
  #error: string | undefined;

  /** `generation`: the first, where its memory was that of another breaker before. */
  constructor(options: ModelOptions, random: RandomModel, generation = 1) {
    this.#generation = generation;
    this.#options = options;
    this.#random = random;
    this.#leases = new LeaseModel(options.probes);
    if (countsPending(options)) this.#pending = new PendingModel(options.timeWindow);
    if (options.ramp) this.#ramp = new RampModel(options.ramp);
    this.#throttle = throttleOf(options);
    this.#mode = options.mode;
    if (options.mode === "forced_open") {
      this.#state = "open";
      this.#openUntilMs = Number.POSITIVE_INFINITY;
    }
  }

  /** What it would be doing if it were enabled, whatever its mode. */
  get state(): ModelState {
    return this.#state;
  }

  get generation(): number {
    return this.#generation;
  }

  /** The ticket that a call has which nobody admitted, if it is reported now. */
  get plainTicket(): number {
    return this.#ticket(SLOT_PLAIN);
  }

  /** When the next call may become a probe, in ms; undefined unless open. */
  get openUntilMs(): number | undefined {
    return this.#state === "open" ? this.#openUntilMs : undefined;
  }

  /** When the first lease that is out ends, in ms; undefined unless half-open with a probe out. */
  get leaseEndMs(): number | undefined {
    const end = this.#leases.nextEndMs;
    return this.#state === "half_open" && Number.isFinite(end) ? end : undefined;
  }

  /** Undefined while it is closed, and of a breaker that was made in another process or forced open from the start. */
  get opening(): ModelOpening | undefined {
    return this.#opening;
  }

  /** When a returning one admits a larger share, in ms; undefined unless it returns. */
  get rampStepMs(): number | undefined {
    return this.#ramp?.nextStepMs(this.#latestMs);
  }

  /** The latest time that it has seen, in ms. */
  get latestMs(): number {
    return this.#latestMs;
  }

  /** What is left of it in another process: no probe is out there, and generations are counted anew. Its time must be seen. */
  move(generation: number): void {
    this.#leases.clear();
    this.#pending?.clear();
    this.#judgedIn = this.#judgedIn.replace(/ .*/, ` ${generation}`);
    this.#throttle?.move();
    this.#generation = generation;
    this.#opening = undefined;
  }

  tryAcquire(nowMs: number): number {
    this.#see(nowMs);
    if (this.#mode === "disabled") return this.#ticket(SLOT_PLAIN);
    if (this.#judge() || this.#endLeases()) return this.#refuse();
    this.#endRamp();
    if (this.#isCounting && this.#isBusy) return this.#refuse("busy");
    if (this.#ramp?.isUnderWay && !this.#ramp.admits(this.#latestMs)) return this.#refuse();
    if (this.#state === "closed" && this.#throttle && !this.#throttle.admits(this.#latestMs)) {
      return this.#refuse("throttled");
    }
    if (this.#isCounting) return this.#ticket(this.#pending?.admit(this.#latestMs) ?? SLOT_PLAIN);
    if (this.#state === "open") {
      if (this.#latestMs < this.#openUntilMs) return this.#refuse();
      this.#halfOpen();
    }
    const lease = this.#leases.take(this.#latestMs, this.#options.probeTimeoutMs);
    return lease === undefined ? this.#refuse() : this.#ticket(SLOT_FIRST_PROBE + lease);
  }

  /** `holdMs`: a breaker that is open after a failure stays so at least this long; `error`: message of the failure. */
  report(
    ticket: number,
    outcome: ModelOutcome,
    nowMs: number,
    durationMs = Number.NaN,
    weight = 1,
    holdMs = 0,
    error?: string,
  ): void {
    this.#error = outcome === "failure" ? error : undefined;
    this.#see(nowMs);
    this.#endLeases();
    const ended = this.#settle(ticket, outcome, durationMs, weight);
    this.#judge(ended);
    this.#endRamp();
    const isHeld = outcome === "failure" && holdMs > 0 && this.#state === "open";
    if (isHeld) this.#holdOpened(Math.min(this.#latestMs + holdMs, MAXIMUM_TIME_MS));
    this.#error = undefined;
  }

  check(nowMs: number): void {
    this.#see(nowMs);
    if (this.#state === "open" && this.#latestMs >= this.#openUntilMs) this.#halfOpen();
    this.#endLeases();
    this.#judge();
    this.#endRamp();
  }

  retryAfterMs(nowMs: number): number {
    if (this.#state !== "open" || this.#mode === "shadow") return 0;
    return Math.max(0, this.#openUntilMs - this.#effective(nowMs));
  }

  setMode(mode: ModelMode, nowMs: number): void {
    if (mode === this.#mode) return;
    this.#see(nowMs);
    const kind = kindOfSwitch(this.#mode, mode);
    this.#mode = mode;
    this.#startAnew(kind, "mode");
  }

  trip(nowMs: number, holdMs = 0): void {
    this.check(nowMs);
    if (this.#mode === "disabled" || this.#mode === "forced_open") return;
    if (this.#state === "open") this.#holdOpened(this.#latestMs + holdMs);
    else this.#open(this.#levelAt(this.#latestMs), "tripped", EMPTY, holdMs);
  }

  /** If it has opened just now, its event is not told yet, and tells of the later end. */
  #holdOpened(untilMs: number): void {
    if (untilMs <= this.#openUntilMs) return;
    this.#openUntilMs = untilMs;
    const event = this.events.at(-1);
    if (event?.generation !== this.#generation) return;
    this.events.splice(-1, 1, { ...event, delayMs: untilMs - event.atMs, retryAtMs: untilMs });
  }

  /** The only way back to an earlier time. */
  reset(nowMs: number): void {
    if (nowMs >= 0 && nowMs < this.#latestMs) this.#latestMs = nowMs;
    else this.#see(nowMs);
    this.#startAnew("reset", "reset");
  }

  /** Other options; `mode`: switched to at the end. `generation`: the one that begins if a shape changes. */
  configure(options: ModelOptions, mode: ModelMode | undefined, nowMs: number, generation: number): void {
    this.#see(nowMs);
    this.#histories = keptHistories(this.#histories, this.#options, options);
    if (!isSameShape(this.#options, options)) {
      this.#throttle?.move();
      this.#generation = generation;
      this.#leases = new LeaseModel(options.probes);
      this.#pending = countsPending(options) ? new PendingModel(options.timeWindow) : undefined;
    }
    if (countsPending(options)) this.#pending?.follow(options.timeWindow);
    const { overload, timeWindow } = options;
    // They are counted beside the throttle and the pending calls.
    if (!overload && options.maximumPending === undefined) {
      const { open, throttled, busy } = this.#refused;
      Object.assign(this.#refused, { open: open + throttled + busy, throttled: 0, busy: 0 });
    }
    if (!overload || !timeWindow || !keepsTime(this.#options, options)) this.#throttle = throttleOf(options);
    else if (this.#throttle) this.#throttle.follow(overload, timeWindow);
    else this.#throttle = throttleOf(options);
    if (this.#ramp?.isUnderWay) this.#ramp.follow(options.ramp ?? NO_RAMP);
    else this.#ramp = options.ramp && new RampModel(options.ramp);
    this.#options = options;
    this.#endLeases();
    this.#judge("anew");
    this.#endRamp();
    if (this.#isProbing && this.#probeSuccesses >= options.successesToClose) this.#return();
    if (mode !== undefined) this.setMode(mode, nowMs);
  }

  snapshot(nowMs: number): ModelSnapshot {
    const effectiveMs = this.#effective(nowMs);
    const counts = countShown(this.#options, this.#histories, effectiveMs);
    return {
      state: this.#mode === "shadow" ? "closed" : this.#state,
      mode: this.#mode,
      ...counts,
      successRate: successRateOf(counts),
      consecutiveFailures: this.#options.consecutiveFailures ? countFailuresInARow(this.#histories.row) : 0,
      pending: this.#pending?.countAt(effectiveMs) ?? 0,
      hung: this.#pending?.countHungAt(effectiveMs) ?? 0,
      level: this.#levelAt(effectiveMs),
      generation: this.#generation,
      share: this.#shareAt(effectiveMs),
      late: this.#late,
      refused: this.#totals().refused,
      totals: this.#totals(),
      retryAfterMs: this.retryAfterMs(nowMs),
    };
  }

  #totals(): ModelTotals {
    return {
      succeeded: this.#succeeded,
      failed: this.#failed,
      slow: this.#slow,
      refused: Object.values(this.#refused).reduce((sum, count) => sum + count),
      refusedBy: { ...this.#refused },
      late: this.#late,
      opened: this.#opened,
    };
  }

  #effective(nowMs: number): number {
    if (!(nowMs > this.#latestMs && nowMs <= MAXIMUM_TIME_MS)) return this.#latestMs;
    return this.#latestMs === 0 ? nowMs : Math.min(nowMs, this.#latestMs + MAXIMUM_JUMP_MS);
  }

  #see(nowMs: number): void {
    this.#latestMs = this.#effective(nowMs);
  }

  #ticket(slot: number): number {
    return (this.#generation << SLOT_BITS) | slot;
  }

  #refuse(reason: keyof ModelTotals["refusedBy"] = "open"): number {
    this.#refused[this.#mode === "forced_open" ? "forced_open" : reason]++;
    return this.#mode === "shadow" ? this.#ticket(SLOT_SHADOW) : REFUSED;
  }

  #settle(ticket: number, outcome: ModelOutcome, durationMs: number, weight: number): Ended | undefined {
    const slot = ticket & ((1 << SLOT_BITS) - 1);
    if (slot === SLOT_SHADOW) return undefined;
    if (ticket >>> SLOT_BITS !== this.#generation) {
      if (outcome !== "release") this.#late += weight;
    } else if (slot >= SLOT_FIRST_PROBE && slot <= SLOT_LAST_PROBE) {
      this.#settleProbe(slot - SLOT_FIRST_PROBE, outcome, durationMs, weight);
    } else {
      const wasOut = slot !== SLOT_PLAIN && this.#pending?.giveBack(slot, this.#latestMs);
      if (outcome === "release") return wasOut ? "anew" : undefined;
      return this.#count(outcome === "failure", durationMs, weight);
    }
    return undefined;
  }

  #count(failed: boolean, durationMs: number, weight: number): Ended | undefined {
    if (this.#mode !== "enabled" && this.#mode !== "shadow") return undefined;
    // Nobody admitted this call; a batch may report it all the same.
    if (!this.#isCounting) {
      this.#late += weight;
      return undefined;
    }
    this.#raise(failed, durationMs, weight);
    const outcome = { timeMs: this.#latestMs, weight, failed, durationMs };
    const { time, count, row } = this.#histories;
    this.#histories = { time: [...time, outcome], count: [...count, outcome], row: [...row, outcome] };
    return { failed, weight };
  }

  /** A call has ended in time: it counts for good. Slow by the rule of the window that a snapshot shows. */
  #raise(failed: boolean, durationMs: number, weight: number): void {
    const { timeWindow, countWindow } = this.#options;
    if (failed) this.#failed += weight;
    else this.#succeeded += weight;
    const slowCallMs = (timeWindow ?? countWindow)?.slowCallMs ?? Number.POSITIVE_INFINITY;
    if (durationMs > slowCallMs) this.#slow += weight;
  }

  #settleProbe(lease: number, outcome: ModelOutcome, durationMs: number, weight: number): void {
    const wasOut = this.#leases.free(lease);
    if (outcome === "release") return;
    if (!wasOut) {
      this.#late += weight;
      return;
    }
    this.#raise(outcome === "failure", durationMs, weight);
    if (outcome === "failure") {
      this.#probeFailures++;
      if (this.#hasFailedProbes) this.#open(this.#level, "probe_failed", EMPTY);
    } else {
      this.#probeSuccesses++;
      if (this.#probeSuccesses >= this.#options.successesToClose) this.#return();
    }
  }

  /** Opens if more leases have ended, or more probes have failed, than are tolerated; true if so. */
  #endLeases(): boolean {
    if (this.#state !== "half_open") return false;
    const ended = this.#leases.end(this.#latestMs);
    this.#probeFailures += ended;
    const opens = this.#isProbing && this.#hasFailedProbes;
    if (opens) this.#open(this.#level, ended > 0 ? "probe_timed_out" : "probe_failed", EMPTY);
    return opens;
  }

  get #hasFailedProbes(): boolean {
    return this.#probeFailures > (this.#options.toleratedFailures ?? 0);
  }

  get #isBusy(): boolean {
    const { maximumPending = Number.POSITIVE_INFINITY } = this.#options;
    return (this.#pending?.countAt(this.#latestMs) ?? 0) >= maximumPending;
  }

  /** Opens if a detector says so, or the throttle; true if so. `ended`: the calls that were counted just before. */
  #judge(ended?: Ended): boolean {
    if (!this.#isCounting) return false;
    const share = this.#ramp?.isUnderWay ? this.#ramp.shareAt(this.#latestMs) : 1;
    const hung = this.#pending?.countHungAt(this.#latestMs) ?? 0;
    const verdict = judge(this.#options, this.#histories, this.#latestMs, hung, share);
    if (verdict && this.#ramp?.isUnderWay && this.#ramp.stepBack(this.#latestMs)) {
      const ramp = this.#ramp;
      this.#become("half_open", "half_opened", verdict.cause, verdict.counts, 0, ramp);
      return true;
    }
    if (verdict) this.#open(this.#levelAt(this.#latestMs), verdict.cause, verdict.counts);
    return verdict !== undefined || this.#judgeThrottle(ended);
  }

  /** After a call has ended, and when the window has moved on: both are what a breaker judges at. */
  #judgeThrottle(ended?: Ended): boolean {
    const { timeWindow } = this.#options;
    if (!this.#throttle || !timeWindow || this.#state !== "closed") return false;
    if (this.#mode !== "enabled" && this.#mode !== "shadow") return false;
    const bucket = bucketAt(this.#latestMs, timeWindow.windowMs / timeWindow.buckets);
    const judgedIn = `${bucket} ${this.#generation}`;
    if (!ended && judgedIn === this.#judgedIn) return false;
    this.#judgedIn = judgedIn;
    const calls = ended === "anew" ? undefined : ended;
    const verdict = this.#throttle.judge(this.#histories.time, this.#latestMs, calls);
    if (verdict === undefined) return false;
    const { refused: _, ...counts } = this.#throttle.countsAt(this.#histories.time, this.#latestMs);
    if (verdict === "useless") {
      this.#open(this.#levelAt(this.#latestMs), "success_rate_over_time_window", counts);
      return true;
    }
    const kind = verdict === "overloaded" ? "throttled" : "restored";
    this.#tell(
      kind,
      "closed",
      verdict,
      { ...counts, slow: 0 },
      0,
      this.#levelAt(this.#latestMs),
      this.#throttle.share,
    );
    return false;
  }

  /** The level, lowered by one for each `decayMs` that it has been closed. */
  #levelAt(nowMs: number): number {
    const { decayMs } = this.#options;
    if (this.#state !== "closed" || decayMs === 0) return this.#level;
    return Math.max(0, this.#level - Math.floor((nowMs - this.#closedSinceMs) / decayMs));
  }

  #open(level: number, cause: ModelCause, counts: Counts, holdMs = 0): void {
    const { delaysMs, jitter } = this.#options;
    this.#opened++;
    this.#delayMs = Math.max(delayOf(delaysMs, jitter, level, this.#delayMs, this.#random), holdMs);
    this.#level = level + 1;
    this.#openUntilMs = this.#latestMs + this.#delayMs;
    this.#become("open", "opened", cause, counts, this.#delayMs);
  }

  #halfOpen(): void {
    this.#become("half_open", "half_opened", "delay_ended", EMPTY, 0);
  }

  /** Closed, or half-open with a ramp under way: calls count and are judged. */
  get #isCounting(): boolean {
    return this.#state === "closed" || (this.#ramp?.isUnderWay ?? false);
  }

  #shareAt(nowMs: number): number {
    if (this.#mode === "disabled" || this.#mode === "shadow") return 1;
    if (this.#state === "closed") return this.#throttle?.share ?? 1;
    return this.#ramp?.isUnderWay ? this.#ramp.shareAt(nowMs) : 0;
  }

  /** Enough probes have succeeded. */
  #return(): void {
    if (this.#ramp === undefined) {
      this.#close("probes_succeeded");
    } else {
      this.#become("half_open", "half_opened", "probes_succeeded", EMPTY, 0);
    }
  }

  #endRamp(): void {
    if (!this.#ramp?.isUnderWay || this.#ramp.shareAt(this.#latestMs) < 1) return;
    this.#close("ramp_ended");
  }

  /** Half-open, and the probes have not succeeded yet. */
  get #isProbing(): boolean {
    return this.#state === "half_open" && !this.#ramp?.isUnderWay;
  }

  #close(cause: ModelCause): void {
    if (this.#options.decayMs === 0) this.#level = 0;
    this.#closedSinceMs = this.#latestMs;
    this.#become("closed", "closed", cause, EMPTY, 0);
  }

  /** As if just created in its mode; only the generation and the counters of late and refused calls go on. */
  #startAnew(kind: ModelEventKind, cause: ModelCause): void {
    this.#level = 0;
    this.#closedSinceMs = this.#latestMs;
    if (this.#mode === "forced_open") {
      this.#openUntilMs = Number.POSITIVE_INFINITY;
      this.#become("open", kind, cause, EMPTY, Number.POSITIVE_INFINITY);
    } else {
      this.#become("closed", kind, cause, EMPTY, 0);
    }
  }

  #become(
    to: ModelState,
    kind: ModelEventKind,
    cause: ModelCause,
    counts: Counts,
    delayMs: number,
    ramp = this.#options.ramp && new RampModel(this.#options.ramp),
  ): void {
    const from = this.#state;
    this.#state = to;
    const lastError = to === "open" ? this.#error : undefined;
    if (to === "closed") this.#opening = undefined;
    if (to === "open" && (cause === "mode" || cause === "reset" || from === "closed")) {
      this.#opening = {
        cause,
        atMs: this.#latestMs,
        ...counts,
        successRate: successRateOf(counts),
        lastError,
      };
    }
    this.#generation = generationAfter(this.#generation);
    this.#histories = NO_HISTORIES;
    this.#leases.clear();
    this.#pending?.clear();
    this.#ramp = ramp;
    this.#throttle?.restart(to === "closed" && cause === "probes_succeeded", this.#latestMs);
    this.#probeSuccesses = 0;
    this.#probeFailures = 0;
    if (to === "half_open" && cause === "probes_succeeded") ramp?.start(this.#latestMs);
    const share =
      to === "closed" ? (this.#throttle?.share ?? 1) : ramp?.isUnderWay ? ramp.shareAt(this.#latestMs) : 0;
    this.#tell(kind, from, cause, counts, delayMs, this.#level, share);
  }

  #tell(
    kind: ModelEventKind,
    from: ModelState,
    cause: ModelCause,
    counts: Counts,
    delayMs: number,
    level: number,
    share: number,
  ): void {
    const to = this.#state;
    const lastError = to === "open" ? this.#error : undefined;
    this.events.push({
      kind,
      from,
      to,
      cause,
      mode: this.#mode,
      atMs: this.#latestMs,
      generation: this.#generation,
      ...counts,
      successRate: successRateOf(counts),
      lastError,
      level,
      share: Math.floor(share * 65_536) / 65_536,
      delayMs,
      retryAtMs: to === "open" ? this.#openUntilMs : this.#latestMs,
    });
  }
}

/** Calls that were counted just now; "anew": none, but it is to be judged. */
type Ended = { readonly failed: boolean; readonly weight: number } | "anew";

function throttleOf({ overload, timeWindow }: ModelOptions): ThrottleModel | undefined {
  return overload && timeWindow && new ThrottleModel(overload, timeWindow);
}

function generationAfter(generation: number): number {
  return generation === MAXIMUM_GENERATION ? 1 : generation + 1;
}

function kindOfSwitch(from: ModelMode, to: ModelMode): ModelEventKind {
  if (to === "forced_open") return "opened";
  if (to === "shadow") return "shadowed";
  return from === "forced_open" && to === "enabled" ? "closed" : to;
}
