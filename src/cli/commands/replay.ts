/** `bluesmoke replay` on the command line. */
import { InvalidArgumentError } from "commander";
import type { ModelOptions } from "../../replay/whatif/endpoint-model.ts";
import type { ReplayFlags } from "../trace/replay.ts";
import { addTraceFlags } from "../trace/trace-flags.ts";
import type { Define } from "./subcommand.ts";

const HELP = `
A trace is a recording (bluesmoke run --record), an access log of nginx, Apache, Envoy or HAProxy, NDJSON,
a HAR, or the answer of Prometheus' query_range. Without --options the breakers have the options of the
recording, or the defaults.

  bluesmoke replay trace.bst
  bluesmoke replay access.log --by path --options breaker.json --html replay.html
  bluesmoke replay trace.bst --options breaker.json --model capacity=100,latency=50`;

export const define: Define = (command, end) => {
  command
    .description("Replays the calls of a trace: when breakers open, how soon, and which calls they refuse.")
    .argument("<trace>", "a file")
    .option(
      "--options <file>",
      "options of all breakers, or of defaults and endpoints, as JSON with comments",
    )
    .option("--model <values>", "simulate endpoints: capacity=CALLS A SECOND[,latency=MS]", readModel)
    .option("--seed <number>", "of the jitter (default: 1)", readSeed)
    .option("--html <file>", "write a page with a timeline, too")
    .option("--json", "print the result as one line of JSON")
    .addHelpText("after", HELP)
    .action(async (trace: string, flags: ReplayFlags) => {
      const { replay } = await import("../trace/replay.ts");
      end(await replay(trace, flags));
    });
  addTraceFlags(command);
};

function readModel(text: string): ModelOptions {
  const [, capacity, latency] = /^capacity=(\d+(?:\.\d+)?)(?:,latency=(\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  if (capacity === undefined) throw new InvalidArgumentError("Give capacity=CALLS A SECOND[,latency=MS].");
  return { capacity: Number(capacity), ...(latency !== undefined && { latencyMs: Number(latency) }) };
}

function readSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new InvalidArgumentError("Give a whole number from 0 to 9007199254740991.");
}
