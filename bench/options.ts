/** Options of the command line. */
import { parseArgs } from "node:util";

export interface BenchOptions {
  readonly help: boolean;
  /** Print the results as JSON, and nothing else. */
  readonly json: boolean;
  readonly short: boolean;
  /** Play all settings of `goodput`. */
  readonly full: boolean;
  /** Measure on a page in Chromium instead of in Node. */
  readonly browser: boolean;
  /** Where to write the page; undefined: into bench/results. */
  readonly html: string | undefined;
  /** The command line, to repeat the run. */
  readonly command: string;
  /** Names of sections; empty: all. */
  readonly sections: readonly string[];
}

/** An unknown option or section. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const HELP = `Measures bluesmoke, against code written by hand and against other circuit breakers.

  npm run bench -- [OPTIONS]

  --filter SECTION  only that section; may be given more than once
  --browser         in workers of a page in Chromium; of the sections only those that need no Node
  --short           a few seconds: proves that every benchmark works, its figures mean nothing
  --full            goodput with all settings, a quarter of an hour; without it a part, less than a minute
  --json            print JSON to stdout instead of tables
  --html FILE       where to write the page with charts; default: into bench/results
  --help            this

Sections: `;

/** The help text. */
export function help(sections: readonly string[]): string {
  return `${HELP}${sections.join(", ")}\n`;
}

/**
 * @param sections names of the sections that there are
 * @param onPages names of those that run on a page
 * @throws UsageError for an unknown option or section
 */
export function readOptions(
  args: readonly string[],
  sections: readonly string[],
  onPages: readonly string[],
): BenchOptions {
  const values = parse(args);
  if (values.short === true && values.full === true) {
    throw new UsageError("--short and --full exclude each other");
  }
  const known = values.browser === true ? onPages : sections;
  for (const name of values.filter ?? []) {
    if (known.includes(name)) continue;
    throw new UsageError(`there is no section "${name}"; sections are: ${known.join(", ")}`);
  }
  return {
    help: values.help ?? false,
    json: values.json ?? false,
    short: values.short ?? false,
    full: values.full ?? false,
    browser: values.browser ?? false,
    html: values.html,
    command: ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    sections: values.filter ?? [],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h" },
        json: { type: "boolean" },
        short: { type: "boolean" },
        full: { type: "boolean" },
        browser: { type: "boolean" },
        html: { type: "string" },
        filter: { type: "string", multiple: true },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
