/** What a call is given: its options over the defaults of its breaker, and the call object of its function. */
import type { Clock } from "./clock.ts";
import type { CircuitOpenError } from "./errors.ts";
import { CALL, type Classify, type Fallback, type Rule, type Table } from "./options.ts";
import { allowListeners, isByRequest } from "./platform.ts";
import type { PolicyEntry } from "./policy-cache.ts";
import { functionOption, objectOption, type Range, wrongType } from "./validate.ts";

/** @internal A breaker, as far as a call needs it. */
export interface CallBreaker {
  readonly name: string;
  readonly _policy: PolicyEntry;
  readonly _clock: Clock;
  /** The time at which a call starts; NaN where its duration is not judged. */
  _startOf(): number;
  /** A ticket, or 0; reads no clock where no time is needed. */
  _admit(): number;
  tryAcquire(nowMs?: number): number;
  onSuccess(ticket: number, nowMs?: number, durationMs?: number): void;
  release(ticket: number, nowMs?: number): void;
  _failWith(
    error: unknown,
    ticket: number,
    nowMs: number,
    durationMs: number,
    holdMs: number | undefined,
  ): void;
  _refusal(nowMs: number): CircuitOpenError;
}

/** What the function of a call is given. */
export interface CallContext {
  /**
   * Aborted by the timeout and by the caller's own signal; made when it is first read. Where neither can end the call, a
   * signal that is never aborted.
   */
  readonly signal: AbortSignal;
}

/** A function to call behind a breaker. */
export type CallFunction<T> = (call: CallContext) => T | PromiseLike<T>;

/** What one call is given besides its function, over the call defaults of its breaker. */
export interface ExecuteOptions<T, F = T> {
  /** The caller's cancellation: rejects at once with its reason, and is neutral for the breaker. */
  readonly signal?: AbortSignal | undefined;
  /**
   * A call that takes longer is a failure; its signal is aborted, and it is not waited for. 1..86,400,000 ms, default: no
   * timeout. Where our own event loop stalled, what has arrived is taken in first, and the time lost is given back once.
   */
  readonly timeoutMs?: number | undefined;
  /** Gives the result when the call was refused, failed or timed out; not when it was cancelled or ignored. */
  readonly fallback?: Fallback<F> | undefined;
  /** Whether a value or an error is a success, a failure, or neither. Not asked about timeouts and cancellation. */
  readonly classify?: Classify<Awaited<T>> | undefined;
}

/** Reads of a signal that is never aborted before a new one: Node 20 keeps some bytes for each use of one. */
const SIGNAL_READS = 4_000;

/** The call object of calls that nothing can abort. */
class PlainCall implements CallContext {
  _signal: AbortSignal | undefined;
  _readsLeft = 0;

  get signal(): AbortSignal {
    if (--this._readsLeft < 0) {
      this._signal = new AbortController().signal;
      allowListeners(this._signal);
      this._readsLeft = isByRequest() ? 0 : SIGNAL_READS;
    }
    return this._signal!;
  }
}

/** @internal */
export const PLAIN_CALL: CallContext = /* @__PURE__ */ new PlainCall();

/** @internal One call: what it was given, and what the breaker says to it. */
export interface Job {
  readonly breaker: CallBreaker;
  signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly fallback: Fallback<unknown> | undefined;
  readonly classify: Classify<unknown> | undefined;
  /** When it began; NaN: its duration is not judged. */
  startMs: number;
  ticket: number;
  /** It ended in an error that counts as a failure. */
  isFailure: boolean;
}

/** @internal What a synchronous call may be given. */
export const SYNC_OPTIONS: Table = /* @__PURE__ */ (() => ({
  fallback: { read: functionOption },
  classify: { read: functionOption },
}))();

/** @internal What an asynchronous call may be given. */
export const CALL_OPTIONS: Table = /* @__PURE__ */ (() => ({
  signal: { read: readSignal },
  timeoutMs: CALL.timeoutMs!,
  ...SYNC_OPTIONS,
}))();

function readSignal(option: string, value: unknown): unknown {
  if (typeof (value as AbortSignal | null)?.addEventListener === "function") return value;
  throw wrongType(option, "an AbortSignal", value);
}

/** @internal Checks the options of a call and fills in the defaults of its breaker. Reads own properties only. @throws OptionError */
export function readCall(
  breaker: CallBreaker,
  options: object | undefined,
  table: Table = CALL_OPTIONS,
): Job {
  const { timeoutMs, fallback, classify } = breaker._policy.callDefaults;
  const startMs = Number.NaN;
  const job: Job = {
    breaker,
    signal: undefined,
    timeoutMs,
    fallback,
    classify,
    startMs,
    ticket: 0,
    isFailure: false,
  };
  if (options === undefined) return job;
  if (typeof options !== "object" || options === null) throw wrongType("options", "an object", options);
  const given = options as Record<string, unknown>;
  for (const key in given) {
    if (!Object.hasOwn(given, key)) continue;
    if (!Object.hasOwn(table, key)) objectOption("options", options, Object.keys(table)); // throws
    const value = given[key];
    const rule = table[key] as Rule & Range;
    if (value !== undefined) job[key as "signal"] = rule.read(key, value, rule) as AbortSignal;
  }
  return job;
}
