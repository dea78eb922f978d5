/** All sections, in the order in which they run in Node. */

import { hireThread } from "../cases/hire.ts";
import type { Section } from "../section.ts";
import { batch } from "./batch.ts";
import { boundary } from "./boundary.ts";
import { coreOf } from "./core.ts";
import { execute } from "./execute.ts";
import { memory } from "./memory.ts";
import { pipeline } from "./pipeline.ts";
import { size } from "./size.ts";
import { threadsOf } from "./threads.ts";
import { verdict } from "./verdict.ts";

/** V8 inlines calls into Wasm since this version of Node. */
const INLINING_NODE = 24;

/** See the file. */
export const SECTIONS: readonly Section[] = [
  boundary,
  coreOf(Number.parseInt(process.versions.node, 10) >= INLINING_NODE),
  verdict,
  batch,
  threadsOf(hireThread),
  execute,
  pipeline,
  memory,
  size,
];
