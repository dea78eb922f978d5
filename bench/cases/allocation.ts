/** Bytes that calls leave on the heap. Each reading has a process of its own. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { loadLibrary } from "../library.ts";
import type { Scale } from "../section.ts";
import { median } from "../statistics.ts";
import { Clock, STEP_MS } from "../work.ts";
import { call } from "./execute.ts";
import { OPTIONS } from "./options.ts";
import { cockatielBreaker, loadOpossum } from "./peers.ts";

/** So few that no collection falls between two readings: some 250 kB in a young generation of a megabyte. */
const CALLS = 512;
/** How often they are done: first so often that the optimising compiler is through with them, then for the samples. */
const FULL = { warmupRuns: 400, samples: 101 };
const SHORT = { warmupRuns: 10, samples: 3 };

/** Does so many calls. */
type Calls = (count: number) => Promise<void>;

/** The collector of V8 as a function. */
export function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

/** Bytes of a call, less what the reading itself leaves behind. */
async function bytesOfCall(calls: Calls, { short }: Scale): Promise<number> {
  const { warmupRuns, samples } = short ? SHORT : FULL;
  const collect = collector();
  for (let run = 0; run < warmupRuns; run++) await calls(CALLS);
  const heapAfter = (count: number) => heapGrowth(samples, collect, () => calls(count));
  const bytes = (await heapAfter(CALLS)) - (await heapAfter(0));
  return Math.round(bytes / CALLS);
}

/** Bytes more on the heap afterwards: the median over samples, since a collection spoils one now and then. */
async function heapGrowth(count: number, collect: () => void, calls: () => Promise<void>): Promise<number> {
  const samples: number[] = [];
  for (let sample = 0; sample < count; sample++) {
    collect();
    const before = process.memoryUsage().heapUsed;
    await calls();
    samples.push(process.memoryUsage().heapUsed - before);
  }
  return median(samples);
}

function awaiting(execute: () => PromiseLike<number>): Calls {
  return async (count) => {
    for (let i = 0; i < count; i++) await execute();
  };
}

/** `await call()` and nothing around it. */
export function bytesOfBare(scale: Scale): Promise<number> {
  return bytesOfCall(async (count) => {
    for (let i = 0; i < count; i++) await call();
  }, scale);
}

/** `await call().then(v => v)`: one more promise. */
export function bytesOfChained(scale: Scale): Promise<number> {
  return bytesOfCall(
    awaiting(() => call().then((value) => value)),
    scale,
  );
}

/** `await breaker.execute(call)`. */
export async function bytesOfOurs(scale: Scale): Promise<number> {
  const breaker = (await loadLibrary(scale)).registry().get("endpoint", OPTIONS);
  return bytesOfCall(
    awaiting(() => breaker.execute(call)),
    scale,
  );
}

/** Bytes of `execute` beyond those of `.then(v => v)`; 0 where it leaves fewer. */
export async function bytesAdded(scale: Scale): Promise<number> {
  return Math.max(0, (await bytesOfOurs(scale)) - (await bytesOfChained(scale)));
}

/** `tryAcquire` and `onSuccess`, on the clock of the registry. */
export async function bytesOfTickets(scale: Scale): Promise<number> {
  const breaker = (await loadLibrary(scale)).registry().get("endpoint", OPTIONS);
  return bytesOfCall(async (count) => {
    for (let i = 0; i < count; i++) breaker.onSuccess(breaker.tryAcquire());
  }, scale);
}

/** The same with the time given. */
export async function bytesOfTimedTickets(scale: Scale): Promise<number> {
  const breaker = (await loadLibrary(scale)).registry().get("endpoint", OPTIONS);
  const clock = new Clock();
  return bytesOfCall(async (count) => {
    let now = clock.nowMs;
    for (let i = 0; i < count; i++) {
      now += STEP_MS;
      breaker.onSuccess(breaker.tryAcquire(now), now);
    }
    clock.nowMs = now;
  }, scale);
}

/** `execute` of cockatiel, with its simplest breaker. */
export async function bytesOfCockatiel(scale: Scale): Promise<number> {
  const breaker = await cockatielBreaker("consecutive");
  return bytesOfCall(
    awaiting(() => breaker.execute(call)),
    scale,
  );
}

/** `fire` of opossum. */
export async function bytesOfOpossum(scale: Scale): Promise<number> {
  const breaker = await loadOpossum(call);
  return bytesOfCall(
    awaiting(() => breaker.fire()),
    scale,
  );
}
