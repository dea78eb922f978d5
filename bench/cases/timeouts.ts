/** Calls with a timeout or the caller's signal, none of which ends early: what the possibility costs. */
import { loadLibrary } from "../library.ts";
import type { Scale, Work } from "../section.ts";
import { awaiting as awaitingMany, call, callWith, SLOW_CALLS } from "./execute.ts";
import { OPTIONS } from "./options.ts";
import { loadCockatiel, loadOpossum } from "./peers.ts";

/** Longer than any round. */
const TIMEOUT_MS = 30_000;

function awaiting(execute: () => PromiseLike<number>): Work {
  return awaitingMany(execute, SLOW_CALLS);
}

/** A race by hand: `Promise.race` with a timer that is cleared. */
export function raceByHand(): Work {
  return awaiting(() => {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("timeout")), TIMEOUT_MS);
    });
    return Promise.race([call(), timeout]).finally(() => clearTimeout(timer));
  });
}

/** A race by hand whose function gets a signal that the timer would abort. */
export function raceBySignal(): Work {
  return awaiting(async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new Error("timeout");
        reject(error);
        controller.abort(error);
      }, TIMEOUT_MS);
    });
    try {
      return await Promise.race([callWith(signal), timeout]);
    } finally {
      clearTimeout(timer);
    }
  });
}

/** `execute(() => call(), { timeoutMs })`. */
export async function ours(scale: Scale): Promise<Work> {
  const breaker = (await loadLibrary(scale)).registry().get("endpoint", OPTIONS);
  return awaiting(() => breaker.execute(() => call(), { timeoutMs: TIMEOUT_MS }));
}

/** `execute(({ signal }) => callWith(signal), { timeoutMs })`. */
export async function oursReading(scale: Scale): Promise<Work> {
  const library = await loadLibrary(scale);
  const breaker = library.registry().get("endpoint", OPTIONS);
  return awaiting(library.reading(breaker, callWith, { timeoutMs: TIMEOUT_MS }));
}

/** The caller's own signal by hand: a listener for the time of the call. */
export function signalByHand(): Work {
  const { signal } = new AbortController();
  return awaiting(
    () =>
      new Promise<number>((resolve, reject) => {
        const abort = (): void => reject(signal.reason);
        signal.addEventListener("abort", abort);
        const end = (): void => signal.removeEventListener("abort", abort);
        callWith(signal).then(
          (value) => {
            end();
            resolve(value);
          },
          (error) => {
            end();
            reject(error);
          },
        );
      }),
  );
}

/** `execute(() => call(), { signal })`. */
export async function oursWithSignal(scale: Scale): Promise<Work> {
  const breaker = (await loadLibrary(scale)).registry().get("endpoint", OPTIONS);
  const { signal } = new AbortController();
  return awaiting(() => breaker.execute(() => call(), { signal }));
}

/** `execute(({ signal }) => callWith(signal), { signal })`. */
export async function oursReadingSignal(scale: Scale): Promise<Work> {
  const library = await loadLibrary(scale);
  const breaker = library.registry().get("endpoint", OPTIONS);
  const { signal } = new AbortController();
  return awaiting(library.reading(breaker, callWith, { signal }));
}

/** Timeout and breaker of cockatiel, one in the other. */
export async function cockatiel(): Promise<Work> {
  const { circuitBreaker, ConsecutiveBreaker, handleAll, timeout, TimeoutStrategy, wrap } =
    await loadCockatiel();
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: TIMEOUT_MS,
    breaker: new ConsecutiveBreaker(5),
  });
  const policy = wrap(breaker, timeout(TIMEOUT_MS, TimeoutStrategy.Aggressive));
  return awaiting(() => policy.execute(() => call()));
}

/** The caller's signal with cockatiel's breaker. */
export async function cockatielWithSignal(): Promise<Work> {
  const { circuitBreaker, ConsecutiveBreaker, handleAll } = await loadCockatiel();
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: TIMEOUT_MS,
    breaker: new ConsecutiveBreaker(5),
  });
  const { signal } = new AbortController();
  return awaiting(() => breaker.execute(() => call(), signal));
}

/** opossum with its timeout, otherwise lean. */
export async function opossum(): Promise<Work> {
  const breaker = await loadOpossum(call, { timeout: TIMEOUT_MS });
  return awaiting(() => breaker.fire());
}
