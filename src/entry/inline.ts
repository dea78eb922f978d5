/** The build of the core inside JavaScript: runs everywhere that compiles WebAssembly; needs no file, no fetch. */
import { smallText } from "../../build/small.ts";
import { inlineModule } from "./wasm.ts";

export const coreModule = /* @__PURE__ */ inlineModule("release", false, smallText);
