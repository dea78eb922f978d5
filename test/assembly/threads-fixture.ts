/** A core of several threads in one of them: a registry with one breaker, whose functions are called for every stripe. */
import {
  BUCKET_PENDING_OFFSET,
  BUCKET_SIZE,
  BUCKETS_OFFSET,
  GENERATION_SHIFT,
  REGISTRY_FREED_OFFSET,
  STATE_MASK,
  TICKET_DID_TRANSITION,
  WORD_OFFSET,
} from "../../assembly/layout.ts";
import { sharedText } from "../../build/shared.ts";
import { type CircuitBreakerOptions, policyOf, resolveOptions } from "../../src/breaker/options.ts";
import { inlineModule } from "../../src/entry/wasm.ts";
import { createLayout } from "../../src/threads/attachment.ts";
import { SharedCore } from "../../src/threads/shared-core.ts";

const SHARED = inlineModule("shared", true, sharedText);
const NAME = "endpoint";

/** A registry of that many stripes, with one breaker. */
export function createSharedBreaker(options: CircuitBreakerOptions, stripes: number) {
  const core = new SharedCore(SHARED, createLayout(SHARED, [1, 2], stripes));
  const place = (given: CircuitBreakerOptions) => core.place(policyOf(resolveOptions(given)));
  const policy = place(options);
  const breaker = core.create(policy, NAME);
  core.names.insert(NAME, breaker);
  const { exports, memory, registry } = core;
  const { u32, f64 } = memory;
  const stripe = (index: number) => breaker + policy.shape.stripesOffset + index * policy.shape.stripeSize;
  const word = () => u32[(breaker + WORD_OFFSET) >>> 2]!;
  return {
    memory,
    exports,
    policy,
    breaker,
    u32,
    f64,
    stripe,
    place: (other: CircuitBreakerOptions) => place(other).address,
    acquire: (index: number, nowMs: number) =>
      exports.acquire(breaker, stripe(index), nowMs) & ~TICKET_DID_TRANSITION,
    /** By the thread of that stripe, after an unknown time. */
    succeed: (index: number, ticket: number, nowMs: number) =>
      exports.succeed(breaker, stripe(index), ticket, nowMs, Number.NaN, 1),
    fail: (index: number, ticket: number, nowMs: number) =>
      exports.fail(breaker, stripe(index), ticket, nowMs, Number.NaN, 1),
    measure: (nowMs: number) => core.measure(breaker, nowMs),
    word,
    setWord: (next: number) => {
      u32[(breaker + WORD_OFFSET) >>> 2] = next;
    },
    state: () => word() & STATE_MASK,
    generation: () => word() >>> GENERATION_SHIFT,
    deadline: () => core.deadlineOf(breaker),
    policyAddress: () => core.policyOf(breaker),
    latest: (index: number) => core.latestOf(stripe(index)),
    freed: () => u32[(registry + REGISTRY_FREED_OFFSET) >>> 2]!,
    raiseFreed: () => {
      u32[(registry + REGISTRY_FREED_OFFSET) >>> 2]! += 1;
    },
    remove: () => core.free(core.names.remove(NAME)),
    /** Another breaker, in the freed block. */
    reuse: () => core.create(policy, "other"),
    /** Pending calls of a stripe by bucket, signed. */
    pending: (index: number, buckets: number) =>
      Array.from(
        { length: buckets },
        (_, n) => u32[(stripe(index) + BUCKETS_OFFSET + n * BUCKET_SIZE + BUCKET_PENDING_OFFSET) >>> 2]! | 0,
      ),
  };
}
