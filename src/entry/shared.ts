/**
 * `bluesmoke/shared`: the library with both builds of the core inside, so that threads can share a registry.
 * Importing it does nothing yet.
 * @module bluesmoke/shared
 */
import { sharedBase64 } from "../../build/shared.ts";
import type { Slot, Switchboard } from "../breaker/switchboard.ts";
import {
  type AttachOptions,
  homeFor,
  homeOf,
  type RegistryHandle,
  type SharedOptions,
  ThreadedRegistry,
} from "../breaker/thread/threads.ts";
import { deliver } from "./base64.ts";
import { CircuitBreaker, CircuitBreakerRegistry as PrivateRegistry } from "./main.ts";

export * from "../breaker/index.ts";
export { CircuitBreaker };

const SHARED = /* @__PURE__ */ deliver("shared", true, () => sharedBase64);

/** Breakers by endpoint, in one memory that threads share. Synchronous; needs no size in advance. */
export type SharedCircuitBreakerRegistry = ThreadedRegistry<CircuitBreaker>;

/** Breakers by endpoint, in one memory. Synchronous; needs no size in advance. */
export class CircuitBreakerRegistry extends PrivateRegistry {
  /**
   * A registry that other threads can attach to.
   * @throws OptionError for bad options; ThreadError on a page that is not cross-origin isolated; WasmRefusedError where
   * WebAssembly is refused.
   */
  static shared(options: SharedOptions): SharedCircuitBreakerRegistry {
    return new ThreadedRegistry(SHARED, createBreaker, options, homeFor(SHARED, options));
  }

  /**
   * The registry of another thread, in this one.
   * @throws ThreadError when it is no handle, or when as many threads are attached as there may be.
   * WasmRefusedError where WebAssembly is.
   */
  static attach(handle: RegistryHandle, options: AttachOptions = {}): SharedCircuitBreakerRegistry {
    SHARED.module(); // refused, it must not have taken a place
    return new ThreadedRegistry(SHARED, createBreaker, options, homeOf(handle, options));
  }
}

function createBreaker(name: string, slot: Slot, board: Switchboard): CircuitBreaker {
  return new CircuitBreaker(name, slot, board);
}
