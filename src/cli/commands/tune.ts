/** `bluesmoke tune` on the command line. */
import { InvalidArgumentError } from "commander";
import { DEFAULT_GOAL } from "../../replay/tune/goal.ts";
import { readNumber } from "../base/read-number.ts";
import { addTraceFlags } from "../trace/trace-flags.ts";
import type { TuneFlags } from "../trace/tune.ts";
import type { Define } from "./subcommand.ts";

const HELP = `
A goal has one to three parts: "refuse at most N % of good calls", "notice an outage within N s",
"save at least N % of failed calls". The search sees the first part of the trace; its
suggestions are checked on the second.

  bluesmoke tune access.log --by path
  bluesmoke tune trace.bst --goal "refuse at most 0.05 % of good calls, notice an outage within 2 s"`;

export const define: Define = (command, end) => {
  command
    .description("Searches options for the calls of a trace, with all processors, and suggests three.")
    .argument("<trace>", "a file, as for replay")
    .option("--goal <text>", `what the options are to achieve (default: "${DEFAULT_GOAL}")`)
    .option("--candidates <number>", "options that are tried (default: 1000)", readWhole(1, 1_000_000))
    .option("--threads <number>", "threads (default: one for each processor)", readWhole(1, 256))
    .option("--seed <number>", "of the search and of the jitter (default: 1)", readWhole(0, 4_294_967_295))
    .option(
      "--timeout <ms>",
      "after which calls are given up: warns of options that contradict it",
      readNumber(1, 86_400_000),
    )
    .option("--html <file>", "write a page with the chart, too")
    .option("--json", "print the result as one line of JSON")
    .addHelpText("after", HELP)
    .action(async (trace: string, flags: TuneFlags) => {
      const { tune } = await import("../trace/tune.ts");
      end(await tune(trace, flags));
    });
  addTraceFlags(command);
};

function readWhole(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`Give a whole number from ${from} to ${to}.`);
  };
}
