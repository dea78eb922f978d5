/** What a call is rejected with that was refused or took too long. */
import type { Cause } from "./event/event.ts";

/**
 * The breaker of the endpoint refuses calls. An `instanceof Error` of which the engine knows nothing (docs/adr/0008):
 * it costs a tenth of the call that it stands for, and has no stack, which would say nothing.
 */
export class CircuitOpenError implements Error {
  static {
    Object.setPrototypeOf(CircuitOpenError.prototype, Error.prototype);
  }

  /** Stable; test this, or ask `isCircuitOpenError`, and not `instanceof`. */
  readonly code = "ERR_CIRCUIT_OPEN";
  /** Name of the breaker that refused. */
  readonly endpoint: string;
  /** ms until the breaker lets a probe through; 0: it is half-open, and others have its probes or its share; Infinity: forced open. */
  readonly retryAfterMs: number;
  /** Why it opened; undefined if another thread opened it and this one has not heard of it yet. */
  readonly openedBy: Cause | undefined;

  /** As a breaker makes it; for tests and for adapters. */
  constructor(endpoint: string, retryAfterMs: number, openedBy?: Cause) {
    this.endpoint = endpoint;
    this.retryAfterMs = retryAfterMs;
    this.openedBy = openedBy;
  }

  /** Always "CircuitOpenError". */
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
  /** Stable; test this, or ask `isCallTimeoutError`, and not `instanceof`. */
  readonly code = "ERR_CALL_TIMEOUT";
  /** Name of the breaker that the call went through. */
  readonly endpoint: string;
  /** What the call was given, in ms: its `timeoutMs`, not what it took. */
  readonly timeoutMs: number;

  /** As a breaker makes it; for tests and for adapters. */
  constructor(endpoint: string, timeoutMs: number) {
    super(`call of "${endpoint}" took longer than ${timeoutMs} ms`);
    this.endpoint = endpoint;
    this.timeoutMs = timeoutMs;
  }

  /** Always "CallTimeoutError". */
  override get name(): string {
    return "CallTimeoutError";
  }
}

/** There is no room for another breaker: the registry has as many as it may, and too few of them are idle. */
export class RegistryFullError extends Error {
  /** Stable, for `isRegistryFullError`. */
  readonly code = "ERR_REGISTRY_FULL";
  /** Of which there was to be a breaker. */
  readonly endpoint: string;
  /** The limit, as in `RegistryOptions`. */
  readonly maximumBreakers: number;

  /** @internal */
  constructor(endpoint: string, maximumBreakers: number) {
    super(
      `no breaker for "${endpoint}": there are maximumBreakers (${maximumBreakers}), and too few are idle`,
    );
    this.endpoint = endpoint;
    this.maximumBreakers = maximumBreakers;
  }

  /** "RegistryFullError". */
  override get name(): string {
    return "RegistryFullError";
  }
}

/** Whether a registry had no room for another breaker; works across realms and duplicate installs. */
export function isRegistryFullError(error: unknown): error is RegistryFullError {
  return codeOf(error) === "ERR_REGISTRY_FULL";
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

/** Nothing of this package's WebAssembly can be compiled here; `cause` is what the runtime said. */
export class WasmRefusedError extends Error {
  /** Always "WasmRefusedError". */
  override readonly name = "WasmRefusedError";
  /** Stable; test this and not `instanceof`. */
  readonly code = "ERR_WASM_REFUSED";

  constructor(cause: unknown) {
    const said = cause instanceof Error ? cause.message : String(cause);
    super(
      `WebAssembly is refused here (${said}): import "bluesmoke/js", which needs none, use load() of "bluesmoke/auto", or let the page's Content-Security-Policy have 'wasm-unsafe-eval' in script-src`,
      { cause },
    );
  }
}

/** Whether WebAssembly was refused; works across realms and duplicate installs. */
export function isWasmRefusedError(error: unknown): error is WasmRefusedError {
  return codeOf(error) === "ERR_WASM_REFUSED";
}

/** A thread cannot take part in a shared registry, or does not any more. */
export class ThreadError extends Error {
  /** Always "ThreadError". */
  override readonly name = "ThreadError";
  /**
   * ERR_NO_STRIPE: as many threads are attached as there may be. ERR_DETACHED: this one has detached. ERR_HANDLE: what was
   * given is no handle of this version. ERR_NOT_ISOLATED: the page may not share memory. ERR_ADOPT: nobody would tell when
   * that worker has ended.
   */
  readonly code: "ERR_NO_STRIPE" | "ERR_DETACHED" | "ERR_HANDLE" | "ERR_NOT_ISOLATED" | "ERR_ADOPT";

  constructor(code: ThreadError["code"], message: string) {
    super(message);
    this.code = code;
  }
}
