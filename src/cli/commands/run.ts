/** `bluesmoke run` on the command line. What runs is loaded when it is asked for. */
import { CommandError } from "../base/command-error.ts";
import { EXIT } from "../base/exit.ts";
import { RUN_HELP } from "../help/run-help.ts";
import { addFlags, valuesOf } from "../options/flags.ts";
import { merge, type RunOptions, runOptionsOf } from "../options/run-options.ts";
import { RUN_TABLE } from "../options/run-table.ts";
import type { Define } from "./subcommand.ts";

interface Flags {
  readonly config?: string;
}

export const define: Define = (command, end) => {
  command
    .description("Ships the events of a source through a pipeline, until the source ends or a signal comes.")
    .argument("[pipeline]", 'a file in trickle, or "-" for stdin; may be in the config file instead')
    .option("--config <file>", "options as JSON with comments: each flag is a key; flags win over it")
    .addHelpText("after", RUN_HELP)
    .action(async (given: string | undefined, { config }: Flags) => {
      const { pipeline, options } = await readOptions(given, config, valuesOf(command, RUN_TABLE));
      const { run } = await import("./execute-run.ts");
      end(await run(pipeline, options));
    });
  addFlags(command, RUN_TABLE);
};

/**
 * Flags over the config file over the defaults.
 *
 * @throws CommandError where there is no pipeline or no source
 */
async function readOptions(
  given: string | undefined,
  path: string | undefined,
  flags: Readonly<Record<string, unknown>>,
): Promise<{ readonly pipeline: string; readonly options: RunOptions }> {
  const config = path === undefined ? undefined : await loadConfig(path);
  const pipeline = given ?? config?.pipeline;
  if (pipeline === undefined)
    throw new CommandError(
      EXIT.usage,
      "there is no pipeline",
      "give the path of one, or --config FILE with it",
    );
  return { pipeline, options: runOptionsOf(merge(config?.values ?? {}, flags)) };
}

async function loadConfig(path: string) {
  const { loadConfig } = await import("../options/config-file.ts");
  return loadConfig(path, RUN_TABLE);
}
