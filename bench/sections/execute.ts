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
import {
  bare,
  byHand,
  chained,
  chainedByClosure,
  ours,
  oursByClosure,
  oursIgnoring,
  oursInARow,
  oursObserved,
  oursObservedElsewhere,
  oursReading,
  oursShared,
  oursWrapped,
  tryCatch,
} from "../cases/execute.ts";
import {
  failingBare,
  failingFollowed,
  failingForked,
  failingOurs,
  failingOursByClosure,
  failingOursWithTimeout,
  failingRethrown,
  failingSeen,
  failingUnseen,
} from "../cases/failing.ts";
import {
  cockatiel,
  cockatielByClosure,
  cockatielFailing,
  cockatielRefusing,
  cockatielReplacing,
  opossum,
  opossumFailing,
  opossumRefusing,
  opossumReplacing,
} from "../cases/peers.ts";
import { rejectedBare, rejectedByUs, replacedBare, replacedByUs } from "../cases/refused.ts";
import type { Case, Comparison, Reading, Section } from "../section.ts";

const BARE = "await call()";
const FLOOR = "await call().then(v => v)";
const CLOSURE_FLOOR = "await closure().then(v => v)";
const CLOSURE = "bluesmoke execute, a closure for each call";
const IGNORING = "bluesmoke execute, call object not read";
const READING = "bluesmoke execute, signal read";
const OURS = "bluesmoke execute, success rate";
const OBSERVED_ELSEWHERE = "bluesmoke execute, with an observer of another registry";
const CONSECUTIVE = "cockatiel execute, consecutive";
const SAMPLING = "cockatiel execute, sampling";
const OPOSSUM = "opossum fire, lean";
const REFUSED = "refused: await a rejected promise";
const REFUSED_BY_US = "refused: bluesmoke";
const REFUSED_BY_COCKATIEL = "refused: cockatiel";
const REFUSED_BY_OPOSSUM = "refused: opossum";
const REPLACED = "refused with a fallback: await its answer";
const REPLACED_BY_US = "refused with a fallback: bluesmoke";
const FAILING = "failing: await fail()";
const SEEN = "failing: the least that sees it";
const FAILING_OURS = "failing: bluesmoke execute";

const CASES: readonly Case[] = [
  { name: BARE, prepare: bare },
  { name: FLOOR, prepare: chained },
  { name: CLOSURE_FLOOR, prepare: chainedByClosure },
  { name: "async wrapper with try and catch", prepare: tryCatch },
  { name: "async wrapper with a breaker by hand, same clock", prepare: byHand },
  { name: OURS, ofBuild: true, prepare: ours },
  { name: OBSERVED_ELSEWHERE, prepare: oursObservedElsewhere },
  { name: "bluesmoke execute, with an observer", prepare: oursObserved },
  { name: "bluesmoke execute, failures in a row", ofBuild: true, prepare: oursInARow },
  { name: CLOSURE, ofBuild: true, prepare: oursByClosure },
  { name: IGNORING, ofBuild: true, prepare: oursIgnoring },
  { name: READING, ofBuild: true, prepare: oursReading },
  { name: "bluesmoke wrap, called", ofBuild: true, prepare: oursWrapped },
  { name: "bluesmoke execute, registry for threads", ofBuild: true, prepare: oursShared },
  { name: CONSECUTIVE, peer: "cockatiel", prepare: () => cockatiel("consecutive") },
  { name: "cockatiel execute, a closure for each call", peer: "cockatiel", prepare: cockatielByClosure },
  { name: SAMPLING, peer: "cockatiel", prepare: () => cockatiel("sampling") },
  { name: OPOSSUM, peer: "opossum", prepare: opossum },
  ...group(REFUSED, [
    { name: REFUSED, prepare: rejectedBare },
    { name: REFUSED_BY_US, ofBuild: true, prepare: rejectedByUs },
    { name: REFUSED_BY_COCKATIEL, peer: "cockatiel", prepare: cockatielRefusing },
    { name: REFUSED_BY_OPOSSUM, peer: "opossum", prepare: opossumRefusing },
  ]),
  ...group(REPLACED, [
    { name: REPLACED, prepare: replacedBare },
    { name: REPLACED_BY_US, ofBuild: true, prepare: replacedByUs },
    { name: "refused with a fallback: cockatiel", peer: "cockatiel", prepare: cockatielReplacing },
    { name: "refused with a fallback: opossum", peer: "opossum", prepare: opossumReplacing },
  ]),
  ...group(FAILING, [
    { name: FAILING, prepare: failingBare },
    { name: "failing: the least that lets it pass, .then(v => v)", prepare: failingUnseen },
    { name: SEEN, prepare: failingSeen },
    { name: "failing: async wrapper with try and catch", prepare: failingRethrown },
    { name: "failing: p.then(ok) and p.then(undefined, look)", prepare: failingForked },
    { name: "failing: p.then(ok, () => p)", prepare: failingFollowed },
    { name: FAILING_OURS, ofBuild: true, prepare: failingOurs },
    {
      name: "failing: bluesmoke execute, a closure for each call",
      ofBuild: true,
      prepare: failingOursByClosure,
    },
    { name: "failing: bluesmoke execute, timeoutMs", ofBuild: true, prepare: failingOursWithTimeout },
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
  ...[OURS, CLOSURE, READING, IGNORING].flatMap((form) => [
    { what: `${form}: to ${FLOOR}`, of: form, to: FLOOR, by: "time", target: 1.15 } as const,
    { what: `${form}: to cockatiel`, of: form, to: CONSECUTIVE, by: "time", target: 0.5 } as const,
  ]),
  { what: `${CLOSURE}: to ${CLOSURE_FLOOR}`, of: CLOSURE, to: CLOSURE_FLOOR, by: "time" },
  {
    what: "added by an observer of another registry",
    of: OBSERVED_ELSEWHERE,
    above: OURS,
    by: "time",
    target: 2,
  },
  addedBy("cockatiel, consecutive", CONSECUTIVE, 0.4),
  addedBy("cockatiel, sampling", SAMPLING, 0.3),
  addedBy("opossum", OPOSSUM, 0.15),
  refusedBy("a rejected promise", REFUSED, 1.2),
  refusedBy("cockatiel", REFUSED_BY_COCKATIEL, 0.25),
  refusedBy("opossum", REFUSED_BY_OPOSSUM, 0.25),
  { what: "added to a failing call: bluesmoke", of: FAILING_OURS, above: FAILING, by: "time", target: 160 },
  { what: "added to a failing call: the least that sees it", of: SEEN, above: FAILING, by: "time" },
];

const READINGS: readonly Reading[] = [
  { name: "heap: await call()", unit: "bytes/call", take: bytesOfBare },
  { name: "heap: await call().then(v => v)", unit: "bytes/call", take: bytesOfChained },
  { name: "heap: await bluesmoke execute", unit: "bytes/call", take: bytesOfOurs, ofBuild: true },
  {
    name: "heap: bluesmoke execute, more than .then(v => v)",
    unit: "bytes/call",
    target: 0,
    take: bytesAdded,
  },
  { name: "heap: tryAcquire and onSuccess", unit: "bytes/call", target: 0, take: bytesOfTickets },
  {
    name: "heap: tryAcquire and onSuccess, time given",
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
