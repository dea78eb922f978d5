/** All sections, in the order in which they run. */
import type { Section } from "../section.ts";
import { batch } from "./batch.ts";
import { boundary } from "./boundary.ts";
import { core } from "./core.ts";
import { execute } from "./execute.ts";
import { memory } from "./memory.ts";
import { pipeline } from "./pipeline.ts";
import { size } from "./size.ts";
import { threads } from "./threads.ts";
import { verdict } from "./verdict.ts";

export const SECTIONS: readonly Section[] = [
  boundary,
  core,
  verdict,
  batch,
  threads,
  execute,
  pipeline,
  memory,
  size,
];
