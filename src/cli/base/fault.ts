/** From an error to its message and the exit code. No stack unless BLUESMOKE_DEBUG=1. */
import { codeOf, reasonOf } from "../../connect/base/errors.ts";
import { isTrickleError } from "../../trickle/syntax/diagnostic.ts";
import { CommandError } from "./command-error.ts";
import { EXIT, type ExitCode } from "./exit.ts";

export interface Fault {
  readonly exitCode: ExitCode;
  /** One to five lines for the user. */
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
