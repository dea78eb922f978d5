/** `bluesmoke wal`: looks into the log of a `qos::wal`. */
import type { WalFlags } from "../wal/inspect.ts";
import type { Define } from "./subcommand.ts";

const HELP = `
DIR is the folder of the log, as in dir = "DIR". Nothing in it is changed, and a run may use it meanwhile; what is shown is
then the state of a moment. Ends with 0 if the log is whole, with 1 if parts of it are damaged or were set aside, with 4 if it
cannot be read.

Examples:
  bluesmoke wal queue                       how much waits, and since when
  bluesmoke wal queue --verify              look through every segment for damage
  bluesmoke wal queue --print > left.ndjson      the events that wait, as they came`;

export const define: Define = (command, end) => {
  command
    .description("Shows the segments of a write-ahead log, and what waits in it.")
    .argument("<dir>", "the folder of the log")
    .option("--print", "print the events that wait, one a line, in the order of the log, and nothing else")
    .option("--verify", "look through every segment, not only the last one")
    .option("--json", "print the result as one line of JSON")
    .addHelpText("after", HELP)
    .action(async (folder: string, flags: WalFlags) => {
      const { inspect } = await import("../wal/inspect.ts");
      end(await inspect(folder, flags));
    });
};
