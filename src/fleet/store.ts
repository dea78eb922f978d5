/** What the machines of a fleet share: the one interface between a fleet and a store. */

/** The report of one machine. */
export type StoredReport = readonly [machine: string, report: Uint8Array];

/** A switch that was set for the whole fleet. `version` differs each time it is set. */
export interface StoredSwitch {
  /** The name of the breakers that it is for. */
  readonly endpoint: string;
  /** What they are switched to. */
  readonly mode: string;
  /** Rises with each switch of the endpoint; of two, the later one holds. */
  readonly version: string;
}

/**
 * A store that all machines of a fleet reach. Each function may reject or never settle: the fleet then acts on local counts
 * alone. Lives are durations in ms, counted by the store: no function compares clocks of two machines.
 */
export interface FleetStore {
  /** Replaces the report of a machine; it is gone `lifeMs` later. */
  publish(machine: string, report: Uint8Array, lifeMs: number): Promise<void>;
  /** The reports that are alive, those of all machines. */
  reports(): Promise<readonly StoredReport[]>;
  /** Sets a lease that is free, for `lifeMs`. Returns the value that it has now. Atomic. */
  claim(lease: string, value: string, lifeMs: number): Promise<string>;
  /** Replaces a lease. */
  renew(lease: string, value: string, lifeMs: number): Promise<void>;
  /** Sets the switch of an endpoint, for all machines, until it is set again. */
  setSwitch(endpoint: string, mode: string): Promise<void>;
  /** All switches that were ever set. */
  switches(): Promise<readonly StoredSwitch[]>;
}
