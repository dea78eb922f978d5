/** The contract with the core, on one screen. What each function does stands beside its code in assembly/. */
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

/** Linear memory: a `WebAssembly.Memory`, or what stands for one where there is no WebAssembly. */
export interface Heap {
  /** All of it; another buffer after it has grown. */
  readonly buffer: ArrayBufferLike;
  /** Adds pages of 64 KiB. @throws RangeError when the runtime gives no more. */
  grow(pages: number): number;
}

/** How a build of the core arrives: the only thing in which the entries differ. */
export interface Delivery {
  /** "release", "shared", "debug", "js", …: for messages. */
  readonly flavour: string;
  /** Built for shared memory. */
  readonly shared: boolean;
  /** A memory of one page, of the kind that this build takes. */
  createMemory(): Heap;
  /** A new instance over a memory; what is costly about it is done at most once, and never at import. */
  instantiate(memory: Heap): CoreExports;
}

/**
 * Instantiates the core over a memory.
 * @throws Error when the module was built from another layout than this library.
 */
export function instantiate(delivery: Delivery, memory: Heap): CoreExports {
  const exports = delivery.instantiate(memory);
  const version = exports.layoutVersion();
  if (version !== LAYOUT_VERSION) {
    throw new Error(
      `the ${delivery.flavour} build of the core has memory layout ${version}, this library needs ${LAYOUT_VERSION}: build both from one source`,
    );
  }
  return exports;
}
