import {
  failedCalls,
  lastOpened,
  neverOpened,
  probesAnOpening,
  refusedForOne,
  refusedForQuarter,
} from "../cases/fleet.ts";
import type { Section } from "../section.ts";

const SIZES = [20, 200];

/** Whether machines that share counts do what they promise; docs/fleet.md has the rules. */
export const fleet: Section = {
  name: "fleet",
  title:
    "machines that share counts, in simulated time: 2 minutes, 1 call/s a machine where nothing else is said",
  operation: "call",
  cases: [],
  comparisons: [],
  readings: [
    ...SIZES.flatMap((machines) => [
      {
        name: `one of ${machines} is sick, 50 calls/s there: refused on healthy machines`,
        unit: "calls",
        target: 0,
        take: refusedForOne(machines),
      },
      {
        name: `a quarter of ${machines} is sick, 5 calls/s: refused on healthy machines`,
        unit: "calls",
        target: 0,
        take: refusedForQuarter(machines),
      },
    ]),
    { name: "down for 60 s: machines of 20 that do not open", unit: "", target: 0, take: neverOpened(20) },
    { name: "down for 60 s: the last of 20 is open after", unit: "ms", target: 4_000, take: lastOpened(20) },
    { name: "down for 60 s: the last of 200 is open after", unit: "ms", take: lastOpened(200) },
    { name: "down for 60 s: failed calls of 20", unit: "calls", target: 90, take: failedCalls(20, true) },
    {
      name: "down for 60 s: failed calls of 20 without a fleet",
      unit: "calls",
      take: failedCalls(20, false),
    },
    { name: "down for 60 s: failed calls of 200", unit: "calls", take: failedCalls(200, true) },
    { name: "down for 60 s: probes an opening, of 20", unit: "", target: 1.5, take: probesAnOpening(20) },
    { name: "down for 60 s: probes an opening, of 200", unit: "", target: 1.5, take: probesAnOpening(200) },
  ],
};
