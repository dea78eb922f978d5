/** The functions of the core for batches inside JavaScript: only programs that make a batch hold them. */
import { batchText } from "../../build/batch.ts";
import type { BatchModule } from "../core/module.ts";
import { inlineBatch } from "./wasm.ts";

export const batchModule: BatchModule | undefined = /* @__PURE__ */ inlineBatch(batchText);
