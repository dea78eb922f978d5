/** The sections that measure the library as it is built, through library.ts: nothing here imports src. */
import type { Section } from "../section.ts";
import { execute } from "./execute.ts";
import { lookup } from "./lookup.ts";
import { memory } from "./memory.ts";
import { push } from "./push.ts";
import { registries } from "./registries.ts";
import { startup } from "./startup.ts";
import { tickets } from "./tickets.ts";
import { timeouts } from "./timeouts.ts";

/** In the order in which they run. */
export const BUILD_SECTIONS: readonly Section[] = [
  execute,
  timeouts,
  tickets,
  lookup,
  push,
  memory,
  registries,
  startup,
];
