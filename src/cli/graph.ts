/** `bluesmoke graph`: what a pipeline becomes when it is deployed, as a picture. */
import { EXIT, type ExitCode } from "./exit.ts";
import { flowchart } from "./mermaid.ts";
import { loadDeployable, warnAbout } from "./pipeline.ts";

/** @throws CommandError when the pipeline cannot be read, TrickleError when it is wrong. */
export async function graph(path: string): Promise<ExitCode> {
  const program = await loadDeployable(path);
  warnAbout(program);
  process.stdout.write(flowchart(program.blueprint));
  return EXIT.done;
}
