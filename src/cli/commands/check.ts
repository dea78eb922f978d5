/** `bluesmoke check` on the command line. */
import { InvalidArgumentError } from "commander";
import { CHECK_HELP } from "../help/help.ts";
import type { Define } from "./subcommand.ts";

interface Flags {
  readonly config?: string;
  readonly json?: boolean;
  readonly rate?: number;
}

export const define: Define = (command, end) => {
  command
    .description("Parses and checks a pipeline, or a config file and its pipeline, and runs nothing.")
    .argument("[pipeline]", 'a file in trickle, or "-" for stdin; may be in the config file instead')
    .option("--config <file>", "check this file, too, as bluesmoke run --config would read it")
    .option("--rate <calls>", "a second of each endpoint: more can be said about its options", readRate)
    .option("--json", "print the result as one line of JSON")
    .addHelpText("after", CHECK_HELP)
    .action(async (pipeline: string | undefined, flags: Flags) => {
      const { check } = await import("../check/check.ts");
      end(await check(pipeline, flags));
    });
};

function readRate(text: string): number {
  const rate = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && rate >= 1e-6 && rate <= 1e9) return rate;
  throw new InvalidArgumentError("Give a number from 0.000001 to 1000000000.");
}
