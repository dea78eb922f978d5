/** Options of a fleet. */
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { functionOption, numberOption, objectOption, optionError, wrongType } from "../breaker/validate.ts";
import { MAXIMUM_ENTRIES } from "./report.ts";
import type { FleetStore } from "./store.ts";

/** How a machine takes part in a fleet. */
export interface FleetOptions {
  /** What all machines reach. */
  readonly store: FleetStore;
  /**
   * ms between two exchanges with the store: 50..60,000, the same on all machines. Default: 1,000. 0: there is no timer, the
   * program calls `exchange`.
   */
  readonly everyMs?: number | undefined;
  /** Part of the machines that see calls which must be sick: 0.1..1. Default: 0.5. */
  readonly machines?: number | undefined;
  /** Name of this machine: 1 to 128 characters; no two may have the same. Default: random. */
  readonly machine?: string | undefined;
  /** Endpoints in a report, the busiest first: 1..65,536. Default: 1,000. */
  readonly maximumEndpoints?: number | undefined;
  /** Called after a breaker was opened by the fleet. An error that it throws goes to `onError`. */
  readonly onOpened?: ((opening: FleetOpening) => void) | undefined;
  /** Gets errors of the store. Default: `status().lastError` alone. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Why the fleet opened a breaker of this machine. */
export interface FleetOpening {
  /** The name of the breaker. */
  readonly endpoint: string;
  /** ms, on the clock of the registry. */
  readonly atMs: number;
  /** Machines that see the endpoint fail, this one included. */
  readonly sick: number;
  /** Machines that see calls. */
  readonly machines: number;
  /** Calls of all machines in their windows, each capped at the median machine. */
  readonly calls: number;
  /** Of `calls`, those that failed. */
  readonly failures: number;
}

/** Options with every value. */
export interface ResolvedFleetOptions {
  readonly store: FleetStore;
  readonly everyMs: number;
  readonly machines: number;
  readonly machine: string;
  readonly maximumEndpoints: number;
  /** ms that the life of reports and leases is counted in. */
  readonly roundMs: number;
  /** Whether there is a timer. */
  readonly isTimed: boolean;
  readonly onOpened: ((opening: FleetOpening) => void) | undefined;
  readonly onError: ((error: unknown) => void) | undefined;
}

const KEYS = ["store", "everyMs", "machines", "machine", "maximumEndpoints", "onOpened", "onError"];
const STORE_METHODS = ["publish", "reports", "claim", "renew", "setSwitch", "switches"] as const;
const DEFAULT_EVERY_MS = 1_000;

/** @throws OptionError when it is no registry, and for bad options. */
export function readFleetOptions(
  registry: CircuitBreakerRegistry,
  options: FleetOptions,
): ResolvedFleetOptions {
  const { _engine, get } = Object(registry) as Partial<CircuitBreakerRegistry>;
  if (_engine === undefined || typeof get !== "function") {
    throw wrongType("registry", "a CircuitBreakerRegistry", registry);
  }
  const { store, everyMs, machines, machine, maximumEndpoints, onOpened, onError } = objectOption(
    "options",
    options,
    KEYS,
  );
  for (const method of STORE_METHODS) functionOption(`store.${method}`, Object(store)[method]);
  for (const [name, value] of Object.entries({ onOpened, onError })) {
    if (value !== undefined) functionOption(name, value);
  }
  const interval = readInterval(everyMs);
  return {
    store: store as FleetStore,
    everyMs: interval,
    roundMs: interval || DEFAULT_EVERY_MS,
    isTimed: interval > 0,
    machines: numberOption("machines", machines, { from: 0.1, to: 1 }, 0.5),
    machine: readMachine(machine),
    maximumEndpoints: numberOption(
      "maximumEndpoints",
      maximumEndpoints,
      { from: 1, to: MAXIMUM_ENTRIES, whole: true },
      1_000,
    ),
    onOpened: onOpened as ResolvedFleetOptions["onOpened"],
    onError: onError as ResolvedFleetOptions["onError"],
  };
}

function readInterval(everyMs: unknown): number {
  if (everyMs === 0) return 0;
  return numberOption("everyMs", everyMs, { from: 50, to: 60_000 }, DEFAULT_EVERY_MS);
}

function readMachine(machine: unknown): string {
  if (machine === undefined) return crypto.randomUUID();
  if (typeof machine !== "string") throw wrongType("machine", "a string", machine);
  if (machine.length > 0 && machine.length <= 128) return machine;
  throw optionError("machine", `machine must be 1 to 128 characters, got ${machine.length}`);
}
