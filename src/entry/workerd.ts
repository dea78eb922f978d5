/** The release build of the core on workerd, which compiles no bytes: the runtime has compiled the file. */
import module from "../../build/release.wasm";
import { compiledModule } from "./wasm.ts";

export const coreModule = /* @__PURE__ */ compiledModule(module);
