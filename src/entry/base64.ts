/** Bytes that travel as text inside JavaScript: runs everywhere, needs no file and no fetch. */
import { instantiateSync } from "@assemblyscript/loader";
import { WasmRefusedError } from "../breaker/errors.ts";
import type { CoreExports, Delivery, Heap } from "../core/exports.ts";

/** The module built for shared memory names this as its maximum. */
const MAXIMUM_PAGES = 65_536;

/** A build of the core that is a Wasm module. */
export interface WasmDelivery extends Delivery {
  /**
   * Compiled when first asked for, once for all registries.
   * @throws WasmRefusedError where nothing may be compiled.
   */
  module(): WebAssembly.Module;
}

/** A build of the core as base64. */
export function deliver(flavour: string, shared: boolean, base64: () => string): WasmDelivery {
  let compiled: WebAssembly.Module | undefined;
  const module = () => {
    compiled ??= compile(decode(base64()));
    return compiled;
  };
  return {
    flavour,
    shared,
    module,
    createMemory: () => {
      module(); // first, since some runtimes have memories and refuse modules
      return shared
        ? new WebAssembly.Memory({ initial: 1, maximum: MAXIMUM_PAGES, shared })
        : new WebAssembly.Memory({ initial: 1 });
    },
    instantiate: (memory) => instantiateOver(module(), memory),
  };
}

function compile(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    throw new WasmRefusedError(error); // the bytes are ours and valid: it is the runtime that will not
  }
}

function instantiateOver(module: WebAssembly.Module, heap: Heap): CoreExports {
  const memory = heap as WebAssembly.Memory; // made by createMemory, or by that of another thread
  const { instance } = instantiateSync(module, { env: { memory } });
  return instance.exports as unknown as CoreExports;
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
