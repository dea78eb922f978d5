/** Asks periodically whether an endpoint is well. */
import { quietInterval } from "./timer.ts";

/** ms. */
const DEFAULT_INTERVAL_MS = 5_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @throws TypeError when it is no function, or no number; RangeError for an interval that no timer has. */
export function startHealthCheck<T extends object>(
  breaker: T,
  check: unknown,
  interval: unknown,
  onFailure: (breaker: T, error: unknown) => void,
): () => void {
  if (typeof check !== "function") throw new TypeError("Health check function must be a function");
  const everyMs = Number(interval || DEFAULT_INTERVAL_MS);
  if (Number.isNaN(everyMs)) throw new TypeError("Health check interval must be a number");
  if (!(everyMs > 0 && everyMs <= LONGEST_TIMER_MS)) {
    throw new RangeError(
      `Health check interval must be above 0 and at most ${LONGEST_TIMER_MS} ms, got ${everyMs}`,
    );
  }
  // A breaker that its program has dropped must be garbage.
  const held = new WeakRef(breaker);
  const run = () => {
    const target = held.deref();
    if (!target) return stop();
    // Also what it throws at once.
    new Promise((resolve) => resolve(check.call(target))).catch((error) => onFailure(target, error));
  };
  const stop = quietInterval(run, everyMs);
  run();
  return stop;
}
