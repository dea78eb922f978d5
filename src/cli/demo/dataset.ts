/** The events that the demo ships unless it is given others. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { KeptFile } from "./kept-file.ts";
import { syntheticFlights } from "./synthetic-flights.ts";

const PACKAGE = "vega-datasets";
/** One JSON array of 200,000 flights: delay, distance, time. From the package's entry, build/index.js. */
const FLIGHTS = "../data/flights-200k.json";
/** As many as the file has. */
const COUNT = 200_000;

/** A file of events, until it is closed. */
export interface Dataset {
  readonly path: string;
  close(): void;
}

/**
 * The flights of vega-datasets where that package is installed, as in the repository; otherwise synthetic ones of the same
 * shape in a temporary file, always the same.
 *
 * @param resolve finds the entry of a package, as a URL; throws when there is none.
 */
export async function openFlights(
  resolve: (name: string) => string = (name) => import.meta.resolve(name),
): Promise<Dataset> {
  const path = findFlights(resolve);
  if (path !== undefined && existsSync(path)) return { path, close() {} };
  const file = await KeptFile.open("synthetic-flights.ndjson");
  await writeFile(file.path, syntheticFlights(COUNT));
  return file;
}

function findFlights(resolve: (name: string) => string): string | undefined {
  try {
    return fileURLToPath(new URL(FLIGHTS, resolve(PACKAGE)));
  } catch {
    return undefined;
  }
}
