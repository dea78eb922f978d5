#!/usr/bin/env node
/** The command `bluesmoke`: prints the version, or loads the command line and turns its end into an exit code. */
import type { EXIT } from "./base/exit.ts";
import { packageVersion } from "./version.ts";

// A closed pipe (`| head`) is no error here; a sink on stdout has its own listener.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") loseOutput(error);
});
process.stderr.on("error", () => {});

const [, , first, ...others] = process.argv;
if (others.length === 0 && (first === "--version" || first === "-V")) {
  process.stdout.write(`${packageVersion()}\n`);
} else {
  try {
    const { main } = await import("./command.ts");
    await main(process.argv);
  } catch (error) {
    process.stderr.write(`${loadFaultOf(error)}\n`);
    process.exitCode = 4 satisfies typeof EXIT.connection; // exit.ts is not read here: --version starts without it
  }
}

/** The command line says what goes wrong in it: only loading its files can fail here. */
function loadFaultOf(error: unknown): string {
  const isLimit = error instanceof Error && "code" in error && error.code === "EMFILE";
  if (!isLimit) return `internal error: the command cannot be loaded: ${String(error)}`;
  return "error: too many open files: the command cannot be loaded\nraise the limit of open files: ulimit -n 256";
}

/** A summary that a full disk has not taken must not end in good order: a script would read half of it. */
function loseOutput({ code, message }: NodeJS.ErrnoException): void {
  const reason = code === "ENOSPC" ? "no space left on the device" : message;
  process.stderr.write(`error: stdout cannot be written: ${reason}\n`);
  process.once("exit", () => {
    process.exitCode ||= 4 satisfies typeof EXIT.connection;
  });
}
