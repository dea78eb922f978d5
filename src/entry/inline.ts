/** The release build of the core inside JavaScript: runs everywhere that compiles WebAssembly; needs no file, no fetch. */
import { releaseText } from "../../build/release.ts";
import { inlineModule } from "./wasm.ts";

export const coreModule = /* @__PURE__ */ inlineModule("release", false, releaseText);
