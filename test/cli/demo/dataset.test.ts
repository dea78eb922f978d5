import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { openFlights } from "../../../src/cli/demo/dataset.ts";
import { syntheticFlights } from "../../../src/cli/demo/synthetic-flights.ts";

type Flight = Readonly<Record<"delay" | "distance" | "time", number>>;

function flightsOf(text: string): Flight[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Flight);
}

function notInstalled(): never {
  throw new Error("not installed");
}

describe("the events of bluesmoke demo", () => {
  it("are the flights of vega-datasets where it is installed", async () => {
    const { path, close } = await openFlights();
    close();
    expect(basename(path)).toBe("flights-200k.json");
    expect(existsSync(path)).toBe(true);
  });

  it("are as many synthetic ones where it is not, in a file that is gone after close", async () => {
    const flights = await openFlights(notInstalled);
    expect(readFileSync(flights.path, "utf8")).toBe(syntheticFlights(200_000));
    flights.close();
    expect(existsSync(flights.path)).toBe(false);
  });

  it("have the shape and the spread of the flights", async () => {
    const { path } = await openFlights();
    const real = JSON.parse(readFileSync(path, "utf8")) as Flight[];
    const made = flightsOf(syntheticFlights(200_000));
    expect(made).toHaveLength(real.length);
    expect(Object.keys(made[0]!)).toEqual(Object.keys(real[0]!));
    for (const name of ["delay", "distance", "time"] as const) {
      const [wanted, got] = [real, made].map((flights) =>
        flights.map((one) => one[name]).sort((a, b) => a - b),
      );
      for (const share of [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]) {
        const at = Math.floor(share * real.length);
        expect(Math.abs(got![at]! - wanted![at]!), `${name} at ${share}`).toBeLessThanOrEqual(
          0.02 * (wanted!.at(-1)! - wanted![0]!),
        );
      }
    }
    expect(made.every(({ time }, n) => n === 0 || time >= made[n - 1]!.time)).toBe(true);
    expect(made.every(({ delay, distance }) => Number.isInteger(delay) && Number.isInteger(distance))).toBe(
      true,
    );
  });

  it("are the same whenever they are made", () => {
    const first = syntheticFlights(1_000);
    expect(syntheticFlights(1_000)).toBe(first);
    expect(new Set(first.split("\n")).size).toBeGreaterThan(900);
  });
});
