import { describe, expect, it } from "vitest";
import { brownout, oneSick, outage, sickQuarter } from "../../bench/fleet/scenarios.ts";
import { type FleetOutcome, playFleet } from "../../bench/fleet/simulation.ts";
import type { FleetStore } from "../../src/fleet/store.ts";

const SEEDS = [1, 2, 3];
const SIZES = [20, 200];

/** What a machine has seen of the endpoint, without what tells of the fleet. */
async function playAll(make: typeof outage, machines: number): Promise<FleetOutcome[]> {
  const outcomes: FleetOutcome[] = [];
  for (const seed of machines > 100 ? [1] : SEEDS) outcomes.push(await playFleet(make(machines), true, seed));
  return outcomes;
}

describe("a fleet in the simulation", () => {
  it.each(SIZES)(
    "of %i machines opens all of them within 4 s of an outage, 4.5 s where they are many",
    async (machines) => {
      for (const outcome of await playAll(outage, machines)) {
        expect(outcome.opened).toBe(machines);
        // The last of 200 has its third failure later than the last of 20.
        expect(outcome.openedAfterMs.at(-1)).toBeLessThan(machines === 20 ? 4_000 : 4_500);
        // 3.1 calls a machine until it opens, and the probes: 90 of 20 machines, where local breakers have 1,210.
        expect(outcome.failed).toBeLessThan(4.5 * machines);
      }
    },
    60_000,
  );

  it("has one probe for all until the endpoint answers, and each machine confirms by one of its own", async () => {
    for (const { probes, probesFailed, openings, closedAtMs } of await playAll(outage, 20)) {
      expect(probes - 20).toBeLessThanOrEqual(12); // delays of 1, 2, 4, 5, 5 … s
      expect(openings).toBeGreaterThan(5);
      expect((probesFailed + 1) / openings).toBeLessThanOrEqual(1.5);
      expect(closedAtMs).toHaveLength(20);
      expect(closedAtMs.at(-1)! - closedAtMs[0]!).toBeLessThan(6_000);
    }
  }, 60_000);

  it("fails 1,210 calls with breakers of each machine alone, which never open", async () => {
    const alone = await playFleet(outage(20), false);
    expect(alone).toMatchObject({ opened: 0, failed: 1_210 });
  });

  it.each([
    ["one machine", oneSick],
    ["a quarter of the machines", sickQuarter],
  ])(
    "refuses no call on healthy machines while %s is sick",
    async (_, make) => {
      for (const size of SIZES) {
        for (const outcome of await playAll(make, size)) expect(outcome.refusedHealthy).toBe(0);
      }
    },
    120_000,
  );

  it("lowers the failed calls of a brownout", async () => {
    const alone = await playFleet(brownout(20), false);
    for (const { failed } of await playAll(brownout, 20)) expect(failed).toBeLessThan(0.8 * alone.failed);
  }, 60_000);
});

const never = () => new Promise<never>(() => {});
const refuses = () => Promise.reject(new Error("no connection"));
const throws = () => {
  throw new Error("a bug of the client");
};
const nonsense = async () => ({ not: "a list" }) as never;

function storeOf(answer: () => Promise<never>): FleetStore {
  return {
    publish: answer,
    reports: answer,
    claim: answer,
    renew: answer,
    setSwitch: answer,
    switches: answer,
  };
}

describe("a fleet whose store fails", () => {
  it.each([
    ["hangs", never],
    ["rejects", refuses],
    ["throws", throws],
    ["answers nonsense", nonsense],
  ])(
    "acts exactly as breakers of each machine alone when it %s",
    async (_, answer) => {
      for (const make of [outage, oneSick, brownout]) {
        const scenario = { ...make(20), wrapStore: () => storeOf(answer) };
        expect(await playFleet(scenario, true)).toEqual(await playFleet(scenario, false));
      }
    },
    60_000,
  );

  it("opens and heals by local counts alone when the store is lost after the fleet has opened", async () => {
    const lostAtMs = 1_000_000 + 36_000;
    const scenario = {
      ...outage(20),
      wrapStore: (store: FleetStore, clock: () => number) => {
        const lost = storeOf(refuses);
        const now = () => (clock() < lostAtMs ? store : lost);
        return {
          publish: (...values: Parameters<FleetStore["publish"]>) => now().publish(...values),
          reports: () => now().reports(),
          claim: (...values: Parameters<FleetStore["claim"]>) => now().claim(...values),
          renew: (...values: Parameters<FleetStore["renew"]>) => now().renew(...values),
          setSwitch: (...values: Parameters<FleetStore["setSwitch"]>) => now().setSwitch(...values),
          switches: () => now().switches(),
        };
      },
    };
    const outcome = await playFleet(scenario, true);
    expect(outcome.opened).toBe(20);
    expect(outcome.closedAtMs).toHaveLength(20); // all have healed by themselves
    expect(outcome.failed).toBeLessThan(400);
  }, 60_000);
});
