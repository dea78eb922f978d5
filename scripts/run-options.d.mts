/** See run-options.mjs. */
import type { flagOf } from "../src/cli/options/option.ts";
import type { RUN_TABLE } from "../src/cli/options/run-table.ts";

export interface Tables {
  readonly RUN_TABLE: typeof RUN_TABLE;
  readonly flagOf: typeof flagOf;
}
export function tableOf(tables: Tables): string;
export function pageWith(page: string, tables: Tables): string;
export function schemaOf(tables: Tables): object;
