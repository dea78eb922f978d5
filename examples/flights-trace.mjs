/**
 * Writes a trace of real events for `bluesmoke replay` and `bluesmoke tune`: the departures of 20,000 flights of the first three
 * months of 2001 (npm package vega-datasets, from the US Bureau of Transportation Statistics). A flight that was more than half an hour
 * late is a call that failed; a day is played as a minute.
 *
 *   node examples/flights-trace.mjs FILE            one endpoint, "departures"
 *   node examples/flights-trace.mjs FILE airports   an endpoint for each airport
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DATA = new URL("../data/flights-20k.json", import.meta.resolve("vega-datasets"));
const START = Date.UTC(2001, 0, 1);
/** Minutes of a day. */
const FASTER = 1_440;
const LATE_MINUTES = 30;

/** The trace as NDJSON. */
export function flightsTrace(byAirport = false) {
  const flights = JSON.parse(readFileSync(fileURLToPath(DATA), "utf8"));
  const lines = flights.map(({ date, delay, origin }) => {
    const [year, month, day, hour, minute] = date.split(/\D/).map(Number);
    const sinceMs = Date.UTC(year, month - 1, day, hour, minute) - START;
    return JSON.stringify({
      endpoint: byAirport ? origin : "departures",
      startMs: START + sinceMs / FASTER,
      ok: delay <= LATE_MINUTES,
    });
  });
  return `${lines.join("\n")}\n`;
}

const [, program, file, by] = process.argv;
if (program === fileURLToPath(import.meta.url)) writeFileSync(file, flightsTrace(by === "airports"));
