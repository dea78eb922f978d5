/**
 * Breakers made from the sources. Of the sections that run in a browser too, only this file imports the library, its core
 * and its builds.
 */
import { LAYOUT_VERSION, OUTCOME_SUCCESS } from "../../assembly/layout.ts";
import { releaseText } from "../../build/release.ts";
import { sharedText } from "../../build/shared.ts";
import { type CircuitBreakerOptions, policyOf, resolveOptions } from "../../src/breaker/options.ts";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { Core, type PlacedPolicy, type Seed } from "../../src/core/core.ts";
import { type CoreExports, instantiate } from "../../src/core/module.ts";
import { compiledModule, inlineModule } from "../../src/entry/wasm.ts";
import { acquireBatch, type Batch, createBatch, reportBatch } from "../../src/features/batch.ts";
import { attach, createLayout } from "../../src/threads/attachment.ts";
import { SharedCore } from "../../src/threads/shared-core.ts";
import { HandBreakers } from "../byhand/breakers.ts";
import { DEFAULT_POLICY } from "../byhand/policy.ts";
import { OPTIONS, type TicketBreaker } from "./options.ts";

const RELEASE = inlineModule("release", false, releaseText);
const SHARED = inlineModule("shared", true, sharedText);
const SEED: Seed = [1, 2];

/** Breakers of the Wasm module without the library around them. */
export interface RawBreakers {
  readonly core: Core;
  readonly addresses: Uint32Array;
  /** From the address of a breaker to that of its stripe. */
  readonly stripeOffset: number;
}

/** Creates them. */
export function rawBreakers(count: number, options: CircuitBreakerOptions = OPTIONS): RawBreakers {
  const core = Core.create(RELEASE, SEED);
  const { addresses, policy } = fill(core, count, options);
  return { core, addresses, stripeOffset: policy.shape.stripesOffset };
}

/** How another thread attaches to breakers of the build for threads. */
export interface SharedHandle {
  readonly memory: WebAssembly.Memory;
  readonly token: number;
  readonly addresses: Uint32Array;
  readonly policy: PlacedPolicy;
}

/** Breakers of the build for threads, with a stripe for each of `threads`; the first stripe is the caller's. */
export interface SharedBreakers extends RawBreakers {
  /** Another handle each time. */
  handle(): SharedHandle;
}

/** Creates them. */
export function sharedBreakers(count: number, threads: number): SharedBreakers {
  const core = new SharedCore(SHARED, createLayout(SHARED, SEED, threads));
  const { addresses, policy } = fill(core, count, OPTIONS);
  const memory = core.memory.heap as WebAssembly.Memory; // the shared build takes no other
  const handle = () => ({ memory, token: core.drawToken(), addresses, policy });
  return { core, addresses, stripeOffset: core.stripeOf(0, policy), handle };
}

/** The same breakers in another thread, with a stripe of its own. */
export function attachBreakers({ memory, token, addresses, policy }: SharedHandle): RawBreakers {
  const attachment = attach(memory, token);
  if (attachment === undefined) throw new Error("there is no stripe for this thread");
  const core = new SharedCore(SHARED, attachment);
  return { core, addresses, stripeOffset: core.stripeOf(0, policy) };
}

/** An export of the module that returns a constant, and the constant. */
export function constantExport(): { readonly call: () => number; readonly value: number } {
  const { layoutVersion } = instantiate(RELEASE, RELEASE.createMemory());
  return { call: layoutVersion, value: LAYOUT_VERSION };
}

/** The part of the exports that a call needs. */
export type CallExports = Pick<CoreExports, "acquire" | "succeed">;

/** An instance of a module given as hexadecimal digits. */
export function instanceOf(hex: string): CallExports {
  const bytes = Uint8Array.from(hex.match(/../g)!, (digits) => Number.parseInt(digits, 16));
  const module = compiledModule(new WebAssembly.Module(bytes));
  return module.instantiate(module.createMemory());
}

/** Bytes of linear memory for breakers, and the memory's growth. The names are on the heap. */
export function bytesOfBreakers(count: number): number {
  return rawBreakers(count).core.memory.heap.buffer.byteLength;
}

/** The same in the build for threads with one stripe: the names are in linear memory. */
export function bytesOfNamedBreakers(count: number): number {
  const { core } = sharedBreakers(1, 1);
  const policy = core.place(policyOf(resolveOptions(OPTIONS)));
  for (let number = 0; number < count; number++) {
    const name = `endpoint ${number}`;
    core.names.insert(name, core.create(policy, name));
  }
  return core.memory.heap.buffer.byteLength;
}

/** The columns of a batch in the memory of a core, by their addresses, without the library. */
export interface RawBatch {
  readonly breakers: number;
  readonly tickets: number;
  readonly outcomes: number;
}

/** Columns for a batch, all of whose entries are to succeed. */
export function rawBatch({ core }: RawBreakers, ids: Uint32Array): RawBatch {
  const { length } = ids;
  const breakers = core.allocate(length * 4);
  const tickets = core.allocate(length * 4);
  const outcomes = core.allocate(length);
  new Uint32Array(core.memory.heap.buffer, breakers, length).set(ids);
  return { breakers, tickets, outcomes };
}

/** Sets every outcome to SUCCESS, as the caller of a batch does after `acquireBatch`. */
export function succeedAll({ core }: RawBreakers, { outcomes }: RawBatch, length: number): void {
  new Uint8Array(core.memory.heap.buffer, outcomes, length).fill(OUTCOME_SUCCESS);
}

/** A batch of a registry, whose entries are admitted and succeed. */
export function batchOf(registry: CircuitBreakerRegistry, size: number) {
  const batch = createBatch(registry, size);
  return {
    batch,
    acquire: (now: number) => acquireBatch(batch, size, now),
    report: (now: number) => reportBatch(batch, size, now),
  };
}

export type { CircuitBreakerOptions, Core };
/** The library made from the sources, for cases and comparisons. */
export { type Batch, CircuitBreakerRegistry, OUTCOME_SUCCESS as SUCCESS };

function fill(core: Core, count: number, options: CircuitBreakerOptions) {
  const policy = core.place(policyOf(resolveOptions(options)));
  const addresses = Uint32Array.from({ length: count }, (_, number) =>
    core.create(policy, `endpoint ${number}`),
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

/** A breaker by hand as an object, for preparation only. */
export function handAt(breakers: HandBreakers, at: number): TicketBreaker {
  return {
    tryAcquire: (now) => breakers.tryAcquire(at, now),
    onSuccess: (ticket, now, duration) => breakers.onSuccess(at, ticket, now, duration),
    onFailure: (ticket, now, duration) => breakers.onFailure(at, ticket, now, duration),
  };
}

/** A breaker of the module as an object, for preparation only. */
export function rawAt({ exports }: Core, breaker: number, stripe: number): TicketBreaker {
  const { acquire, succeed, fail } = exports;
  return {
    tryAcquire: (now) => acquire(breaker, stripe, now),
    onSuccess: (ticket, now, duration) => succeed(breaker, stripe, ticket, now, duration, 1),
    onFailure: (ticket, now, duration) => fail(breaker, stripe, ticket, now, duration, 1),
  };
}
