import {
  bytesAdded,
  bytesOfBare,
  bytesOfChained,
  bytesOfCockatiel,
  bytesOfOpossum,
  bytesOfOurs,
  bytesOfTickets,
  bytesOfTimedTickets,
} from "../cases/allocation.ts";
import { bare, byHand, chained, ours, oursInARow, tryCatch } from "../cases/execute.ts";
import { failingBare, failingOurs, failingRethrown, failingSeen, failingUnseen } from "../cases/failing.ts";
import {
  cockatiel,
  cockatielFailing,
  cockatielRefusing,
  opossum,
  opossumFailing,
  opossumRefusing,
} from "../cases/peers.ts";
import { rejectedBare, rejectedByUs } from "../cases/rejection.ts";
import type { Case, Comparison, Reading, Section } from "../section.ts";

const BARE = "await call()";
const OURS = "bluesmoke execute, success rate";
const CONSECUTIVE = "cockatiel execute, consecutive";
const SAMPLING = "cockatiel execute, sampling";
const OPOSSUM = "opossum fire, lean";
const REFUSED = "refused: await a rejected promise";
const REFUSED_BY_US = "refused: bluesmoke";
const REFUSED_BY_COCKATIEL = "refused: cockatiel";
const REFUSED_BY_OPOSSUM = "refused: opossum";
const FAILING = "failing: await fail()";
const SEEN = "failing: the least that sees it";
const FAILING_OURS = "failing: bluesmoke execute";

const CASES: readonly Case[] = [
  { name: BARE, prepare: bare },
  { name: "await call().then(v => v)", prepare: chained },
  { name: "async wrapper with try and catch", prepare: tryCatch },
  { name: "async wrapper with a breaker by hand", prepare: byHand },
  { name: OURS, prepare: ours },
  { name: "bluesmoke execute, failures in a row", prepare: oursInARow },
  { name: CONSECUTIVE, peer: "cockatiel", prepare: () => cockatiel("consecutive") },
  { name: SAMPLING, peer: "cockatiel", prepare: () => cockatiel("sampling") },
  { name: OPOSSUM, peer: "opossum", prepare: opossum },
  ...group(REFUSED, [
    { name: REFUSED, prepare: rejectedBare },
    { name: REFUSED_BY_US, prepare: rejectedByUs },
    { name: REFUSED_BY_COCKATIEL, peer: "cockatiel", prepare: cockatielRefusing },
    { name: REFUSED_BY_OPOSSUM, peer: "opossum", prepare: opossumRefusing },
  ]),
  ...group(FAILING, [
    { name: FAILING, prepare: failingBare },
    { name: "failing: the least that lets it pass, .then(v => v)", prepare: failingUnseen },
    { name: SEEN, prepare: failingSeen },
    { name: "failing: async wrapper with try and catch", prepare: failingRethrown },
    { name: FAILING_OURS, prepare: failingOurs },
    {
      name: "failing: cockatiel, consecutive",
      peer: "cockatiel",
      prepare: () => cockatielFailing("consecutive"),
    },
    { name: "failing: cockatiel, sampling", peer: "cockatiel", prepare: () => cockatielFailing("sampling") },
    { name: "failing: opossum", peer: "opossum", prepare: opossumFailing },
  ]),
];

const COMPARISONS: readonly Comparison[] = [
  addedBy("cockatiel, consecutive", CONSECUTIVE, 0.4),
  addedBy("cockatiel, sampling", SAMPLING, 0.3),
  addedBy("opossum", OPOSSUM, 0.15),
  refusedBy("a rejected promise", REFUSED, 1.2),
  refusedBy("cockatiel", REFUSED_BY_COCKATIEL, 0.25),
  refusedBy("opossum", REFUSED_BY_OPOSSUM, 0.25),
  { what: "added to a failing call: bluesmoke", of: FAILING_OURS, above: FAILING, by: "time", target: 60 },
  { what: "added to a failing call: the least that sees it", of: SEEN, above: FAILING, by: "time" },
];

const READINGS: readonly Reading[] = [
  { name: "heap: await call()", unit: "bytes/call", take: bytesOfBare },
  { name: "heap: await call().then(v => v)", unit: "bytes/call", take: bytesOfChained },
  { name: "heap: await bluesmoke execute", unit: "bytes/call", take: bytesOfOurs },
  {
    name: "heap: bluesmoke execute, more than .then(v => v)",
    unit: "bytes/call",
    target: 0,
    take: bytesAdded,
  },
  { name: "heap: tryAcquire and onSuccess", unit: "bytes/call", target: 0, take: bytesOfTickets },
  {
    name: "heap: tryAcquire and onSuccess, told the time",
    unit: "bytes/call",
    target: 0,
    take: bytesOfTimedTickets,
  },
  { name: "heap: await cockatiel execute", unit: "bytes/call", peer: "cockatiel", take: bytesOfCockatiel },
  { name: "heap: await opossum fire", unit: "bytes/call", peer: "opossum", take: bytesOfOpossum },
];

function group(baseline: string, cases: readonly Case[]): readonly Case[] {
  return cases.map((one) => ({ ...one, baseline }));
}

function addedBy(whom: string, to: string, target: number): Comparison {
  return {
    what: `added to the bare call: bluesmoke to ${whom}`,
    of: OURS,
    to,
    above: BARE,
    by: "time",
    target,
  };
}

function refusedBy(whom: string, to: string, target: number): Comparison {
  return { what: `refused: bluesmoke to ${whom}`, of: REFUSED_BY_US, to, by: "time", target };
}

/** Promises behind breakers. */
export const execute: Section = {
  name: "execute",
  title: "an awaited call behind a breaker",
  operation: "call",
  cases: CASES,
  comparisons: COMPARISONS,
  readings: READINGS,
};
