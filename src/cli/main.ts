#!/usr/bin/env node
/** The command `bluesmoke`: turns whatever happens into an exit code. */
import { codeOf } from "../connect/errors.ts";
import { EXIT } from "./exit.ts";
import { CommandError, faultOf } from "./fault.ts";

// A reader that goes away (`| head`) is no fault of ours; a sink on stdout has its own listener and tells.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});
process.on("uncaughtException", (error) => {
  process.exit(fail(error));
});

try {
  const { execute } = await import("./command.ts");
  process.exitCode = await execute(process.argv);
} catch (error) {
  process.exitCode = fail(packageMissing(error) ?? error);
}

function fail(error: unknown): number {
  const { exitCode, message } = faultOf(error);
  process.stderr.write(`${message}\n`);
  return exitCode;
}

/** The library does not need commander, so it may have been left out by the installation. */
function packageMissing(error: unknown): CommandError | undefined {
  if (codeOf(error) !== "ERR_MODULE_NOT_FOUND" || !String(error).includes("'commander'")) return undefined;
  return new CommandError(EXIT.internal, "the package commander is missing", "run: npm install commander");
}
