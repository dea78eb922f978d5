/** `bluesmoke check` on the command line. */
import { CHECK_HELP } from "../help/help.ts";
import type { Define } from "./subcommand.ts";

interface Flags {
  readonly config?: string;
  readonly json?: boolean;
}

export const define: Define = (command, end) => {
  command
    .description("Parses and checks a pipeline, or a config file and its pipeline, and runs nothing.")
    .argument("[pipeline]", 'a file in trickle, or "-" for stdin; may be in the config file instead')
    .option("--config <file>", "check this file, too, as bluesmoke run --config would read it")
    .option("--json", "print the result as one line of JSON")
    .addHelpText("after", CHECK_HELP)
    .action(async (pipeline: string | undefined, flags: Flags) => {
      const { check } = await import("../check/check.ts");
      end(await check(pipeline, flags));
    });
};
