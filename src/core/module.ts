/** The contract with the core, on one screen. What each function does stands beside its code in assembly/. */
import { LAYOUT_VERSION } from "../../assembly/layout.ts";

/** What the module exports. Addresses are bytes, times ms; `seen` is the value of the FREED cell that the caller knows. */
export interface CoreExports extends Partial<BatchExports> {
  layoutVersion(): number;
  /** A ticket, or 0; never writes and never looks at the time. */
  admit(breaker: number): number;
  /** A ticket or 0, with TICKET_DID_TRANSITION beside it. */
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
  /** DID_ bits, or BUSY: another thread owns the breaker, or it is no longer where it was. */
  switchTo(breaker: number, stripe: number, mode: number, nowMs: number, seen: number): number;
  reset(breaker: number, stripe: number, nowMs: number, seen: number): number;
  hold(breaker: number, stripe: number, untilMs: number, nowMs: number, seen: number): number;
  trip(breaker: number, stripe: number, holdMs: number, nowMs: number, seen: number): number;
  configure(breaker: number, stripe: number, policy: number, nowMs: number, seen: number): number;
  measure(breaker: number, nowMs: number, out: number): void;
  /** Not in the build that most programs ship, `small`. */
  recover?(registry: number, stripeIndex: number): void;
}

/** What builds of the whole core export beside them, and the build `batch` alone. */
export interface BatchExports {
  /** Adds to COLLECT_SIZE bytes at `out`; `breakers` and `ranks` are u32 columns. */
  collect(breakers: number, ranks: number, count: number, nowMs: number, out: number): void;
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

/** Functions for batches of a core without them: over its memory, calling its functions. */
export type BatchModule = (heap: Heap, core: CoreExports) => BatchExports;

/** Linear memory: a `WebAssembly.Memory`, or what stands for one where there is no WebAssembly. */
export interface Heap {
  /** All of it; another buffer after it has grown. */
  readonly buffer: ArrayBufferLike;
  /** Adds pages of 64 KiB. @throws RangeError when the runtime gives no more. */
  grow(pages: number): number;
}

/** A build of the core: the only thing in which the entries differ. */
export interface CoreModule {
  /** "release", "shared", "debug", "js": for messages. */
  readonly flavour: string;
  /** Built for memory that threads share. */
  readonly shared: boolean;
  /** A memory of one page, of the kind that this build takes. @throws RangeError when the runtime gives none. */
  createMemory(): Heap;
  /** A new instance over a memory. The module is compiled at the first call, never at import. */
  instantiate(heap: Heap): CoreExports;
}

/**
 * Instantiates the core over a memory.
 * @throws Error when the module was built from another layout than this library.
 */
export function instantiate(module: CoreModule, heap: Heap): CoreExports {
  const exports = module.instantiate(heap);
  const version = exports.layoutVersion();
  if (version === LAYOUT_VERSION) return exports;
  throw new Error(
    `the core's memory layout must be ${LAYOUT_VERSION}, got ${version}: build both from one source`,
  );
}
