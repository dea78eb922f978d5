/** A fleet inside one process: for tests, simulations, and several registries of one program. */
import { systemClock } from "../breaker/clock.ts";
import type { FleetStore, StoredReport, StoredSwitch } from "./store.ts";

interface Held<Value> {
  readonly value: Value;
  readonly endMs: number;
}

/**
 * A store in the memory of this process.
 * @param clock ms; default: the clock of the system. That of a simulation makes lives end in simulated time.
 */
export function memoryStore(clock: () => number = systemClock): FleetStore {
  const reports = new Map<string, Held<Uint8Array>>();
  const leases = new Map<string, Held<string>>();
  const switches = new Map<string, StoredSwitch>();
  let version = 0;
  return {
    async publish(machine, report, lifeMs) {
      reports.set(machine, { value: report, endMs: clock() + lifeMs });
    },
    async reports() {
      const alive: StoredReport[] = [];
      for (const [machine, { value, endMs }] of reports) {
        if (clock() < endMs) alive.push([machine, value]);
        else reports.delete(machine);
      }
      return alive;
    },
    async claim(lease, value, lifeMs) {
      const held = leases.get(lease);
      if (held && clock() < held.endMs) return held.value;
      leases.set(lease, { value, endMs: clock() + lifeMs });
      return value;
    },
    async renew(lease, value, lifeMs) {
      leases.set(lease, { value, endMs: clock() + lifeMs });
    },
    async setSwitch(endpoint, mode) {
      version++;
      switches.set(endpoint, { endpoint, mode, version: String(version) });
    },
    async switches() {
      return [...switches.values()];
    },
  };
}
