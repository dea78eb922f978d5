/** One call of the guarded function. */
import { ownTimer } from "../breaker/platform.ts";
import { type Expiring, queueFor, type TimeoutQueue } from "../breaker/timeout-queue.ts";

/** What a call reports its end to. */
export interface CallEnds {
  _succeeded(call: Call, value: unknown): unknown;
  _failed(call: Call, error: unknown): Promise<unknown> | undefined;
  _timedOut(call: Call): unknown;
}

/** A call under way. It is its own node of the queue of timeouts. */
export class Call implements Expiring {
  dueMs = 0;
  next: Expiring | undefined = undefined;
  previous: Expiring | undefined = undefined;
  queue: TimeoutQueue | undefined = undefined;
  readonly args: unknown[];
  readonly startMs: number;
  /** Of the core. */
  readonly ticket: number;
  /** Of its result in the caches. */
  readonly key: string | undefined;
  /** What the function returned; undefined: it threw. */
  result: Promise<unknown> | undefined = undefined;
  /** It has ended, so that its promise must no longer be shared. */
  isUnshared = false;
  _hasEnded = false;
  _resolve!: (value: unknown) => void;
  readonly _ends: CallEnds;
  _stopTimer: (() => void) | undefined = undefined;

  constructor(ends: CallEnds, args: unknown[], startMs: number, ticket: number, key: string | undefined) {
    this._ends = ends;
    this.args = args;
    this.startMs = startMs;
    this.ticket = ticket;
    this.key = key;
  }

  /** Waits for the result, however long. */
  settle(result: Promise<unknown>): Promise<unknown> {
    this.result = result;
    return result.then(
      (value) => this._ends._succeeded(this, value),
      // The result itself rejects with that error, and costs less than to throw it again.
      (error) => this._ends._failed(this, error) ?? result,
    );
  }

  /** Waits for the result for that long. */
  settleWithin(result: Promise<unknown>, timeoutMs: number): Promise<unknown> {
    this.result = result;
    const outer = new Promise<unknown>((resolve) => {
      this._resolve = resolve;
    });
    result.then(
      (value) => {
        if (this._end()) this._resolve(this._ends._succeeded(this, value));
      },
      (error) => {
        if (this._end()) this._resolve(this._ends._failed(this, error) ?? result);
      },
    );
    const after = ownTimer();
    if (after) this._stopTimer = after(timeoutMs, () => this.expire());
    else queueFor(timeoutMs).add(this);
    return outer;
  }

  /** It has taken too long. */
  expire(): void {
    if (this._end()) this._resolve(this._ends._timedOut(this));
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
