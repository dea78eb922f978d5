/** A guard of requests: finds the breaker of each, asks it, and reports each request once. */
import type { CircuitBreaker } from "../breaker/breaker.ts";
import type { Job } from "../breaker/call-options.ts";
import { admitCall, report } from "../breaker/call-report.ts";
import type { CircuitOpenError } from "../breaker/errors.ts";
import { fieldOf, parseRetryAfter } from "../breaker/failure.ts";
import { optionError } from "../breaker/validate.ts";
import { isDeadline, isOwnFault } from "./classify.ts";
import { type Entry, Keys } from "./keys.ts";
import {
  type HttpEnd,
  type HttpHeaders,
  type HttpOutcome,
  type HttpRequest,
  type ResolvedHttpOptions,
  resolveHttpOptions,
} from "./options.ts";

/** Statuses whose `Retry-After` says when the endpoint can be asked again (RFC 9110, 10.2.3; RFC 6585, 4). */
const RETRY_AFTER_STATUSES = [408, 429, 503];

/** See the file. */
export class HttpGuard {
  readonly options: ResolvedHttpOptions;
  readonly _keys: Keys;

  /** @throws OptionError */
  constructor(options: unknown, call: string) {
    this.options = resolveHttpOptions(options, call);
    this._keys = new Keys(this.options.breakers, this.options.maximumKeys);
  }

  /**
   * A call where the breaker admits the request, the error where it refuses it, undefined where it has no breaker.
   * @throws what `key` throws, and OptionError for what it must not return. Nothing is admitted then.
   */
  admit(request: HttpRequest): HttpCall | CircuitOpenError | undefined {
    const { key } = this.options;
    const { origin } = request;
    if (!key && origin === "") {
      const text =
        'the dispatcher gives no origin, as a Client or a Pool of undici: name its breaker, as in key: () => "payments"';
      throw optionError("key", text, TypeError);
    }
    const entry = this._keys.find(key ? key(request) : origin);
    if (!entry) return undefined;
    const call = new HttpCall(this.options, entry, request);
    return admitCall(call) ? call.begin() : entry.breaker._refusal(call.startMs);
  }
}

/** One request that was admitted. The first of its ends counts; others change nothing. */
export class HttpCall implements Job {
  readonly breaker: CircuitBreaker;
  readonly signal = undefined;
  readonly timeoutMs = undefined;
  readonly fallback = undefined;
  readonly classify = undefined;
  startMs = Number.NaN;
  ticket = 0;
  isFailure = false;
  readonly _options: ResolvedHttpOptions;
  readonly _entry: Entry;
  readonly _request: HttpRequest;
  _status: number | undefined = undefined;
  _headers: HttpHeaders | undefined = undefined;
  _isPending = false;

  constructor(options: ResolvedHttpOptions, entry: Entry, request: HttpRequest) {
    this.breaker = entry.breaker;
    this._options = options;
    this._entry = entry;
    this._request = request;
  }

  /** It is out. */
  begin(): this {
    this._isPending = true;
    this._entry.pending++;
    return this;
  }

  /**
   * The headers are there. Returns whether the call has ended with them.
   * @throws what `classify` throws
   */
  receive(status: number, headers: HttpHeaders): boolean {
    this._status = status;
    this._headers = headers;
    const usual = this._options.isFailure(status) ? "failure" : "success";
    const outcome = this._judge(undefined, usual);
    if (outcome !== "success") this._end(outcome, outcome === "ignored" ? undefined : statusError(status));
    else if (!this._options.isByBody || isEventStream(headers)) this.succeed();
    return !this._isPending;
  }

  /** It has done all that was asked of it. */
  succeed(): void {
    this._end("success", undefined);
  }

  /**
   * It has ended in an error.
   * @param isCancelled the caller ended it, or this process; a deadline of the caller is a failure nevertheless
   * @throws what `classify` throws
   */
  fail(error: unknown, isCancelled: boolean): void {
    if (!this._isPending) return;
    const isFailure = isDeadline(error) || !(isCancelled || isOwnFault(error));
    this._end(this._judge(error, isFailure ? "failure" : "ignored"), error);
  }

  /** It came to nothing. */
  release(): void {
    this._end("ignored", undefined);
  }

  /** The outcome of headers or of an error. Where `classify` throws, the call has ended by the usual rule. */
  _judge(error: unknown, usual: "success" | "failure" | "ignored"): Exclude<HttpOutcome, undefined> {
    const { classify } = this._options;
    const end: HttpEnd | undefined = classify && {
      request: this._request,
      status: this._status,
      headers: this._headers,
      error,
    };
    let outcome: HttpOutcome;
    try {
      outcome = end && checkOutcome(classify!(end)); // there is an end only where it is given
    } catch (failure) {
      this._end(usual, error);
      throw failure;
    }
    const judged = outcome ?? usual;
    return judged === "failure" && error === undefined ? this._holdMs() : judged;
  }

  /** ms that the endpoint asks to be left alone; 0: it does not. */
  _holdMs(): number {
    if (!this._headers || !RETRY_AFTER_STATUSES.includes(this._status!)) return 0; // with headers there is a status
    return parseRetryAfter(headerOf(this._headers, "retry-after"), Date.now());
  }

  _end(outcome: Exclude<HttpOutcome, undefined>, error: unknown): void {
    if (!this._isPending) return;
    this._isPending = false;
    this._entry.pending--;
    report(this, outcome, originOf(error));
  }
}

/** @throws TypeError for what `classify` must not return. */
function checkOutcome(outcome: unknown): HttpOutcome {
  const isKnown =
    outcome === undefined ||
    outcome === "success" ||
    outcome === "failure" ||
    outcome === "ignored" ||
    (typeof outcome === "number" && outcome >= 0);
  if (isKnown) return outcome;
  throw new TypeError(
    `classify must return "success", "failure", "ignored", ms to stay open, or undefined, got ${String(outcome)}`,
  );
}

/** A header as text; undefined where there is none. */
export function headerOf(headers: HttpHeaders, name: string): string | undefined {
  const value =
    typeof headers.get === "function"
      ? headers.get(name)
      : (headers as Exclude<HttpHeaders, { get(name: string): unknown }>)[name];
  return (Array.isArray(value) ? value[0] : value) ?? undefined;
}

/** Such a response lasts as long as its connection. */
function isEventStream(headers: HttpHeaders): boolean {
  return headerOf(headers, "content-type")?.startsWith("text/event-stream") === true;
}

/** The error that says what happened: a TypeError of `fetch` says only that it failed. */
function originOf(error: unknown): unknown {
  return (error instanceof TypeError && fieldOf(error, "cause")) || error;
}

/** What `lastError` shows of a response that is a failure. */
function statusError(status: number): object {
  return { name: "HttpStatusError", message: `status ${status}`, code: status };
}
