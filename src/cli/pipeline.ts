/** From the path of a pipeline to the program in it. */
import { readFile, stat } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { fileFaultOf } from "../connect/errors.ts";
import { STANDARD } from "../connect/spec.ts";
import { CircuitBreakerRegistry } from "../entry/main.ts";
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

/**
 * The same, deployed once and thrown away: some faults show only when operators are made.
 *
 * @throws as `loadPipeline`, and what deploying throws
 */
export async function loadDeployable(path: string): Promise<Program> {
  const program = await loadPipeline(path);
  program.deploy({ registry: new CircuitBreakerRegistry() });
  return program;
}

/** To stderr, each with its place in the text. */
export function warnAbout({ warnings }: Program): void {
  for (const warning of warnings) process.stderr.write(`${warning.format()}\n`);
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
