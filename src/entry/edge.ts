/** The release build of the core on Vercel's edge runtime, which compiles no bytes: `?module` asks for a compiled file. */
import module from "../../build/release.wasm?module";
import { compiledModule } from "./wasm.ts";

export const coreModule = /* @__PURE__ */ compiledModule(module);
