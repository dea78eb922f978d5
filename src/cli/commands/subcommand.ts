/** A subcommand: what a file of this folder exports as `define`. */
import type { Command } from "commander";
import type { ExitCode } from "../base/exit.ts";

/** Adds arguments, flags, help and the action to the command. The action calls `end` with the exit code. */
export type Define = (command: Command, end: (code: ExitCode) => void) => void;
