/** When a request has taken too long. */

/** A timer that fires later than this, in ms, was kept waiting by our own event loop, not by the system's timers. */
const STANDSTILL_MS = 10;

/**
 * Gives a request its time. Time during which our own event loop stood still at the end of it is given again: the answer
 * may be waiting in the socket, or the request may not even have left, and the endpoint is not to blame for that.
 */
export class Deadline {
  /** Aborted with the reason when the time is up. */
  readonly signal: AbortSignal;
  /** Rejects with the reason when the time is up. */
  readonly reached: Promise<never>;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    const abort = new AbortController();
    const { signal } = abort;
    this.signal = signal;
    this.reached = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    this.#arm(timeoutMs, () => abort.abort(new Error(`timeout after ${timeoutMs} ms`)));
  }

  /** The request has ended. */
  cancel(): void {
    clearTimeout(this.#timer);
  }

  #arm(delayMs: number, expire: () => void): void {
    const dueMs = performance.now() + delayMs;
    this.#timer = setTimeout(() => {
      const lateMs = performance.now() - dueMs;
      if (lateMs > STANDSTILL_MS) this.#arm(lateMs, expire);
      else expire();
    }, delayMs);
  }
}
