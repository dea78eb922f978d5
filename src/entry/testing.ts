/**
 * `bluesmoke/testing`: a clock that stands still, and helpers, so that tests of code behind a breaker need not sleep.
 * @module bluesmoke/testing
 */
export type { EventSource } from "../features/event-iterator.ts";
export {
  closeByProbes,
  type ManualClock,
  manualClock,
  openByFailures,
  type Recording,
  recordEvents,
} from "../features/testing.ts";
export { type Phase, type Scenario, type Simulation, simulate } from "../replay/advice/simulate.ts";
