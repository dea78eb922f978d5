/** The same calls through the breakers of others, each in its leanest configuration. */
import { loadPeer } from "../peers.ts";
import type { Work } from "../section.ts";
import { awaiting, call } from "./execute.ts";
import { fail, failing } from "./failing.ts";
import { rejected } from "./rejection.ts";

/** What is used of cockatiel. */
interface Cockatiel {
  readonly handleAll: unknown;
  circuitBreaker(
    policy: unknown,
    options: { readonly halfOpenAfter: number; readonly breaker: unknown },
  ): { execute<T>(fn: () => PromiseLike<T>): Promise<T> };
  readonly ConsecutiveBreaker: new (failures: number) => unknown;
  readonly SamplingBreaker: new (options: {
    readonly threshold: number;
    readonly duration: number;
    readonly minimumRps: number;
  }) => unknown;
}

/** What is used of opossum. */
interface Opossum {
  readonly default: new (
    fn: () => Promise<number>,
    options: Readonly<Record<string, unknown>>,
  ) => { fire(): Promise<number>; open(): void };
}

/** A day: what opens stays open. */
const STAYS_OPEN_MS = 86_400_000;

/** cockatiel with one of its two breakers; a `patient` one stays closed whatever fails, and still counts and judges. */
export async function cockatielBreaker(kind: "consecutive" | "sampling", patient = false) {
  const { circuitBreaker, handleAll, ConsecutiveBreaker, SamplingBreaker } =
    await loadPeer<Cockatiel>("cockatiel");
  const minimumRps = patient ? Number.MAX_SAFE_INTEGER : 2;
  const breaker =
    kind === "consecutive"
      ? new ConsecutiveBreaker(patient ? Number.MAX_SAFE_INTEGER : 5)
      : new SamplingBreaker({ threshold: 0.2, duration: 10_000, minimumRps });
  return circuitBreaker(handleAll, { halfOpenAfter: STAYS_OPEN_MS, breaker });
}

/** Without timeout, snapshots and percentiles, none of which ours has. */
export async function opossumBreaker(fn: () => Promise<number>, patient = false) {
  const { default: CircuitBreaker } = await loadPeer<Opossum>("opossum");
  return new CircuitBreaker(fn, {
    timeout: false,
    enableSnapshots: false,
    rollingPercentilesEnabled: false,
    rollingCountTimeout: 10_000,
    rollingCountBuckets: 10,
    errorThresholdPercentage: patient ? 100 : 20,
    volumeThreshold: 20,
    resetTimeout: STAYS_OPEN_MS,
  });
}

/** `execute` of cockatiel. */
export async function cockatiel(kind: "consecutive" | "sampling"): Promise<Work> {
  const breaker = await cockatielBreaker(kind);
  return awaiting(() => breaker.execute(call));
}

/** `fire` of opossum. */
export async function opossum(): Promise<Work> {
  const breaker = await opossumBreaker(call);
  return awaiting(() => breaker.fire());
}

/** cockatiel after five failures in a row. */
export async function cockatielRefusing(): Promise<Work> {
  const breaker = await cockatielBreaker("consecutive");
  for (let i = 0; i < 5; i++) await breaker.execute(() => Promise.reject(new Error("down"))).catch(() => {});
  return rejected(() => breaker.execute(call));
}

/** opossum, opened by hand. */
export async function opossumRefusing(): Promise<Work> {
  const breaker = await opossumBreaker(call);
  breaker.open();
  return rejected(() => breaker.fire());
}

/** `execute` of cockatiel around a function that fails. */
export async function cockatielFailing(kind: "consecutive" | "sampling"): Promise<Work> {
  const breaker = await cockatielBreaker(kind, true);
  return failing(() => breaker.execute(fail));
}

/** `fire` of opossum around a function that fails. */
export async function opossumFailing(): Promise<Work> {
  const breaker = await opossumBreaker(fail, true);
  return failing(() => breaker.fire());
}
