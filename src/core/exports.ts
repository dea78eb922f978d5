/** The contract with the Wasm module, on one screen. What each does stands beside its code in assembly/. */
import { instantiateSync } from "@assemblyscript/loader";
import { LAYOUT_VERSION } from "../../assembly/layout.ts";

export interface CoreExports {
  layoutVersion(): number;
  /** Ticket, or 0; never writes and never looks at the time. */
  admit(breaker: number): number;
  /** Ticket or 0, with TICKET_DID_TRANSITION beside it. */
  acquire(breaker: number, stripe: number, nowMs: number): number;
  /** DID_ bits. `durationMs` NaN: unknown. */
  succeed(
    breaker: number,
    stripe: number,
    ticket: number,
    nowMs: number,
    durationMs: number,
    weight: number,
  ): number;
  fail(
    breaker: number,
    stripe: number,
    ticket: number,
    nowMs: number,
    durationMs: number,
    weight: number,
  ): number;
  release(breaker: number, stripe: number, ticket: number, nowMs: number): number;
  check(breaker: number, stripe: number, nowMs: number): number;
  /** DID_ bits, or -1: another thread owns the breaker just now. */
  switchTo(breaker: number, stripe: number, mode: number, nowMs: number): number;
  reset(breaker: number, stripe: number, nowMs: number): number;
  hold(breaker: number, stripe: number, untilMs: number, nowMs: number): number;
  measure(breaker: number, nowMs: number, out: number): void;
  recover(registry: number, stripeIndex: number): void;
  /** Index of the first bad entry, or `count`. */
  firstBad(breakers: number, weights: number, count: number, end: number): number;
  /** How many were admitted, with TICKET_DID_TRANSITION beside it. */
  acquireBatch(
    breakers: number,
    tickets: number,
    outcomes: number,
    count: number,
    stripeIndex: number,
    nowMs: number,
  ): number;
  reportBatch(
    breakers: number,
    tickets: number,
    outcomes: number,
    weights: number,
    durations: number,
    count: number,
    stripeIndex: number,
    nowMs: number,
  ): number;
}

/** How a build of the core arrives: the only thing in which the entries differ. */
export interface Delivery {
  /** "release", "shared", "debug", …: for messages. */
  readonly flavour: string;
  /** Built for shared memory. */
  readonly shared: boolean;
  /** Compiled at most once, at the first registry, never at import. */
  module(): WebAssembly.Module;
}

/**
 * Instantiates the core over a memory.
 * @throws Error when the module was built from another layout than this library.
 */
export function instantiate(delivery: Delivery, memory: WebAssembly.Memory): CoreExports {
  const { instance } = instantiateSync(delivery.module(), { env: { memory } });
  const exports = instance.exports as unknown as CoreExports;
  const version = exports.layoutVersion();
  if (version !== LAYOUT_VERSION) {
    throw new Error(
      `the ${delivery.flavour} build of the core has memory layout ${version}, this library needs ${LAYOUT_VERSION}: build both from one source`,
    );
  }
  return exports;
}
