/** What a refused call is rejected with. */

/** The breaker of the endpoint refuses calls. Has no stack: it says nothing, and costs more than the call. */
export class CircuitOpenError extends Error {
  override readonly name = "CircuitOpenError";
  readonly code = "ERR_CIRCUIT_OPEN";
  readonly endpoint: string;
  /** ms until the breaker lets a probe through; 0: it is out already, somebody else has it; Infinity: forced open. */
  readonly retryAfterMs: number;

  constructor(endpoint: string, retryAfterMs: number) {
    const limit = Error.stackTraceLimit;
    if (limit !== undefined) Error.stackTraceLimit = 0;
    super(`circuit of "${endpoint}" is open, retry ${waitOf(retryAfterMs)}`);
    if (limit !== undefined) Error.stackTraceLimit = limit;
    this.endpoint = endpoint;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whether a call was refused; works across realms and duplicate installs. */
export function isCircuitOpenError(error: unknown): error is CircuitOpenError {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ERR_CIRCUIT_OPEN";
}

function waitOf(retryAfterMs: number): string {
  if (retryAfterMs === 0) return "when the probe is back";
  return Number.isFinite(retryAfterMs) ? `in ${Math.ceil(retryAfterMs)} ms` : "when it is enabled again";
}

/** A call took longer than its `timeoutMs`. Counts as a failure; its signal is aborted with this error. */
export class CallTimeoutError extends Error {
  override readonly name = "CallTimeoutError";
  readonly code = "ERR_CALL_TIMEOUT";
  readonly endpoint: string;
  readonly timeoutMs: number;

  constructor(endpoint: string, timeoutMs: number) {
    super(`call of "${endpoint}" took longer than ${timeoutMs} ms`);
    this.endpoint = endpoint;
    this.timeoutMs = timeoutMs;
  }
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
