/** Checks the report of a main thread whose workers share its registry. */
import { expect } from "vitest";

/** See `main.mjs` of webworkers and worker_threads. */
export interface ThreadsReport {
  /** Messages of each worker: where it runs, then which event of the main thread it got. */
  readonly messages: readonly (readonly unknown[])[];
  readonly calls: number;
  readonly failures: number;
  /** Endpoints whose `opened` the main thread got, sorted. */
  readonly opened: readonly string[];
  /** `typeof Atomics.waitAsync`. */
  readonly waitAsync: string;
}

/** Fails unless three workers made 400 calls each, a quarter of them failures, and every thread got the events of the others. */
export function expectSharing({ messages, calls, failures, opened }: ThreadsReport): void {
  expect({ calls, failures }).toEqual({ calls: 1_200, failures: 300 });
  expect(opened).toEqual(["main", "worker 0", "worker 1", "worker 2"]);
  expect(messages.map((ofWorker) => ofWorker.at(-1))).toEqual(Array(3).fill({ opened: "main" }));
}
