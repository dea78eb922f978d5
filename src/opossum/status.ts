/** What a breaker counts, as opossum's `Status` gives it. */
import { EventEmitter } from "node:events";
import { systemClock } from "../breaker/clock.ts";
import { fieldsOf, numberOption, wrongType } from "../breaker/validate.ts";
import { BUCKETS, WINDOW } from "./options.ts";
import { latenciesOf } from "./percentiles.ts";
import { quietTimeout } from "./timer.ts";
import type { Bucket, Counts, Stats, StatusOptions } from "./types.ts";
import { COUNTS, CountWindow, emptyBucket } from "./window.ts";

const ROTATE = "rotate";
/** Counts of calls that took some time. */
const TIMED: readonly string[] = ["successes", "failures", "timeouts"];
const COUNT: { from: number; to: number } = { from: 0, to: Number.MAX_SAFE_INTEGER };

/**
 * The counts of a breaker over a window of time. Emits "snapshot" with `stats` at the end of each slice while it has listeners
 * to it, and has no timer otherwise.
 */
export class Status extends EventEmitter {
  /** Whether latencies are kept. */
  readonly rollingPercentilesEnabled: boolean;
  /** Whether "snapshot" is emitted. */
  readonly enableSnapshots: boolean;
  /** What turns the window instead of time. */
  readonly rotateBucketController: EventEmitter | undefined;
  /** @internal */
  readonly _window: CountWindow;
  readonly #rotate: () => void;
  readonly #sliceMs: number;
  #stopSnapshots: (() => void) | undefined;
  #isShutdown = false;

  /** @throws OptionError, a TypeError or a RangeError that names option, range and value. */
  constructor(options: StatusOptions = {}) {
    super();
    const slices = numberOption("rollingCountBuckets", options.rollingCountBuckets, BUCKETS, 10) || 10;
    const windowMs =
      numberOption("rollingCountTimeout", options.rollingCountTimeout, WINDOW, 10_000) || 10_000;
    this.rollingPercentilesEnabled = options.rollingPercentilesEnabled !== false;
    this.enableSnapshots = options.enableSnapshots !== false;
    this.rotateBucketController = options.rotateBucketController;
    const isTurnedByTime = this.rotateBucketController === undefined;
    this.#sliceMs = Math.max(1, Math.floor(windowMs / slices));
    this._window = new CountWindow(slices, isTurnedByTime ? this.#sliceMs : Infinity, systemClock());
    this.#rotate = () => this._window.turn();
    this._followController();
    if (options.stats) this._window.buckets[0] = bucketOf(options.stats);
  }

  /** The sums over the window. */
  get stats(): Stats {
    const { buckets } = this.#now();
    const sums: Bucket = emptyBucket();
    for (const bucket of buckets) for (const name of COUNTS) sums[name] += bucket[name];
    const times = this.rollingPercentilesEnabled ? buckets.map((bucket) => bucket.latencyTimes) : undefined;
    return Object.assign(sums, latenciesOf(times));
  }

  /** The slices, the newest first. */
  get window(): Bucket[] {
    return this.#now().slices();
  }

  /**
   * Counts one.
   * @param latencyMs how long the call took, for those that took some time. Default: 0.
   */
  increment(property: keyof Counts, latencyMs = 0): void {
    const bucket = this._window.current(systemClock());
    bucket[property]++;
    if (this.rollingPercentilesEnabled && TIMED.includes(property)) bucket.latencyTimes.push(latencyMs);
  }

  /** Notes that the circuit opened. */
  open(): void {
    this._window.current(systemClock()).isCircuitBreakerOpen = true;
  }

  /** Notes that the circuit closed. */
  close(): void {
    this._window.current(systemClock()).isCircuitBreakerOpen = false;
  }

  /** Ends all listening and every timer; time turns the window no more. */
  shutdown(): void {
    this._window.current(systemClock());
    this._window.endsMs = Infinity;
    this.#isShutdown = true;
    this.removeAllListeners();
    this._leaveController();
    this.#stopSnapshots?.();
  }

  override on(event: string | symbol, listener: (...args: any[]) => void): this {
    return this.#added(super.on(event, listener));
  }

  override addListener(event: string | symbol, listener: (...args: any[]) => void): this {
    return this.#added(super.addListener(event, listener));
  }

  override prependListener(event: string | symbol, listener: (...args: any[]) => void): this {
    return this.#added(super.prependListener(event, listener));
  }

  /** @internal Lets the controller turn the window, where there is one. */
  _followController(): void {
    if (this.#isShutdown || this.rotateBucketController?.listeners(ROTATE).includes(this.#rotate)) return;
    this.rotateBucketController?.on(ROTATE, this.#rotate);
  }

  /** @internal */
  _leaveController(): void {
    this.rotateBucketController?.removeListener(ROTATE, this.#rotate);
  }

  #now(): CountWindow {
    this._window.current(systemClock());
    return this._window;
  }

  #added(self: this): this {
    if (this.enableSnapshots && !this.#isShutdown && !this.#stopSnapshots) this.#awaitSnapshot();
    return self;
  }

  /** Emits a snapshot at the end of the present slice; then again while there are listeners. */
  #awaitSnapshot(): void {
    if (this.listenerCount("snapshot") === 0) return;
    const { endsMs } = this.#now();
    // Where a controller turns the window, snapshots are still taken by time.
    const delayMs = Math.min(this.#sliceMs, Math.ceil(endsMs - systemClock()));
    this.#stopSnapshots = quietTimeout(() => {
      this.#stopSnapshots = undefined;
      if (this.listenerCount("snapshot") > 0) this.emit("snapshot", this.stats);
      this.#awaitSnapshot();
    }, delayMs);
  }
}

/** A slice with counts of the user. @throws OptionError */
function bucketOf(given: Partial<Stats>): Bucket {
  const fields = fieldsOf("status", given);
  const bucket = emptyBucket();
  for (const name of COUNTS)
    bucket[name] = numberOption(`status.${name}`, fields[name] ?? undefined, COUNT, 0);
  const times = fields.latencyTimes ?? [];
  if (!Array.isArray(times)) throw wrongType("status.latencyTimes", "an array", times);
  bucket.latencyTimes = times.map((time) => numberOption("status.latencyTimes", time, COUNT));
  return bucket;
}
