/** The result of a run: printed by `--json`, and part of the page. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Goal } from "./goals.ts";
import type { Machine } from "./machine.ts";
import type { BenchOptions } from "./options.ts";
import type { SectionResult } from "./result.ts";
import { ROOT } from "./root.ts";

export interface Report {
  readonly format: 2;
  /** When it ended, in ISO 8601. */
  readonly date: string;
  /** The command line. */
  readonly command: string;
  readonly short: boolean;
  readonly rounds: number;
  readonly machine: Machine;
  readonly sections: readonly SectionResult[];
  /** All targets of the sections. */
  readonly goals: readonly Goal[];
}

/** The default path of the page: part of a run, or a short one, does not replace a whole one. */
export function pagePath({ browser, sections, short }: BenchOptions): string {
  const name = ["bench", ...(browser ? ["browser"] : []), ...sections, ...(short ? ["short"] : [])].join("-");
  return join(ROOT, "bench", "results", `${name}.html`);
}

/** Writes the page, and its folder. */
export function writePage(path: string, page: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, page);
}
