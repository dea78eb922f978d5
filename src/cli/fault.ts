/** What is said about an error, and how the command ends because of it. No stack unless it is asked for. */
import { codeOf, reasonOf } from "../connect/errors.ts";
import { isTrickleError } from "../trickle/diagnostic.ts";
import { EXIT, type ExitCode } from "./exit.ts";

/** What the command itself finds wrong. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Stable; test this and not `instanceof`. */
  readonly code = "ERR_COMMAND";
  readonly exitCode: ExitCode;

  /** @param hint what to do about it, in one line. */
  constructor(exitCode: ExitCode, message: string, hint?: string) {
    super(hint === undefined ? message : `${message}\n${hint}`);
    this.exitCode = exitCode;
  }
}

export interface Fault {
  readonly exitCode: ExitCode;
  /** One to five lines for whoever typed the command. */
  readonly message: string;
}

/** @param debug adds the stack. */
export function faultOf(error: unknown, debug = process.env.BLUESMOKE_DEBUG === "1"): Fault {
  const fault = judge(error);
  if (!debug || !(error instanceof Error)) return fault;
  return { ...fault, message: `${fault.message}\n${error.stack}` };
}

function judge(error: unknown): Fault {
  if (isTrickleError(error)) return { exitCode: EXIT.pipeline, message: error.format() };
  const message = `error: ${error instanceof Error ? error.message : String(error)}`;
  if (error instanceof CommandError) return { exitCode: error.exitCode, message };
  switch (codeOf(error)) {
    case "ERR_SOURCE":
    case "ERR_SINK":
      return { exitCode: EXIT.connection, message };
    case "ERR_GRAPH":
    case "ERR_OPTION":
      return { exitCode: EXIT.pipeline, message };
    case "EMFILE":
    case "ENFILE":
      return { exitCode: EXIT.connection, message: TOO_MANY_FILES };
    default:
      return { exitCode: EXIT.internal, message: internal(error) };
  }
}

const TOO_MANY_FILES =
  "error: too many open files\nraise the limit (ulimit -n 256), or give fewer sources, sinks and --in-flight requests";

function internal(error: unknown): string {
  return `internal error: ${reasonOf(error)}\nthis is a fault of bluesmoke; BLUESMOKE_DEBUG=1 shows where it is`;
}
