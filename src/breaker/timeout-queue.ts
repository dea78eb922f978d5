/**
 * Timeouts of calls: all of one length share a queue and one timer, since a timer for each call costs more than the call.
 *
 * The timer runs while a call is in the queue and at most TICK_MS longer, so it keeps a process open no longer than that.
 * A timer that our own loop kept waiting says nothing about the endpoint: what it was late is given back, once, and what
 * has arrived meanwhile is taken in first. In a hidden page timers are late by themselves, and answers are not.
 */
import { coarseClock, isTimeFaked, systemClock } from "./clock.ts";
import { STALL_MS } from "./loop-lag.ts";
import { afterPoll, isHidden } from "./platform.ts";

/** ms: the timer looks at the queue at least that often. */
const TICK_MS = 50;
/** ms after which a timer counts as lost: its host was stopped, or its fake was removed. */
const LOST_MS = 1_000;

/** A call that may take too long: a node of the queue. */
export interface Expiring {
  /** ms, on the clock of the queue. */
  dueMs: number;
  next: Expiring | undefined;
  previous: Expiring | undefined;
  queue: TimeoutQueue | undefined;
  /** It has taken too long. */
  expire(): void;
}

export class TimeoutQueue {
  readonly _timeoutMs: number;
  _first: Expiring | undefined;
  _last: Expiring | undefined;
  /** What the armed timer waits for, ms; 0: none is armed. */
  _armedForMs = 0;
  /** The function that armed it: fake timers put theirs in its place. */
  _armedBy: typeof setTimeout | undefined;
  _timer: ReturnType<typeof setTimeout> | undefined;
  /** The timer was armed by a timer, so it keeps the asynchronous context of a call that may be over. */
  _isInherited = false;
  /** No call expires before: the time that a stall took. */
  _graceUntilMs = 0;
  /** A timer that has fired proves that its time has come, whatever the clock says. */
  _firedMs = 0;

  constructor(timeoutMs: number) {
    this._timeoutMs = timeoutMs;
  }

  /** Adds a call that begins now. */
  add(call: Expiring): void {
    if (this._armedBy !== setTimeout) this._firedMs = 0;
    const nowMs = Math.max(coarseClock(), this._firedMs);
    call.dueMs = nowMs + this._timeoutMs;
    call.queue = this;
    call.previous = this._last;
    if (this._last) this._last.next = call;
    else this._first = call;
    this._last = call;
    const isLost = this._armedBy !== setTimeout || nowMs > this._armedForMs + LOST_MS;
    if (this._isInherited || isLost) this._arm(nowMs, false);
  }

  /** Takes a call out that has ended. */
  remove(call: Expiring): void {
    const { previous, next } = call;
    if (previous) previous.next = next;
    else this._first = next;
    if (next) next.previous = previous;
    else this._last = previous;
    call.queue = call.next = call.previous = undefined;
  }

  _arm(nowMs: number, isInherited: boolean): void {
    if (this._armedForMs !== 0 && this._armedBy === setTimeout) clearTimeout(this._timer);
    const wantedMs = Math.max(this._first!.dueMs, this._graceUntilMs) - nowMs;
    // Browsers delay a chain of timers of a hidden page by up to a minute, and a single one by a second.
    const delayMs = Math.ceil(Math.max(1, isHidden() ? wantedMs : Math.min(wantedMs, TICK_MS)));
    this._isInherited = isInherited;
    this._armedForMs = nowMs + delayMs;
    this._armedBy = setTimeout;
    const timer = setTimeout(() => {
      if (timer === this._timer) this._fire();
    }, delayMs);
    this._timer = timer;
  }

  _fire(): void {
    const dueMs = this._armedForMs;
    this._armedForMs = 0;
    this._firedMs = dueMs;
    if (!this._first) return;
    const nowMs = Math.max(systemClock(), dueMs);
    const lateMs = nowMs - dueMs;
    // A grace is given once: the calls that waited for its end are decided whatever happened meanwhile.
    if (lateMs > STALL_MS && !isHidden() && !isTimeFaked() && this._graceUntilMs < this._first.dueMs) {
      this._graceUntilMs = nowMs + Math.min(lateMs, this._timeoutMs);
    }
    if (this._first.dueMs <= nowMs && this._graceUntilMs <= nowMs) {
      // Fake timers run what is due in one go; a hidden page would delay a second timer as much as the first one.
      if (isTimeFaked() || isHidden()) this._expire(nowMs);
      else afterPoll(() => this._expire(nowMs));
    } else this._arm(nowMs, true);
  }

  _expire(nowMs: number): void {
    while (this._first && this._first.dueMs <= nowMs) {
      const call = this._first;
      this.remove(call);
      call.expire();
    }
    if (this._first && this._armedForMs === 0) this._arm(Math.max(systemClock(), this._firedMs), true);
  }
}

const queues = /* @__PURE__ */ new Map<number, TimeoutQueue>();
/** Lengths that are remembered; beyond, a call gets a queue of its own. */
const MAXIMUM_QUEUES = 256;

/** The queue of calls with that timeout. */
export function queueFor(timeoutMs: number): TimeoutQueue {
  let queue = queues.get(timeoutMs);
  if (!queue) {
    queue = new TimeoutQueue(timeoutMs);
    if (queues.size < MAXIMUM_QUEUES) queues.set(timeoutMs, queue);
  }
  return queue;
}
