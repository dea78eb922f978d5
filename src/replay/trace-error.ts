/** The error for a trace that cannot be read, or not to its end. */

/** What is wrong: "empty", "foreign" (another format), "truncated", "damaged", "order" (times that go back). */
export type TraceFault = "empty" | "foreign" | "truncated" | "damaged" | "order";

/** Thrown for a trace that cannot be read: says what is wrong, where, and what was read before it. */
export class TraceError extends Error {
  /** The name of the class. */
  override readonly name = "TraceError";
  /** Stable; test this, or ask `isTraceError`. */
  readonly code = "ERR_TRACE";
  /** What is wrong with the trace. */
  readonly fault: TraceFault;
  /** Calls that were read before it. */
  readonly read: number;

  /** @param where such as "byte 96" or "line 3". */
  constructor(fault: TraceFault, what: string, where: string, read: number) {
    super(`${what} at ${where}; ${read} ${read === 1 ? "call was" : "calls were"} read before it`);
    this.fault = fault;
    this.read = read;
  }
}

/** Whether an error is about a trace; works across realms and duplicate installs. */
export function isTraceError(error: unknown): error is TraceError {
  return (error as Partial<TraceError> | null | undefined)?.code === "ERR_TRACE";
}
