/** `bluesmoke check` on the command line. */
import { readNumber } from "../base/read-number.ts";
import { CHECK_HELP } from "../help/help.ts";
import type { Define } from "./subcommand.ts";

interface Flags {
  readonly config?: string;
  readonly json?: boolean;
  readonly rate?: number;
  readonly latency?: number;
  readonly timeout?: number;
}

export const define: Define = (command, end) => {
  command
    .description("Parses and checks a pipeline, or a config file and its pipeline, and runs nothing.")
    .argument("[pipeline]", 'a file in trickle, or "-" for stdin; may be in the config file instead')
    .option("--config <file>", "check this file, too, as bluesmoke run --config would read it")
    .option(
      "--rate <calls>",
      "a second of each endpoint: more can be said about its options",
      readNumber(1e-6, 1e9),
    )
    .option("--latency <ms>", "that a call usually takes: likewise", readNumber(0, 86_400_000))
    .option("--timeout <ms>", "after which a call is given up: likewise", readNumber(1, 86_400_000))
    .option("--json", "print the result as one line of JSON")
    .addHelpText("after", CHECK_HELP)
    .action(async (pipeline: string | undefined, flags: Flags) => {
      const { check } = await import("../check/check.ts");
      const { rate, latency: latencyMs, timeout: timeoutMs, ...rest } = flags;
      end(await check(pipeline, { ...rest, traffic: { rate, latencyMs, timeoutMs } }));
    });
};
