/** All sections, in the order in which they run. */
import type { Section } from "../section.ts";
import { batch } from "./batch.ts";
import { boundary } from "./boundary.ts";
import { core } from "./core.ts";
import { execute } from "./execute.ts";
import { pipeline } from "./pipeline.ts";
import { threads } from "./threads.ts";

export const SECTIONS: readonly Section[] = [boundary, core, batch, execute, pipeline, threads];
