#!/usr/bin/env node
/** The command `bluesmoke`: prints the version, or loads the command line and turns its end into an exit code. */
import { packageVersion } from "./version.ts";

// A closed pipe (`| head`) is no error here; a sink on stdout has its own listener.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

const [, , first, ...others] = process.argv;
if (others.length === 0 && (first === "--version" || first === "-V")) {
  process.stdout.write(`${packageVersion()}\n`);
} else {
  const { main } = await import("./command.ts");
  await main(process.argv);
}
