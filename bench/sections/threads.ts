import { oneRaw, oneShared } from "../cases/one.ts";
import type { StartThread } from "../cases/thread-task.ts";
import { apart, swapping, together } from "../cases/threads.ts";
import type { Section } from "../section.ts";

const UNSHARED = "one breaker, its own thread, unshared";
const SHARED = "one breaker, its own thread, shared, 3 stripes";
const ONE = "one breaker, 1 thread";
const ONE_BY_TWO = "one breaker, 2 threads";
const MANY = "2,000 at random, 1 thread";
const MANY_BY_TWO = "2,000 at random, 2 threads";
const SWAP = "a compare-and-swap, 1 thread";
const SWAP_BY_TWO = "a compare-and-swap, 2 threads";

/** Several threads in one memory. The time is that of the clock on the wall, over the outcomes of all threads. `startThread` starts one. */
export function threadsOf(startThread: StartThread): Section {
  return {
    name: "threads",
    title: "admit + report in one memory",
    operation: "outcome",
    cases: [
      { name: UNSHARED, prepare: oneRaw },
      { name: SHARED, prepare: () => oneShared(3) },
      { name: ONE, baseline: ONE, prepare: (scale) => together(startThread, 1, scale) },
      { name: ONE_BY_TWO, baseline: ONE, prepare: (scale) => together(startThread, 2, scale) },
      { name: MANY, baseline: MANY, prepare: (scale) => apart(startThread, 1, scale) },
      { name: MANY_BY_TWO, baseline: MANY, prepare: (scale) => apart(startThread, 2, scale) },
      { name: SWAP, baseline: SWAP, prepare: (scale) => swapping(startThread, 1, scale) },
      { name: SWAP_BY_TWO, baseline: SWAP, prepare: (scale) => swapping(startThread, 2, scale) },
    ],
    comparisons: [
      { what: "one breaker: shared to unshared", of: SHARED, to: UNSHARED, by: "time", target: 1.2 },
      { what: "one breaker: outcomes/s of 2 threads to 1", of: ONE_BY_TWO, to: ONE, by: "rate", target: 1.9 },
      {
        what: "2,000 at random: outcomes/s of 2 threads to 1",
        of: MANY_BY_TWO,
        to: MANY,
        by: "rate",
        target: 1.9,
      },
      {
        what: "outcomes/s of 2 threads: one breaker to a compare-and-swap",
        of: ONE_BY_TWO,
        to: SWAP_BY_TWO,
        by: "rate",
        target: 10,
      },
    ],
  };
}
