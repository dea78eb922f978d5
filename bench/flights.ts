/** The events of the pipeline's cases: real flights as NDJSON, or made up where the data set is missing. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Random } from "./random.ts";
import { ROOT } from "./root.ts";
import type { Scale } from "./section.ts";

/** All 200,000 flights of the npm package vega-datasets: delay, distance, time. */
const DATA = "../data/flights-200k.json"; // from the package's entry
const ALL = 200_000;
const FEW = 5_000;

export interface Flights {
  readonly path: string;
  /** Lines, each an event. */
  readonly count: number;
}

/** One event. */
export interface Flight {
  readonly delay: number;
  readonly distance: number;
  readonly time: number;
}

/** The flights themselves, the first `count` of them. */
export function loadFlights(count: number): readonly Flight[] {
  const path = dataPath();
  if (path === undefined) return madeUp(count);
  return (JSON.parse(readFileSync(path, "utf8")) as readonly Flight[]).slice(0, count);
}

/** Writes the file into the folder of the build unless an earlier run has. */
export function provideFlights({ short }: Scale): Flights {
  const count = short ? FEW : ALL;
  const path = join(ROOT, "build", "bench", `flights-${count}.ndjson`);
  if (!existsSync(path)) {
    // Under another name first: other processes must not see half a file.
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(
      unfinished,
      loadFlights(count)
        .map((flight) => `${JSON.stringify(flight)}\n`)
        .join(""),
    );
    renameSync(unfinished, path);
  }
  return { path, count };
}

function dataPath(): string | undefined {
  try {
    const path = fileURLToPath(new URL(DATA, import.meta.resolve("vega-datasets")));
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** As long as the real ones. */
function madeUp(count: number): readonly Flight[] {
  const random = new Random(1);
  return Array.from({ length: count }, (_, number) => ({
    delay: random.below(200) - 20,
    distance: 100 + random.below(2_400),
    time: number / 100,
  }));
}
