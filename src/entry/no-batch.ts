/** Beside a build of the whole core: it has the functions for batches itself. */
import type { BatchModule } from "../core/module.ts";

export const batchModule: BatchModule | undefined = undefined;
