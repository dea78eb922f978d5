/** Readings of a fleet in the seeded simulation, whose figures are the same on every machine. */
import { oneSick, outage, sickQuarter } from "../fleet/scenarios.ts";
import { type FleetOutcome, type FleetScenario, playFleet } from "../fleet/simulation.ts";
import type { Scale } from "../section.ts";

/** A short run plays these machines only: they prove that it works. */
const SHORT_MACHINES = 4;

/** A reading of one game. */
function reading(
  make: (machines: number) => FleetScenario,
  machines: number,
  read: (outcome: FleetOutcome) => number,
  isShared = true,
): (scale: Scale) => Promise<number> {
  return async ({ short }) => read(await playFleet(make(short ? SHORT_MACHINES : machines), isShared));
}

/** Calls that healthy machines refused while the path of one machine is broken. */
export const refusedForOne = (machines: number) =>
  reading(oneSick, machines, ({ refusedHealthy }) => refusedHealthy);

/** The same while the path of a quarter of the machines is broken. */
export const refusedForQuarter = (machines: number) =>
  reading(sickQuarter, machines, ({ refusedHealthy }) => refusedHealthy);

/** Machines that are not open while the endpoint is down. */
export const neverOpened = (machines: number) =>
  reading(outage, machines, ({ opened, machines: all }) => all - opened);

/** ms from the first failed call until the last machine is open. */
export const lastOpened = (machines: number) =>
  reading(outage, machines, ({ openedAfterMs }) => openedAfterMs.at(-1) ?? Number.NaN);

/** Failed calls of all machines while the endpoint is down for a minute. */
export const failedCalls = (machines: number, isShared: boolean) =>
  reading(outage, machines, ({ failed }) => failed, isShared);

/** Probes of the whole fleet for each opening: those that failed, and the one that found the endpoint well. */
export const probesAnOpening = (machines: number) =>
  reading(outage, machines, ({ probesFailed, openings }) => (probesFailed + 1) / openings);
