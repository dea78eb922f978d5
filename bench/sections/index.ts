/** All sections, in the order in which they run in Node. */

import { startNodeThread } from "../cases/start-thread.ts";
import type { Section } from "../section.ts";
import { batch } from "./batch.ts";
import { boundary } from "./boundary.ts";
import { BUILD_SECTIONS } from "./builds.ts";
import { coreOf } from "./core.ts";
import { detectors } from "./detectors.ts";
import { fleet } from "./fleet.ts";
import { goodput } from "./goodput.ts";
import { http } from "./http.ts";
import { layout } from "./layout.ts";
import { metrics } from "./metrics.ts";
import { opossum } from "./opossum.ts";
import { pipeline } from "./pipeline.ts";
import { recording } from "./record.ts";
import { size } from "./size.ts";
import { threadsOf } from "./threads.ts";
import { verdict } from "./verdict.ts";

/** V8 inlines calls into Wasm since this version of Node. */
const INLINING_NODE = 24;

/** See the file. */
export const SECTIONS: readonly Section[] = [
  boundary,
  coreOf(Number.parseInt(process.versions.node, 10) >= INLINING_NODE),
  detectors,
  verdict,
  batch,
  threadsOf(startNodeThread),
  pipeline,
  http,
  opossum,
  ...BUILD_SECTIONS,
  goodput,
  fleet,
  metrics,
  recording,
  layout,
  size,
];
