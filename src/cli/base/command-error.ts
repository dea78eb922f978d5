/** The error of the command itself. */
import type { ExitCode } from "./exit.ts";

/** A wrong command line, config file or pipeline path. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Stable; test this and not `instanceof`. */
  readonly code = "ERR_COMMAND";
  readonly exitCode: ExitCode;

  /** @param hint the remedy, in one line. */
  constructor(exitCode: ExitCode, message: string, hint?: string) {
    super(hint === undefined ? message : `${message}\n${hint}`);
    this.exitCode = exitCode;
  }
}
