/** The core as plain JavaScript (wasm2js), for where WebAssembly is refused. Same code, other instructions. */
import { createJsCore } from "../../build/js.ts";
import type { CoreExports, CoreModule } from "../core/module.ts";

const PAGE_SIZE = 65_536;

/** Needs neither WebAssembly nor `eval`. Its addresses are signed, so that it holds 2 GiB at most. */
export const coreModule: CoreModule = {
  flavour: "js",
  shared: false,
  createMemory: () => ({ buffer: new ArrayBuffer(PAGE_SIZE), grow: growNothing }),
  instantiate: (heap) => createJsCore(heap) as CoreExports,
};

/** Replaced when a core is made over the memory. */
function growNothing(): never {
  throw new RangeError("a memory without a core does not grow");
}
