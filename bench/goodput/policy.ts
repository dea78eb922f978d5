/** Policies that are compared: what makes a breaker for each client. */

import { type Call, type Gate, GateClient, type Traffic } from "../../src/replay/scenario/gate.ts";
import type { PeerName } from "../peers.ts";

/** A client with a breaker of its own. A promise: the simulation waits for it, at the same simulated time. */
export interface Client {
  /** A call is offered. */
  offer(call: Call, nowMs: number): Promise<void> | undefined;
  /** A call that was made has ended. */
  settle(call: Call, nowMs: number): Promise<void> | undefined;
}

/** What a policy is given. */
export interface Circumstances {
  readonly clients: number;
  readonly seed: number;
  readonly traffic: Traffic;
}

/** A policy at work, for one simulation. */
export interface Instance {
  readonly clients: readonly Client[];
  /** Called before every event. */
  advance?(nowMs: number): void;
  /** Called at the end. */
  dispose?(): void;
}

export interface Policy {
  readonly name: string;
  /** The package of bench/compare that it is. */
  readonly peer?: PeerName;
  create(circumstances: Circumstances): Instance | Promise<Instance>;
}

/** A policy of a gate for each client; no two have the same seed. */
export function policyOfGates(name: string, gate: (seed: number) => Gate): Policy {
  return {
    name,
    create: ({ clients, seed, traffic }) => ({
      clients: Array.from({ length: clients }, (_, client) => new GateClient(gate(seed + client), traffic)),
    }),
  };
}
