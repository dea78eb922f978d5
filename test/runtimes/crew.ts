/** What the main thread of a crew of workers reports, judged in one place. */
import { expect } from "vitest";

/** See main.mjs of the threads. */
export interface Crew {
  /** Messages of each worker: where it is, and then what it has heard. */
  readonly said: readonly (readonly unknown[])[];
  readonly calls: number;
  readonly failures: number;
  readonly heard: readonly string[];
  /** `typeof Atomics.waitAsync`. */
  readonly hears: string;
}

/** Fails unless three workers have made 400 calls each, a quarter of them failures, and all have heard of all. */
export function expectCrew({ said, calls, failures, heard }: Crew): void {
  expect({ calls, failures }).toEqual({ calls: 1_200, failures: 300 });
  expect(heard).toEqual(["mine", "of worker 0", "of worker 1", "of worker 2"]);
  expect(said.map((messages) => messages.at(-1))).toEqual([
    { heard: "mine" },
    { heard: "mine" },
    { heard: "mine" },
  ]);
}
