/** `bluesmoke graph`: the picture of the graph that a pipeline becomes. */
import { EXIT, type ExitCode } from "../base/exit.ts";
import { loadDeployable, warnAbout } from "../base/load-pipeline.ts";
import { GRAPH_HELP } from "../help/help.ts";
import { flowchart } from "../view/mermaid.ts";
import type { Define } from "./subcommand.ts";

export const define: Define = (command, end) => {
  command
    .description("Prints the graph that a pipeline becomes when it is deployed, as a Mermaid flowchart.")
    .argument("<pipeline>", 'a file in trickle, or "-" for stdin')
    .addHelpText("after", GRAPH_HELP)
    .action(async (pipeline: string) => end(await graph(pipeline)));
};

/** @throws CommandError when the pipeline cannot be read, TrickleError when it is wrong. */
async function graph(path: string): Promise<ExitCode> {
  const program = await loadDeployable(path);
  warnAbout(program);
  process.stdout.write(flowchart(program.blueprint));
  return EXIT.done;
}
