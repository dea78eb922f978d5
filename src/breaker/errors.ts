/** What a call is rejected with that was refused or took too long. */
import type { Cause } from "./event.ts";

/**
 * The breaker of the endpoint refuses calls. An `instanceof Error` of which the engine knows nothing (docs/adr/0008):
 * it costs a tenth of the call that it stands for, and has no stack, which would say nothing.
 */
export class CircuitOpenError implements Error {
  static {
    Object.setPrototypeOf(CircuitOpenError.prototype, Error.prototype);
  }

  readonly code = "ERR_CIRCUIT_OPEN";
  readonly endpoint: string;
  /** ms until the breaker lets a probe through; 0: it is half-open, and others have its probes or its share; Infinity: forced open. */
  readonly retryAfterMs: number;
  /** Why it opened; undefined if another thread opened it and this one has not heard of it yet. */
  readonly openedBy: Cause | undefined;

  constructor(endpoint: string, retryAfterMs: number, openedBy?: Cause) {
    this.endpoint = endpoint;
    this.retryAfterMs = retryAfterMs;
    this.openedBy = openedBy;
  }

  get name(): string {
    return "CircuitOpenError";
  }

  /** Put together when it is asked for. */
  get message(): string {
    const why = this.openedBy === undefined ? "" : ` (${this.openedBy})`;
    return `circuit of "${this.endpoint}" is open${why}, retry ${waitOf(this.retryAfterMs)}`;
  }

  /** One line: name and message. */
  get stack(): string {
    return `${this.name}: ${this.message}`;
  }

  /** What `Object.prototype.toString` calls an error. */
  get [Symbol.toStringTag](): string {
    return "Error";
  }
}

function waitOf(retryAfterMs: number): string {
  if (retryAfterMs === 0) return "soon, it is half-open";
  return Number.isFinite(retryAfterMs) ? `in ${Math.ceil(retryAfterMs)} ms` : "when it is enabled again";
}

/** A call took longer than its `timeoutMs`. Counts as a failure; its signal is aborted with this error. */
export class CallTimeoutError extends Error {
  readonly code = "ERR_CALL_TIMEOUT";
  readonly endpoint: string;
  readonly timeoutMs: number;

  constructor(endpoint: string, timeoutMs: number) {
    super(`call of "${endpoint}" took longer than ${timeoutMs} ms`);
    this.endpoint = endpoint;
    this.timeoutMs = timeoutMs;
  }

  override get name(): string {
    return "CallTimeoutError";
  }
}

/** Whether a call was refused; works across realms and duplicate installs. */
export function isCircuitOpenError(error: unknown): error is CircuitOpenError {
  return codeOf(error) === "ERR_CIRCUIT_OPEN";
}

/** Whether a call took longer than its `timeoutMs`; works across realms and duplicate installs. */
export function isCallTimeoutError(error: unknown): error is CallTimeoutError {
  return codeOf(error) === "ERR_CALL_TIMEOUT";
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

/** A thread cannot take part in a shared registry, or does not any more. */
export class ThreadError extends Error {
  override readonly name = "ThreadError";
  /** ERR_NO_STRIPE: as many threads are attached as there may be. ERR_DETACHED: this one has detached. ERR_HANDLE: what was given is no handle of this version. */
  readonly code: "ERR_NO_STRIPE" | "ERR_DETACHED" | "ERR_HANDLE";

  constructor(code: ThreadError["code"], message: string) {
    super(message);
    this.code = code;
  }
}
