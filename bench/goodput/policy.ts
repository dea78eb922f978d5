/** What decides whether a call is made. */
import type { PeerName } from "../peers.ts";

/** A call that is offered. */
export interface Call {
  readonly client: number;
  /** 0..1, for failures at random: the same for all policies. */
  readonly luck: number;
  /** Of the client. */
  ticket: number;
  /** When it ends, and how; unknown until it is made. */
  endsMs: number;
  isGood: boolean;
}

/** What becomes of offered calls: each of them is made or refused, once. */
export interface Traffic {
  begin(call: Call): void;
  refuse(call: Call): void;
}

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

/** A breaker that decides at once. */
export interface Gate {
  /** A ticket; 0: refused. */
  admit(nowMs: number): number;
  succeed(ticket: number, nowMs: number): void;
  fail(ticket: number, nowMs: number): void;
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

/** A client behind a gate. */
export class GateClient implements Client {
  readonly #gate: Gate;
  readonly #traffic: Traffic;

  constructor(gate: Gate, traffic: Traffic) {
    this.#gate = gate;
    this.#traffic = traffic;
  }

  offer(call: Call, nowMs: number): undefined {
    call.ticket = this.#gate.admit(nowMs);
    if (call.ticket === 0) this.#traffic.refuse(call);
    else this.#traffic.begin(call);
  }

  settle({ ticket, isGood }: Call, nowMs: number): undefined {
    if (isGood) this.#gate.succeed(ticket, nowMs);
    else this.#gate.fail(ticket, nowMs);
  }
}
