/**
 * `bluesmoke/testing`: a clock that stands still, and helpers, so that tests of code behind a breaker need not sleep.
 * @module bluesmoke/testing
 */
export { type ManualClock, manualClock } from "../breaker/testing/manualclock.ts";
export { heal, type Recording, record, type Testable, trip } from "../breaker/testing/rehearsal.ts";
