/** Builds of the core that are Wasm modules: as text inside JavaScript, or compiled by the runtime. */
import { WasmRefusedError } from "../breaker/errors.ts";
import type { BatchExports, BatchModule, CoreExports, CoreModule, Heap } from "../core/module.ts";
import { decodeText } from "../core/wasm-text.ts";

/** The module built for shared memory names this as its maximum. */
const MAXIMUM_PAGES = 65_536;

/** A build as text, see `decodeText`. Compiled when the first registry is made, once for all. */
export function inlineModule(flavour: string, shared: boolean, text: string): CoreModule {
  let compiled: WebAssembly.Module | undefined;
  const module = () => (compiled ??= refusable(() => new WebAssembly.Module(decodeText(text))));
  return {
    flavour,
    shared,
    createMemory() {
      module(); // first, since some runtimes have memories and refuse modules
      return createMemory(shared);
    },
    instantiate: (heap) => instantiateOver(module(), heap),
  };
}

/**
 * A build for one thread that the runtime has compiled. It may come from another realm, where it is no instance of our
 * `WebAssembly.Module`.
 */
export function compiledModule(module: WebAssembly.Module): CoreModule {
  return {
    flavour: "release",
    shared: false,
    createMemory: () => createMemory(false),
    instantiate: (heap) => instantiateOver(module, heap),
  };
}

/** The functions for batches as text. Compiled when the first batch is made. */
export function inlineBatch(text: string): BatchModule {
  let compiled: WebAssembly.Module | undefined;
  return (heap, core) => {
    compiled ??= refusable(() => new WebAssembly.Module(decodeText(text)));
    const imports = { env: { memory: heap as WebAssembly.Memory }, core: { ...core } };
    return new WebAssembly.Instance(compiled, imports).exports as unknown as BatchExports;
  };
}

function createMemory(shared: boolean): WebAssembly.Memory {
  return refusable(
    () => new WebAssembly.Memory(shared ? { initial: 1, maximum: MAXIMUM_PAGES, shared } : { initial: 1 }),
  );
}

/** @throws WasmRefusedError where the runtime will not: the bytes are ours and valid. */
function refusable<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new WasmRefusedError(error);
  }
}

function instantiateOver(module: WebAssembly.Module, heap: Heap): CoreExports {
  const memory = heap as WebAssembly.Memory; // made by createMemory, or by that of another thread
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as CoreExports;
}
