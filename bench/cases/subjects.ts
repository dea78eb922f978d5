/** The breakers that are measured, all with the same options: the defaults of the library, without jitter. */
import { releaseBase64 } from "../../build/release.ts";
import { sharedBase64 } from "../../build/shared.ts";
import type { CircuitBreakerOptions } from "../../src/breaker/options/options.ts";
import { resolveOptions } from "../../src/breaker/options/options.ts";
import { policyOf } from "../../src/breaker/options/policy.ts";
import { Core, type PlacedPolicy } from "../../src/core/core.ts";
import { found } from "../../src/core/site.ts";
import { deliver } from "../../src/entry/base64.ts";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { HandBreakers } from "../byhand/breakers.ts";
import { DEFAULT_POLICY, type HandPolicy } from "../byhand/policy.ts";
import type { Clock } from "../work.ts";

const { windowMs, buckets, minimumCalls, requiredSuccessRate, delaysMs } = DEFAULT_POLICY;

/** What the library is given. */
export const OPTIONS: CircuitBreakerOptions = {
  detector: { kind: "success_rate_over_time_window", windowMs, buckets, minimumCalls, requiredSuccessRate },
  backoff: { kind: "steps", delaysMs, jitter: "none" },
};

/** Long enough to stay open for the whole run: a day, the longest delay there is. */
const STAYS_OPEN_MS = 86_400_000;
/** The same, but a breaker that opens stays so. */
export const LASTING_POLICY: HandPolicy = { ...DEFAULT_POLICY, delaysMs: [STAYS_OPEN_MS] };
export const LASTING_OPTIONS: CircuitBreakerOptions = {
  ...OPTIONS,
  backoff: { kind: "constant", delayMs: STAYS_OPEN_MS, jitter: "none" },
};

/** Breakers of the Wasm module without the library around them. */
export interface RawBreakers {
  readonly core: Core;
  readonly addresses: Uint32Array;
  /** From the address of a breaker to that of its stripe. */
  readonly stripeOffset: number;
}

/** Makes them. */
export function rawBreakers(count: number, options = OPTIONS): RawBreakers {
  const delivery = deliver("release", false, () => releaseBase64);
  const core = new Core(delivery, found(delivery, [1, 2], 1));
  const { addresses, policy } = fill(core, count, options);
  return { core, addresses, stripeOffset: policy.shape.stripesOffset };
}

/** The build for threads. */
export const SHARED = deliver("shared", true, () => sharedBase64);

/** Breakers of the build for threads, with a stripe for each of `threads`; the first one is the caller's. */
export interface SharedBreakers {
  readonly core: Core;
  readonly addresses: Uint32Array;
  readonly policy: PlacedPolicy;
}

/** Makes them. */
export function sharedBreakers(count: number, threads: number): SharedBreakers {
  const core = new Core(SHARED, found(SHARED, [1, 2], threads));
  return { core, ...fill(core, count, OPTIONS) };
}

function fill(core: Core, count: number, options: CircuitBreakerOptions) {
  const policy = core.place(policyOf(resolveOptions(options)));
  const addresses = Uint32Array.from({ length: count }, (_, number) =>
    core.endpoints.create(`endpoint ${number}`, policy.address),
  );
  return { addresses, policy };
}

/** So many breakers by hand, and the index of each. */
export function handBreakers(count: number): { breakers: HandBreakers; places: Uint32Array } {
  const breakers = new HandBreakers(DEFAULT_POLICY, count);
  return { breakers, places: Uint32Array.from({ length: count }, (_, number) => number * breakers.size) };
}

/** A registry with so many breakers. */
export function registryOf(count: number) {
  const registry = new CircuitBreakerRegistry({ defaults: OPTIONS, seed: 1 });
  const breakers = Array.from({ length: count }, (_, number) => registry.get(`endpoint ${number}`));
  return { registry, breakers };
}

/** Anything that can be asked and told. */
export interface Asked {
  tryAcquire(nowMs: number): number;
  onSuccess(ticket: number, nowMs: number, durationMs: number): void;
  onFailure(ticket: number, nowMs: number, durationMs: number): void;
}

/** So many successes that the following need no verdict, as in a service that has run for a while. */
export function warm(breaker: Asked, clock: Clock): void {
  for (let call = 0; call < minimumCalls; call++) {
    breaker.onSuccess(breaker.tryAcquire(clock.nowMs), clock.nowMs, Number.NaN);
  }
}

/** So many failures that it opens. */
export function trip(breaker: Asked, clock: Clock): void {
  for (let call = 0; call < minimumCalls; call++) {
    breaker.onFailure(breaker.tryAcquire(clock.nowMs), clock.nowMs, Number.NaN);
  }
}

/** A breaker by hand as an object, for what is not measured. */
export function handAt(breakers: HandBreakers, at: number): Asked {
  return {
    tryAcquire: (now) => breakers.tryAcquire(at, now),
    onSuccess: (ticket, now, duration) => breakers.onSuccess(at, ticket, now, duration),
    onFailure: (ticket, now, duration) => breakers.onFailure(at, ticket, now, duration),
  };
}

/** A breaker of the module as an object, for what is not measured. */
export function rawAt({ acquire, succeed, fail }: Core, breaker: number, stripe: number): Asked {
  return {
    tryAcquire: (now) => acquire(breaker, stripe, now),
    onSuccess: (ticket, now, duration) => succeed(breaker, stripe, ticket, now, duration, 1),
    onFailure: (ticket, now, duration) => fail(breaker, stripe, ticket, now, duration, 1),
  };
}
