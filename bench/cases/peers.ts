/** The same calls through the breakers of others, each in its leanest configuration. */
import { loadPeer } from "../peers.ts";
import type { Work } from "../section.ts";
import { awaiting, call } from "./execute.ts";
import { fail, failing } from "./failing.ts";
import { ANSWER_OF_FALLBACK, rejected, replaced } from "./refused.ts";

interface CockatielPolicy {
  execute<T>(fn: () => PromiseLike<T>, signal?: AbortSignal): Promise<T>;
}

/** The used part of cockatiel. */
interface Cockatiel {
  readonly handleAll: unknown;
  circuitBreaker(
    policy: unknown,
    options: { readonly halfOpenAfter: number; readonly breaker: unknown },
  ): CockatielPolicy;
  timeout(timeoutMs: number, strategy: unknown): CockatielPolicy;
  fallback(policy: unknown, value: number): CockatielPolicy;
  wrap(outer: CockatielPolicy, inner: CockatielPolicy): CockatielPolicy;
  readonly TimeoutStrategy: { readonly Aggressive: unknown };
  readonly ConsecutiveBreaker: new (failures: number) => unknown;
  readonly SamplingBreaker: new (options: {
    readonly threshold: number;
    readonly duration: number;
    readonly minimumRps: number;
  }) => unknown;
}

interface OpossumBreaker<Args extends readonly unknown[]> {
  fire(...args: Args): Promise<number>;
  open(): void;
  fallback(fn: () => number): void;
}

/** The used part of opossum. */
interface Opossum {
  readonly default: new <Args extends readonly unknown[]>(
    fn: (...args: Args) => Promise<number>,
    options: Readonly<Record<string, unknown>>,
  ) => OpossumBreaker<Args>;
}

/** A day: a breaker that opens stays open. */
const STAYS_OPEN_MS = 86_400_000;

/** All of cockatiel. */
export function loadCockatiel(): Promise<Cockatiel> {
  return loadPeer<Cockatiel>("cockatiel");
}

/** cockatiel with one of its two breakers; a `patient` one stays closed whatever fails, and still counts and judges. */
export async function cockatielBreaker(kind: "consecutive" | "sampling", patient = false) {
  const { circuitBreaker, handleAll, ConsecutiveBreaker, SamplingBreaker } = await loadCockatiel();
  const minimumRps = patient ? Number.MAX_SAFE_INTEGER : 2;
  const breaker =
    kind === "consecutive"
      ? new ConsecutiveBreaker(patient ? Number.MAX_SAFE_INTEGER : 5)
      : new SamplingBreaker({ threshold: 0.2, duration: 10_000, minimumRps });
  return circuitBreaker(handleAll, { halfOpenAfter: STAYS_OPEN_MS, breaker });
}

/** opossum lean: without timeout, snapshots and percentiles, unless `options` say otherwise. */
export async function loadOpossum<Args extends readonly unknown[]>(
  fn: (...args: Args) => Promise<number>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<OpossumBreaker<Args>> {
  const { default: CircuitBreaker } = await loadPeer<Opossum>("opossum");
  return new CircuitBreaker(fn, {
    timeout: false,
    enableSnapshots: false,
    rollingPercentilesEnabled: false,
    rollingCountTimeout: 10_000,
    rollingCountBuckets: 10,
    errorThresholdPercentage: 20,
    volumeThreshold: 20,
    resetTimeout: STAYS_OPEN_MS,
    ...options,
  });
}

/** `execute` of cockatiel. */
export async function cockatiel(kind: "consecutive" | "sampling"): Promise<Work> {
  const breaker = await cockatielBreaker(kind);
  return awaiting(() => breaker.execute(call));
}

/** `execute` of cockatiel around a closure. */
export async function cockatielByClosure(): Promise<Work> {
  const breaker = await cockatielBreaker("consecutive");
  return awaiting(() => breaker.execute(() => call()));
}

/** `fire` of opossum. */
export async function opossum(): Promise<Work> {
  const breaker = await loadOpossum(call);
  return awaiting(() => breaker.fire());
}

async function openCockatiel() {
  const breaker = await cockatielBreaker("consecutive");
  for (let i = 0; i < 5; i++) await breaker.execute(() => Promise.reject(new Error("down"))).catch(() => {});
  return breaker;
}

/** cockatiel after five failures in a row. */
export async function cockatielRefusing(): Promise<Work> {
  const breaker = await openCockatiel();
  return rejected(() => breaker.execute(call));
}

/** The same inside its fallback policy. */
export async function cockatielReplacing(): Promise<Work> {
  const { fallback, handleAll, wrap } = await loadCockatiel();
  const policy = wrap(fallback(handleAll, ANSWER_OF_FALLBACK), await openCockatiel());
  return replaced(() => policy.execute(call));
}

/** opossum, opened by hand. */
export async function opossumRefusing(): Promise<Work> {
  const breaker = await loadOpossum(call);
  breaker.open();
  return rejected(() => breaker.fire());
}

/** The same with a fallback. */
export async function opossumReplacing(): Promise<Work> {
  const breaker = await loadOpossum(call);
  breaker.fallback(() => ANSWER_OF_FALLBACK);
  breaker.open();
  return replaced(() => breaker.fire());
}

/** `execute` of cockatiel around a function that fails. */
export async function cockatielFailing(kind: "consecutive" | "sampling"): Promise<Work> {
  const breaker = await cockatielBreaker(kind, true);
  return failing(() => breaker.execute(fail));
}

/** `fire` of opossum around a function that fails. */
export async function opossumFailing(): Promise<Work> {
  const breaker = await loadOpossum(fail, { errorThresholdPercentage: 100 });
  return failing(() => breaker.fire());
}
