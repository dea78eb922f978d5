/** What a call is rejected with that was refused or took too long. */
import type { Cause, ErrorSummary } from "./events.ts";
import { fieldOf } from "./failure.ts";

/**
 * Why a call was refused. "open": the breaker is open, or half-open without a free probe. "forced_open": it was switched off
 * by `forceOpen`. "throttled": the throttle of `overload` refuses a part of the calls. "busy": `maximumPending` calls are out.
 */
export type RefusalReason = "open" | "throttled" | "busy" | "forced_open";

/** What `CircuitOpenError` says besides the endpoint. */
export interface Refusal {
  /** Why the call was refused. */
  readonly reason: RefusalReason;
  /** ms until a probe may pass; 0: half-open, and all probes are out, throttled, or busy; Infinity: forced open. */
  readonly retryAfterMs: number;
  /** Why the breaker opened; undefined where that is not known. */
  readonly openedBy: Cause | undefined;
  /** The failure that opened it; undefined where that is not known. */
  readonly lastError: ErrorSummary | undefined;
}

/** A class of ordinary objects whose instances are of `Error`. */
function plainError(): new () => object {
  function PlainError() {}
  PlainError.prototype = Error.prototype;
  return PlainError as unknown as new () => object;
}

/**
 * The breaker of the endpoint refuses calls. An `instanceof Error` of which the engine knows nothing (docs/adr/0008):
 * it costs a tenth of the call that it stands for, and has no stack, which would say nothing. All of it are plain fields,
 * so `structuredClone` and `postMessage` keep it.
 */
export class CircuitOpenError extends /* @__PURE__ */ plainError() implements Error, Refusal {
  /** "CircuitOpenError". */
  name = "CircuitOpenError";
  /** Names the endpoint, what opened the breaker, the error that did, and when to retry. */
  message: string;
  /** One line: name and message. */
  stack: string;
  /** Stable; test this, or ask `isCircuitOpenError`, and not `instanceof`. */
  readonly code = "ERR_CIRCUIT_OPEN";
  /** Name of the breaker that refused. */
  readonly endpoint: string;
  /** Why the call was refused. */
  readonly reason: RefusalReason;
  /** ms until a probe may pass; 0: half-open, and all probes are out; Infinity: forced open. */
  readonly retryAfterMs: number;
  /** Why the breaker opened; undefined where that is not known. */
  readonly openedBy: Cause | undefined;
  /** The failure that opened it; undefined where that is not known. */
  readonly lastError: ErrorSummary | undefined;

  /** As a breaker makes it; for tests and for adapters. */
  constructor(endpoint: string, refusal: Partial<Refusal> = {}, message = messageOf(endpoint, refusal)) {
    super();
    this.message = message;
    this.stack = `CircuitOpenError: ${message}`;
    this.endpoint = endpoint;
    this.reason = refusal.reason ?? "open";
    this.retryAfterMs = refusal.retryAfterMs ?? 0;
    this.openedBy = refusal.openedBy;
    this.lastError = refusal.lastError;
  }
}

/** The text of a refusal. */
export function messageOf(
  endpoint: string,
  { reason, retryAfterMs = 0, openedBy, lastError }: Partial<Refusal>,
): string {
  if (reason === "throttled")
    return `call of "${endpoint}" was throttled: the endpoint is overloaded, retry later`;
  if (reason === "busy")
    return `call of "${endpoint}" was refused: maximumPending calls are out, retry later`;
  let text = `circuit of "${endpoint}" is open`;
  if (openedBy)
    text += ` (${openedBy}${lastError ? `, last error: ${lastError.message || lastError.name}` : ""})`;
  if (retryAfterMs === Infinity) return `${text}, retry when it is enabled again`;
  return `${text}, retry ${retryAfterMs > 0 ? `in ${Math.ceil(retryAfterMs)} ms` : "soon: it is half-open"}`;
}

/** A call took longer than its `timeoutMs`. Counts as a failure; its signal is aborted with this error. */
export class CallTimeoutError extends Error {
  /** "CallTimeoutError". */
  override name = "CallTimeoutError";
  /** Stable; test this, or ask `isCallTimeoutError`, and not `instanceof`. */
  readonly code = "ERR_CALL_TIMEOUT";
  /** Name of the breaker that the call went through. */
  readonly endpoint: string;
  /** The limit in ms, not what the call took. */
  readonly timeoutMs: number;

  /** As a breaker makes it; for tests and for adapters. */
  constructor(endpoint: string, timeoutMs: number) {
    super(`call of "${endpoint}" took longer than ${timeoutMs} ms`);
    this.endpoint = endpoint;
    this.timeoutMs = timeoutMs;
  }
}

/** WebAssembly is refused here, or has no memory; `cause` is the error of the runtime. */
export class WasmRefusedError extends Error {
  /** "WasmRefusedError". */
  override name = "WasmRefusedError";
  /** Stable; test this and not `instanceof`. */
  readonly code = "ERR_WASM_REFUSED";

  /** @internal */
  constructor(cause: unknown) {
    const said = cause instanceof Error ? cause.message : String(cause);
    super(
      `WebAssembly is refused here (${said}): import "bluesmoke/js" or "bluesmoke/auto", or allow 'wasm-unsafe-eval' in the Content-Security-Policy`,
      { cause },
    );
  }
}

/** Whether a call was refused, also where that is the `cause` of the error; works across realms and duplicate installs. */
export function isCircuitOpenError(error: unknown): error is CircuitOpenError {
  return codeOf(error) === "ERR_CIRCUIT_OPEN" || codeOf(fieldOf(error, "cause")) === "ERR_CIRCUIT_OPEN";
}

/** Whether a call took longer than its `timeoutMs`; works across realms and duplicate installs. */
export function isCallTimeoutError(error: unknown): error is CallTimeoutError {
  return codeOf(error) === "ERR_CALL_TIMEOUT";
}

/** Whether WebAssembly was refused; works across realms and duplicate installs. */
export function isWasmRefusedError(error: unknown): error is WasmRefusedError {
  return codeOf(error) === "ERR_WASM_REFUSED";
}

function codeOf(error: unknown): unknown {
  return fieldOf(error, "code");
}
