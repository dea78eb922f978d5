import {
  cockatiel,
  cockatielWithSignal,
  opossum,
  ours,
  oursReading,
  oursReadingSignal,
  oursWithSignal,
  raceByHand,
  raceBySignal,
  signalByHand,
} from "../cases/timeouts.ts";
import type { Case, Section } from "../section.ts";

const RACE = "timeout: race by hand";
const RACE_WITH_SIGNAL = "timeout: race by hand with a signal";
const OURS = "timeout: bluesmoke";
const READING = "timeout: bluesmoke, signal read";
const OPOSSUM = "timeout: opossum";
const SIGNAL = "signal: by hand";

/** Node 20 makes an `AbortSignal` for each call that reads one in 3.5 µs of its own. */
const READING_BOUND = Number.parseInt(process.versions.node, 10) >= 24 ? 0.5 : 1.05;

function group(baseline: string, cases: readonly Case[]): readonly Case[] {
  return cases.map((one) => ({ ...one, baseline }));
}

/** Calls that a timeout or a signal could end. */
export const timeouts: Section = {
  name: "timeouts",
  title: "an awaited call with a timeout or a signal",
  operation: "call",
  cases: [
    ...group(RACE, [
      { name: RACE, prepare: raceByHand },
      { name: RACE_WITH_SIGNAL, prepare: raceBySignal },
      { name: OURS, ofBuild: true, prepare: ours },
      { name: READING, ofBuild: true, buildBound: READING_BOUND, prepare: oursReading },
      { name: OPOSSUM, peer: "opossum", prepare: opossum },
      { name: "timeout: cockatiel", peer: "cockatiel", prepare: cockatiel },
    ]),
    ...group(SIGNAL, [
      { name: SIGNAL, prepare: signalByHand },
      { name: "signal: bluesmoke", ofBuild: true, prepare: oursWithSignal },
      { name: "signal: bluesmoke, signal read", ofBuild: true, prepare: oursReadingSignal },
      { name: "signal: cockatiel", peer: "cockatiel", prepare: cockatielWithSignal },
    ]),
  ],
  comparisons: [
    { what: "timeout: bluesmoke to opossum", of: OURS, to: OPOSSUM, by: "time", target: 0.4 },
    { what: "timeout: bluesmoke to a race by hand", of: OURS, to: RACE, by: "time", target: 0.85 },
    {
      what: "timeout, signal read: bluesmoke to a race by hand with one",
      of: READING,
      to: RACE_WITH_SIGNAL,
      by: "time",
    },
  ],
};
