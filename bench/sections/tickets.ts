import {
  atRandom,
  batches,
  byHand,
  events,
  failures,
  shared,
  snapshots,
  successes,
  synchronous,
  timedFailures,
  timedRefusals,
  timedSuccesses,
} from "../cases/tickets.ts";
import type { Section } from "../section.ts";

const SUCCESS_BY_HAND = "success: by hand, same clock";
const FAILURE_BY_HAND = "failure: by hand, same clock";
const SUCCESS = "success: tryAcquire + onSuccess";
const FAILURE = "failure: tryAcquire + onFailure";

/** The methods without a promise. */
export const tickets: Section = {
  name: "tickets",
  title: "admission and report without a promise",
  operation: "call",
  cases: [
    { name: SUCCESS_BY_HAND, prepare: () => byHand("success") },
    { name: SUCCESS, ofBuild: true, prepare: successes },
    { name: "success: tryAcquire + onSuccess, time given", ofBuild: true, prepare: timedSuccesses },
    { name: "success: registry for threads, time given", ofBuild: true, prepare: shared },
    { name: "success: 100,000 kept objects at random, time given", ofBuild: true, prepare: atRandom },
    { name: "success: executeSync", ofBuild: true, prepare: synchronous },
    { name: "success: acquireBatch + reportBatch, 16 breakers", ofBuild: true, prepare: batches },
    { name: FAILURE_BY_HAND, baseline: FAILURE_BY_HAND, prepare: () => byHand("failure") },
    { name: FAILURE, baseline: FAILURE_BY_HAND, ofBuild: true, prepare: failures },
    {
      name: "failure: tryAcquire + onFailure, time given",
      baseline: FAILURE_BY_HAND,
      ofBuild: true,
      prepare: timedFailures,
    },
    {
      name: "refused: tryAcquire, time given",
      baseline: FAILURE_BY_HAND,
      ofBuild: true,
      prepare: timedRefusals,
    },
    { name: "switch with a listener", baseline: FAILURE_BY_HAND, ofBuild: true, prepare: events },
    { name: "snapshot", baseline: FAILURE_BY_HAND, ofBuild: true, prepare: snapshots },
  ],
  comparisons: [
    { what: "success: to by hand, same clock", of: SUCCESS, to: SUCCESS_BY_HAND, by: "time" },
    { what: "failure: to by hand, same clock", of: FAILURE, to: FAILURE_BY_HAND, by: "time" },
  ],
};
