/** A build of the core that arrives as a Wasm module which the runtime has compiled. */
import type { CoreExports, Delivery } from "../core/exports.ts";

/**
 * A build of the core for one thread. Nothing is made of `module` before the first registry is. It may come from another
 * realm, where it is no instance of our `WebAssembly.Module`; so the loader, which asks for that, is not asked.
 */
export function deliverModule(flavour: string, module: WebAssembly.Module): Delivery {
  return {
    flavour,
    shared: false,
    createMemory: () => new WebAssembly.Memory({ initial: 1 }),
    instantiate: (memory) =>
      new WebAssembly.Instance(module, { env: { memory: memory as WebAssembly.Memory } }) // made by createMemory
        .exports as unknown as CoreExports,
  };
}
