/** From the path of a pipeline to the program in it. */
import { readFile, stat } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { fileFaultOf } from "../../connect/base/errors.ts";
import { STANDARD } from "../../connect/base/spec.ts";
import { CircuitBreakerRegistry } from "../../entry/main.ts";
import { compile } from "../../trickle/compile.ts";
import type { Program } from "../../trickle/program.ts";
import { MAXIMUM_SOURCE_LENGTH } from "../../trickle/syntax/parser.ts";
import { walOperator } from "../../wal/definition.ts";
import { CommandError } from "./command-error.ts";
import { EXIT } from "./exit.ts";

/**
 * @param path a file, or "-" for stdin.
 * @throws CommandError when it cannot be read, TrickleError when it is wrong.
 */
export async function loadPipeline(path: string): Promise<Program> {
  return compilePipeline(await readPipeline(path));
}

/** @throws TrickleError when it is wrong */
export function compilePipeline({ text: source, file }: PipelineText): Program {
  return compile(source, { file, operators: [walOperator()] });
}

/**
 * The same as `loadPipeline`, deployed once and thrown away: some faults show only when operators are made.
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

/** A pipeline, not compiled. */
export interface PipelineText {
  readonly text: string;
  /** For messages. */
  readonly file: string;
}

/** @throws CommandError when it cannot be read */
export async function readPipeline(path: string): Promise<PipelineText> {
  if (path === STANDARD) return { text: await text(process.stdin), file: "stdin" };
  try {
    // UTF-8 takes at most 3 bytes for a UTF-16 unit. A larger file is no pipeline: most likely it has the events.
    const { size } = await stat(path);
    if (size > 3 * MAXIMUM_SOURCE_LENGTH) throw new Error(`${size} bytes are too many for a pipeline`);
    return { text: await readFile(path, "utf8"), file: path };
  } catch (error) {
    throw new CommandError(
      EXIT.pipeline,
      `${path}: cannot be read: ${fileFaultOf(error)}`,
      'give the path of a pipeline in trickle, or "-" to read it from stdin',
    );
  }
}
