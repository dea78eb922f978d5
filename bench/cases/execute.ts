/** A promise behind a breaker: what a wrapper adds to `await call()`, by how the function is written. */
import { HandBreakers } from "../byhand/breakers.ts";
import { coarseClock } from "../byhand/clock.ts";
import { DEFAULT_POLICY } from "../byhand/policy.ts";
import { type Library, loadLibrary } from "../library.ts";
import type { Scale, Work } from "../section.ts";
import { countedLater } from "../work.ts";
import { OPTIONS } from "./options.ts";

/** Calls of one run: some 50 µs, well below a time slice of the processor. */
const CALLS = 1_024;
/** The same for calls of a µs or more. */
export const SLOW_CALLS = 128;
const ANSWER = 42;

/** The guarded function of all cases: it resolves at once. */
export async function call(): Promise<number> {
  return ANSWER;
}

/** The same with a signal, which it looks at. */
export async function callWith(signal: AbortSignal): Promise<number> {
  return signal.aborted ? 0 : ANSWER;
}

/** Awaits one call after the other. */
export function awaiting(execute: () => PromiseLike<number>, calls = CALLS): Work {
  return countedLater(calls, calls * ANSWER, async () => {
    let sum = 0;
    for (let i = 0; i < calls; i++) sum += await execute();
    return sum;
  });
}

/** Without anything around it. */
export function bare(): Work {
  return countedLater(CALLS, CALLS * ANSWER, async () => {
    let sum = 0;
    for (let i = 0; i < CALLS; i++) sum += await call();
    return sum;
  });
}

/** The least that a wrapper adds that sees the answer. */
export function chained(): Work {
  return awaiting(() => call().then((value) => value));
}

/** The usual way to write a wrapper, with nothing in it. */
export function tryCatch(): Work {
  return awaiting(async () => {
    try {
      return await call();
    } catch (error) {
      // biome-ignore lint/complexity/noUselessCatch: the cost of the block is what is measured
      throw error;
    }
  });
}

/** The usual wrapper around a breaker by hand, on a clock like the library's. */
export function byHand(): Work {
  const breakers = new HandBreakers(DEFAULT_POLICY, 1);
  const clock = coarseClock();
  return awaiting(async () => {
    const ticket = breakers.tryAcquire(0, clock());
    if (ticket === 0) throw new Error("open");
    try {
      const value = await call();
      breakers.onSuccess(0, ticket, clock(), Number.NaN);
      return value;
    } catch (error) {
      breakers.onFailure(0, ticket, clock(), Number.NaN);
      throw error;
    }
  });
}

async function breakerOf(scale: Scale, options: object = OPTIONS) {
  const library = await loadLibrary(scale);
  return { library, breaker: library.registry().get("endpoint", options) };
}

/** `execute(call)` with a success rate over a time window. */
export async function ours(scale: Scale): Promise<Work> {
  const { breaker } = await breakerOf(scale);
  return awaiting(() => breaker.execute(call));
}

/** The same while another registry has an observer of calls. */
export async function oursObservedElsewhere(scale: Scale): Promise<Work> {
  const { library, breaker } = await breakerOf(scale);
  const observed = library.registry();
  const seen = { calls: 0 };
  library.observeCalls(observed, () => void seen.calls++);
  await observed.get("endpoint").execute(call);
  if (seen.calls !== 1) throw new Error(`the observer got ${seen.calls} calls`);
  return awaiting(() => breaker.execute(call));
}

/** `execute(call)` of a registry that has an observer of calls. */
export async function oursObserved(scale: Scale): Promise<Work> {
  const library = await loadLibrary(scale);
  const registry = library.registry();
  const seen = { calls: 0 };
  library.observeCalls(registry, () => void seen.calls++);
  const breaker = registry.get("endpoint", OPTIONS);
  return awaiting(() => breaker.execute(call));
}

/** `execute(call)` with failures in a row, as the peers' simplest breaker. */
export async function oursInARow(scale: Scale): Promise<Work> {
  const detector = { kind: "consecutive_failures", failures: 5 };
  const { breaker } = await breakerOf(scale, { detector });
  return awaiting(() => breaker.execute(call));
}

/** `execute(() => call())`: a closure for each call, over a variable of its caller. */
export async function oursByClosure(scale: Scale): Promise<Work> {
  const { breaker } = await breakerOf(scale);
  return awaitingClosures((use) => breaker.execute(() => use()));
}

/** `call().then(v => v)` of a closure for each call. */
export function chainedByClosure(): Work {
  return awaitingClosures((use) => {
    const closure = (): Promise<number> => use();
    return closure().then((value) => value);
  });
}

/** Hands the function on by a parameter, so that a closure over it cannot be hoisted. */
function awaitingClosures(execute: (use: typeof call) => PromiseLike<number>): Work {
  const uses = [call, call];
  return countedLater(CALLS, CALLS * ANSWER, async () => {
    let sum = 0;
    for (let i = 0; i < CALLS; i++) sum += await execute(uses[i & 1]!); // two
    return sum;
  });
}

/** `execute((call) => ...)`: takes the call object and does not read it. */
export async function oursIgnoring(scale: Scale): Promise<Work> {
  const { library, breaker } = await breakerOf(scale);
  return awaiting(library.ignoring(breaker, call));
}

/** `execute(({ signal }) => ...)`. */
export async function oursReading(scale: Scale): Promise<Work> {
  const { library, breaker } = await breakerOf(scale);
  return awaiting(library.reading(breaker, callWith));
}

/** `wrap(call)`, called. */
export async function oursWrapped(scale: Scale): Promise<Work> {
  const { breaker } = await breakerOf(scale);
  const wrapped = breaker.wrap(call);
  return awaiting(() => wrapped());
}

/** `execute(call)` on a registry that threads can share. */
export async function oursShared(scale: Scale): Promise<Work> {
  const library: Library = await loadLibrary(scale);
  const breaker = (await library.sharedRegistry()).get("endpoint", OPTIONS);
  return awaiting(() => breaker.execute(call));
}
