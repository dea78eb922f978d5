/** The events that the demo ships unless it is given others. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CommandError } from "../base/command-error.ts";
import { EXIT } from "../base/exit.ts";

const PACKAGE = "vega-datasets";
/** One JSON array of 200,000 flights: delay, distance, time. From the package's entry, build/index.js. */
const FLIGHTS = "../data/flights-200k.json";

/** @throws CommandError where the package is not installed: it comes with the repository, not with bluesmoke. */
export function flightsPath(): string {
  const path = findFlights();
  if (path !== undefined && existsSync(path)) return path;
  throw new CommandError(
    EXIT.connection,
    `the npm package ${PACKAGE}, whose flights the demo ships, is not installed`,
    "run: npm install vega-datasets, or ship events of your own: bluesmoke demo FILE",
  );
}

function findFlights(): string | undefined {
  try {
    return fileURLToPath(new URL(FLIGHTS, import.meta.resolve(PACKAGE)));
  } catch {
    return undefined;
  }
}
