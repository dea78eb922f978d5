/** From the path of a pipeline to the program in it. */
import { readFile, stat } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { fileFaultOf } from "../connect/errors.ts";
import { STANDARD } from "../connect/spec.ts";
import { compile } from "../trickle/compile.ts";
import { MAXIMUM_SOURCE_LENGTH } from "../trickle/parser.ts";
import type { Program } from "../trickle/program.ts";
import { EXIT } from "./exit.ts";
import { CommandError } from "./fault.ts";

/**
 * @param path a file, or "-" for stdin.
 * @throws CommandError when it cannot be read, TrickleError when it is wrong.
 */
export async function loadPipeline(path: string): Promise<Program> {
  return compile(await readPipeline(path), { file: path === STANDARD ? "stdin" : path });
}

async function readPipeline(path: string): Promise<string> {
  if (path === STANDARD) return text(process.stdin);
  try {
    // UTF-8 takes at most 3 bytes for a UTF-16 unit. What is larger is no pipeline but, most likely, the events.
    const { size } = await stat(path);
    if (size > 3 * MAXIMUM_SOURCE_LENGTH) throw new Error(`${size} bytes are too many for a pipeline`);
    return await readFile(path, "utf8");
  } catch (error) {
    throw new CommandError(
      EXIT.pipeline,
      `${path}: cannot be read: ${fileFaultOf(error)}`,
      'give the path of a pipeline in trickle, or "-" to read it from stdin',
    );
  }
}
