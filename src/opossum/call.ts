/** One call of the guarded function. */
import { ownTimer } from "../breaker/platform.ts";
import { type Expiring, queueFor, type TimeoutQueue } from "../breaker/timeout-queue.ts";
import { ourError } from "./errors.ts";

/** What a call reports its end to. */
export interface CallEnds {
  _succeeded(call: Call, value: unknown): unknown;
  /** What the fallback gives; undefined: there is none. */
  _failed(call: Call, error: unknown): Promise<unknown> | undefined;
  /** Whether the fallback answers it. */
  _timedOut(call: Call, error: Error): boolean;
  _fallBack(args: readonly unknown[], error: unknown): Promise<unknown> | undefined;
  _hasFallback(): boolean;
}

/** A call under way. */
export class Call {
  readonly args: unknown[];
  readonly startMs: number;
  /** Of the core. */
  readonly ticket: number;
  /** Of its result in the caches. */
  readonly key: unknown;
  /** What the function returned. */
  result: Promise<unknown> | undefined = undefined;
  /** It has ended in a way after which its promise is not shared. */
  isUnshared = false;

  constructor(args: unknown[], startMs: number, ticket: number, key: unknown) {
    this.args = args;
    this.startMs = startMs;
    this.ticket = ticket;
    this.key = key;
  }
}

/** Waits for the result of a call, however long. */
export function settle(ends: CallEnds, call: Call, result: Promise<unknown>): Promise<unknown> {
  return result.then(
    (value) => ends._succeeded(call, value),
    // The result itself rejects with that error, and costs less than to throw it again.
    (error) => ends._failed(call, error) ?? result,
  );
}

/** Waits for the result of a call for that long. */
export function settleWithin(
  ends: CallEnds,
  call: Call,
  result: Promise<unknown>,
  timeoutMs: number,
): Promise<unknown> {
  return new TimedCall(ends, call, timeoutMs)._race(result);
}

/** The race of a call with its timeout: a node of the queue of timeouts. */
class TimedCall implements Expiring {
  dueMs = 0;
  next: Expiring | undefined = undefined;
  previous: Expiring | undefined = undefined;
  queue: TimeoutQueue | undefined = undefined;
  readonly _ends: CallEnds;
  readonly _call: Call;
  readonly _timeoutMs: number;
  _hasEnded = false;
  _resolve!: (value: unknown) => void;
  _reject!: (error: unknown) => void;
  _stopTimer: (() => void) | undefined = undefined;
  _wake: ((error: unknown) => void) | undefined = undefined;

  constructor(ends: CallEnds, call: Call, timeoutMs: number) {
    this._ends = ends;
    this._call = call;
    this._timeoutMs = timeoutMs;
  }

  _race(result: Promise<unknown>): Promise<unknown> {
    const outer = new Promise<unknown>((resolve, reject) => {
      this._resolve = resolve;
      this._reject = reject;
    });
    const { _ends: ends, _call: call } = this;
    result.then(
      (value) => {
        if (this._end()) this._resolve(ends._succeeded(call, value));
      },
      (error) => {
        if (this._end()) this._finish(ends._failed(call, error), error);
      },
    );
    // By way of a promise made here, so that the fallback runs in the asynchronous context of the call: calls share a timer.
    if (ends._hasFallback()) {
      new Promise((resolve) => {
        this._wake = resolve;
      }).then((error) => this._finish(ends._fallBack(call.args, error), error));
    }
    const after = ownTimer();
    if (after) this._stopTimer = after(this._timeoutMs, () => this.expire());
    else queueFor(this._timeoutMs).add(this);
    return outer;
  }

  /** It has taken too long. */
  expire(): void {
    if (!this._end()) return;
    const { _ends: ends, _call: call } = this;
    const error = ourError(`Timed out after ${this._timeoutMs}ms`, "ETIMEDOUT");
    const isAnswered = ends._timedOut(call, error);
    if (!isAnswered) this._reject(error);
    else if (this._wake) this._wake(error);
    else this._finish(ends._fallBack(call.args, error), error); // it was given after the call began
  }

  _finish(fallback: Promise<unknown> | undefined, error: unknown): void {
    if (fallback) this._resolve(fallback);
    else this._reject(error);
  }

  /** Whether this end is the first. */
  _end(): boolean {
    if (this._hasEnded) return false;
    this._hasEnded = true;
    this.queue?.remove(this);
    this._stopTimer?.();
    return true;
  }
}
