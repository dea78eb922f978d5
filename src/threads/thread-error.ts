/** What goes wrong between threads. */

/** Stable codes of a `ThreadError`. */
export type ThreadErrorCode =
  | "ERR_NO_STRIPE"
  | "ERR_DETACHED"
  | "ERR_HANDLE"
  | "ERR_NOT_ISOLATED"
  | "ERR_WATCH"
  | "ERR_OWNED";

/** A registry could not be shared, or a thread that shares it is in the way. */
export class ThreadError extends Error {
  /** "ThreadError". */
  override name = "ThreadError";
  /**
   * Stable; test this and not `instanceof`. ERR_NO_STRIPE: as many threads are attached as there may be. ERR_DETACHED: this
   * thread has detached. ERR_HANDLE: no handle of this version. ERR_NOT_ISOLATED: the page may not share memory. ERR_WATCH:
   * the end of that worker cannot be observed. ERR_OWNED: a thread stopped in the middle of a transition, and its handle was
   * not reclaimed.
   */
  readonly code: ThreadErrorCode;

  /** @internal */
  constructor(code: ThreadErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
