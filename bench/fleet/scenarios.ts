/** What a fleet meets: the cases that Polly's discussion of distributed breakers names, and a brownout. */
import type { FleetScenario } from "./simulation.ts";

const FAILS_FROM_MS = 30_000;
const FAILS_TO_MS = 90_000;
const FOR_MS = 120_000;

function during(part: number): FleetScenario["failing"] {
  return (_machine, nowMs) => (nowMs >= FAILS_FROM_MS && nowMs < FAILS_TO_MS ? part : 0);
}

/** The endpoint is down for a minute; each machine makes one call a second. */
export function outage(machines: number): FleetScenario {
  return {
    name: "the endpoint is down for 60 s, 1 call/s a machine",
    machines,
    forMs: FOR_MS,
    callsPerSecond: () => 1,
    failing: during(1),
  };
}

/** The path of one machine is broken; it makes fifty times the calls of each other one. */
export function oneSick(machines: number): FleetScenario {
  return {
    name: "one machine is sick, with 50 times the calls",
    machines,
    forMs: FOR_MS,
    callsPerSecond: (machine) => (machine === 0 ? 50 : 1),
    failing: (machine) => (machine === 0 ? 1 : 0),
    isSick: (machine) => machine === 0,
  };
}

/** The path of a quarter of the machines is broken. */
export function sickQuarter(machines: number): FleetScenario {
  const sick = machines / 4;
  return {
    name: "a quarter of the machines is sick, 5 calls/s",
    machines,
    forMs: FOR_MS,
    callsPerSecond: () => 5,
    failing: (machine) => (machine < sick ? 1 : 0),
    isSick: (machine) => machine < sick,
  };
}

/** 30 % of all calls fail. */
export function brownout(machines: number): FleetScenario {
  return {
    name: "30 % of the calls fail for 60 s, 2 calls/s a machine",
    machines,
    forMs: FOR_MS,
    callsPerSecond: () => 2,
    failing: during(0.3),
  };
}

/** All of them. */
export const SCENARIOS = [outage, oneSick, sickQuarter, brownout];
