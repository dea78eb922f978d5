/**
 * `bluesmoke/threads`: registries that threads share, over the build of the core for shared memory. Importing it does nothing
 * yet.
 * @module bluesmoke/threads
 */
import { sharedText } from "../../build/shared.ts";
import {
  type AttachOptions,
  attachWith,
  createWith,
  type RegistryHandle,
  type SharedRegistry,
  type SharedRegistryOptions,
} from "../threads/shared-registry.ts";
import { inlineModule } from "./wasm.ts";

export type { Heap } from "../core/module.ts";
export {
  type AttachOptions,
  type NodeWorker,
  type PageWorker,
  type RegistryHandle,
  reclaim,
  SharedRegistry,
  type SharedRegistryOptions,
  watchWorker,
} from "../threads/shared-registry.ts";
export { ThreadError, type ThreadErrorCode } from "../threads/thread-error.ts";

const SHARED = /* @__PURE__ */ inlineModule("shared", true, sharedText);

/**
 * A registry that other threads can attach to: send them `registry.handle()`.
 * @throws OptionError for bad options; ThreadError on a page that is not cross-origin isolated; WasmRefusedError where
 * WebAssembly is refused; RangeError when there is no memory.
 */
export function createSharedRegistry(options: SharedRegistryOptions): SharedRegistry {
  return createWith(SHARED, options);
}

/**
 * The registry of another thread, in this one.
 * @throws ThreadError when it is no handle, or when as many threads are attached as there may be; OptionError for bad options;
 * WasmRefusedError where WebAssembly is refused.
 */
export function attachRegistry(handle: RegistryHandle, options?: AttachOptions): SharedRegistry {
  return attachWith(SHARED, handle, options);
}
