/** The endpoint of a simulation: what it does with a call depends on the phase and on the calls before. */
import type { Phase } from "./scenarios.ts";

/** A client waits that long for an answer, then the call has failed. */
const TIMEOUT_MS = 1_000;
/** Calls that may come at once, as ms of the capacity; at least two. */
const BURST_MS = 100;
/** The longest queue of an endpoint that is slow, as ms of its capacity. */
const LONGEST_QUEUE_MS = 5_000;

/** An endpoint with a token bucket, or with a queue. */
export class Endpoint {
  /** How the call of the latest `serve` ends. */
  isGood = false;
  /** How long that takes. */
  durationMs = 0;
  readonly #perMs: number;
  readonly #answerMs: number;
  readonly #failureCost: number;
  readonly #timeoutMs: number;
  #latestMs = 0;
  /** Calls that fit in at once. */
  #tokens = Number.POSITIVE_INFINITY;
  /** Work in the queue, in calls. */
  #queue = 0;

  /**
   * @param callsPerSecond the load of the setting
   * @param answerMs the time that every answer takes
   * @param failureCost work of a call that fails for want of capacity; that of a good one is 1
   * @param timeoutMs a call that takes that long has failed then
   */
  constructor(callsPerSecond: number, answerMs: number, failureCost: number, timeoutMs = TIMEOUT_MS) {
    this.#perMs = callsPerSecond / 1_000;
    this.#answerMs = answerMs;
    this.#failureCost = failureCost;
    this.#timeoutMs = timeoutMs;
  }

  /** A call arrives; `luck`, 0..1, decides about failures at random. */
  serve(nowMs: number, phase: Phase, luck: number): void {
    const elapsedMs = nowMs - this.#latestMs;
    this.#latestMs = nowMs;
    const { capacity, failing = 0, hangs = false, excess, answerMs = this.#answerMs } = phase;
    const takesTooLong = hangs || answerMs >= this.#timeoutMs;
    this.isGood = !takesTooLong && luck >= failing;
    this.durationMs = takesTooLong ? this.#timeoutMs : answerMs;
    if (capacity === undefined) {
      this.#tokens = Number.POSITIVE_INFINITY;
      this.#queue = 0;
    } else if (excess === "queue") this.#enqueue(elapsedMs, capacity * this.#perMs, answerMs);
    else this.#take(elapsedMs, capacity * this.#perMs);
  }

  /** A call beyond the capacity fails, and may still cost some of it. */
  #take(elapsedMs: number, perMs: number): void {
    this.#tokens = Math.min(this.#tokens + elapsedMs * perMs, Math.max(BURST_MS * perMs, 2));
    const fits = this.#tokens >= 1;
    this.#tokens = Math.max(this.#tokens - (fits ? 1 : this.#failureCost), 0);
    this.isGood &&= fits;
  }

  /** A call waits for its turn; its client gives up at the timeout, and some of the work may have been done by then. */
  #enqueue(elapsedMs: number, perMs: number, answerMs: number): void {
    this.#queue = Math.max(this.#queue - elapsedMs * perMs, 0);
    const waitMs = this.#queue / perMs + answerMs;
    const isInTime = waitMs < this.#timeoutMs;
    this.durationMs = Math.min(Math.max(waitMs, this.durationMs), this.#timeoutMs);
    this.#queue = Math.min(this.#queue + (isInTime ? 1 : this.#failureCost), LONGEST_QUEUE_MS * perMs);
    this.isGood &&= isInTime;
  }
}
