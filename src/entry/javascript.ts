/** The core as plain JavaScript: what steps in where WebAssembly is refused. Same code, other instructions. */
import { createJsCore } from "../../build/js.ts";
import type { CoreExports, Delivery, Heap } from "../core/exports.ts";

const PAGE_SIZE = 65_536;

/**
 * The wasm2js build of the core. Needs neither WebAssembly nor `eval`. Its addresses are signed, so that it
 * holds 2 GiB at most.
 */
export const JAVASCRIPT: Delivery = {
  flavour: "js",
  shared: false,
  createMemory: () => ({ buffer: new ArrayBuffer(PAGE_SIZE), grow: growNothing }),
  instantiate: (memory: Heap): CoreExports => createJsCore(memory) as CoreExports,
};

/** Until a core is there, which puts its own in this place. */
function growNothing(): never {
  throw new RangeError("a memory without a core does not grow");
}
