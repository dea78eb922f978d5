/** A fleet of machines that call one endpoint, in simulated time, each with a registry of its own. */
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { manualClock } from "../../src/features/testing.ts";
import { type Fleet, joinFleet } from "../../src/fleet/fleet.ts";
import { memoryStore } from "../../src/fleet/memory-store.ts";
import type { FleetStore } from "../../src/fleet/store.ts";
import { Random } from "../random.ts";

/** What the machines meet. */
export interface FleetScenario {
  readonly name: string;
  readonly machines: number;
  /** Length in ms. */
  readonly forMs: number;
  /** Calls a second of a machine. */
  callsPerSecond(machine: number): number;
  /** The part of the calls that fails: 0..1. */
  failing(machine: number, nowMs: number): number;
  /** Machines whose own path is broken. Refusals on the others are losses. */
  isSick?(machine: number): boolean;
  /** What stands between the machines and the store. Default: the store. */
  wrapStore?(store: FleetStore, clock: () => number): FleetStore;
}

/** What came of it. */
export interface FleetOutcome {
  readonly machines: number;
  /** Machines that opened at least once. */
  readonly opened: number;
  readonly failed: number;
  readonly succeeded: number;
  /** Refused calls of machines that are not sick. */
  readonly refusedHealthy: number;
  /** Calls admitted while half-open. */
  readonly probes: number;
  /** Those of them that failed. */
  readonly probesFailed: number;
  /** How often the fleet was open: the first time, and after each failed probe that a lease tells of. 0: no lease does. */
  readonly openings: number;
  /** ms after the first failure at which each machine opened first, in order. */
  readonly openedAfterMs: readonly number[];
  /** ms: when each machine was closed for the last time after an opening, in order. */
  readonly closedAtMs: readonly number[];
}

const EVERY_MS = 1_000;
const START_MS = 1_000_000;
const NAME = "endpoint";

/** Plays a scenario. `isShared` false: breakers without a fleet. */
export async function playFleet(scenario: FleetScenario, isShared: boolean, seed = 1): Promise<FleetOutcome> {
  const clock = manualClock(START_MS);
  const random = new Random(seed);
  const leases = { failedProbes: 0 };
  const store = noting(memoryStore(clock), leases);
  const shared = scenario.wrapStore?.(store, clock) ?? store;
  const machines = Array.from({ length: scenario.machines }, (_, at) => {
    const registry = new CircuitBreakerRegistry({ clock, seed: seed * 1_000 + at });
    const fleet = isShared
      ? joinFleet(registry, { store: shared, everyMs: 0, machine: `m${at}` })
      : undefined;
    const firstMs = () => START_MS + random.below(EVERY_MS);
    return new Machine(registry, fleet, firstMs(), firstMs());
  });
  for (;;) {
    const at = nextOf(machines);
    const machine = machines[at]!;
    const nowMs = machine.dueMs;
    if (nowMs >= START_MS + scenario.forMs) break;
    clock.advance(nowMs - clock());
    if (machine.roundMs === nowMs) {
      machine.roundMs += EVERY_MS;
      void machine.fleet?.exchange();
      await settled(); // a store may hang
    } else {
      machine.call(random.below(1_000_000) < scenario.failing(at, nowMs - START_MS) * 1_000_000);
      machine.callMs += (1_000 / scenario.callsPerSecond(at)) * (0.5 + random.below(1_000) / 1_000);
    }
  }
  const outcome = outcomeOf(scenario, machines);
  return { ...outcome, openings: leases.failedProbes > 0 ? leases.failedProbes + 1 : 0 };
}

/** The store, which notes how many probes in a row have failed by the leases. */
function noting(store: FleetStore, leases: { failedProbes: number }): FleetStore {
  return {
    ...store,
    renew(lease, value, lifeMs) {
      const failed = /^failed (\d+) /.exec(value)?.[1];
      if (failed !== undefined) leases.failedProbes = Math.max(leases.failedProbes, Number(failed));
      return store.renew(lease, value, lifeMs);
    },
  };
}

/** Resolves after all that is due at this moment of the simulation. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The machine that is due first. */
function nextOf(machines: readonly Machine[]): number {
  let first = 0;
  for (let at = 1; at < machines.length; at++) {
    if (machines[at]!.dueMs < machines[first]!.dueMs) first = at;
  }
  return first;
}

/** One machine, and what it has seen. */
class Machine {
  readonly fleet: Fleet | undefined;
  readonly #registry: CircuitBreakerRegistry;
  failed = 0;
  succeeded = 0;
  refused = 0;
  probes = 0;
  probesFailed = 0;
  firstFailureMs: number | undefined;
  openedMs: number | undefined;
  closedMs: number | undefined;

  /** When its next call, and its next exchange with the store, are due. */
  callMs: number;
  roundMs: number;

  constructor(registry: CircuitBreakerRegistry, fleet: Fleet | undefined, callMs: number, roundMs: number) {
    this.callMs = callMs;
    this.roundMs = roundMs;
    this.#registry = registry;
    this.fleet = fleet;
    registry.on("opened", ({ atMs }) => {
      this.openedMs ??= atMs;
      this.closedMs = undefined;
    });
    registry.on("closed", ({ atMs }) => {
      this.closedMs = atMs - START_MS;
    });
  }

  get dueMs(): number {
    return Math.min(this.callMs, this.roundMs);
  }

  call(fails: boolean): void {
    const breaker = this.#registry.get(NAME);
    const ticket = breaker.tryAcquire();
    if (ticket === 0) {
      this.refused++;
      return;
    }
    const isProbe = breaker.state === "half_open";
    if (isProbe) this.probes++;
    if (!fails) {
      this.succeeded++;
      breaker.onSuccess(ticket);
      return;
    }
    this.failed++;
    if (isProbe) this.probesFailed++;
    this.firstFailureMs ??= this.#registry.now();
    breaker.onFailure(ticket);
  }
}

function outcomeOf({ isSick }: FleetScenario, machines: readonly Machine[]): Omit<FleetOutcome, "openings"> {
  const sum = (of: (machine: Machine, at: number) => number) =>
    machines.reduce((total, machine, at) => total + of(machine, at), 0);
  const first = Math.min(...machines.map(({ firstFailureMs = Infinity }) => firstFailureMs));
  const sorted = (times: readonly (number | undefined)[]) =>
    times.filter((time) => time !== undefined).sort((one, other) => one - other);
  return {
    machines: machines.length,
    opened: sum(({ openedMs }) => (openedMs === undefined ? 0 : 1)),
    failed: sum(({ failed }) => failed),
    succeeded: sum(({ succeeded }) => succeeded),
    refusedHealthy: sum(({ refused }, at) => (isSick?.(at) ? 0 : refused)),
    probes: sum(({ probes }) => probes),
    probesFailed: sum(({ probesFailed }) => probesFailed),
    openedAfterMs: sorted(machines.map(({ openedMs }) => openedMs && openedMs - first)),
    closedAtMs: sorted(machines.map(({ closedMs }) => closedMs)),
  };
}
