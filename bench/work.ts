/** Makes work of a loop, with a checksum that the compiler cannot leave out. */
import type { Work } from "./section.ts";

/** Operations in one run of a case of a few ns: a sample then takes some ten µs, a thousand times the timer's grain. */
export const LOOP = 16_384;

/** Time between two calls: as if a single thread made ten million a second. */
export const STEP_MS = 0.0001;

/** A time that goes on from run to run. A field, since V8 boxes a number in a closure at every write. */
export class Clock {
  nowMs = 1_000;
}

/**
 * @param expected what every `body` must return; it returns something that takes every operation to know
 */
export function counted(operations: number, expected: number, body: () => number): Work {
  const sum = { total: 0, runs: 0 };
  const bodies = [body];
  return {
    operations,
    waits: false,
    run() {
      sum.total += bodies[0]!(); // the one that was just put there
      sum.runs++;
    },
    verify: () => verifySum(sum.total, sum.runs * expected),
  };
}

/**
 * Before anything is measured: shows V8 that `run` calls many functions, so that it compiles none into it. Node 24 does
 * that in its quick compiler and stays there, since `run` itself is called too seldom to be hot: what should take 10 ns
 * took 17.
 */
for (const body of [() => 0, () => 1, () => 2, () => 3]) {
  const { run } = counted(1, body(), body);
  for (let i = 0; i < 1_000; i++) run();
}

/** The same where `body` has to be waited for. */
export function countedLater(operations: number, expected: number, body: () => Promise<number>): Work {
  const sum = { total: 0, runs: 0 };
  return {
    operations,
    waits: true,
    async run() {
      sum.total += await body();
      sum.runs++;
    },
    verify: () => verifySum(sum.total, sum.runs * expected),
  };
}

function verifySum(given: number, expected: number): void {
  if (given === expected) return;
  throw new Error(`the checksum of its runs is ${given}, it should be ${expected}`);
}
