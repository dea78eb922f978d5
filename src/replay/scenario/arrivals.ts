/** The calls that are offered: the same ones for every policy. */
import type { Call } from "./gate.ts";
import { Random } from "./random.ts";
import type { Phase } from "./scenarios.ts";

/** More than a seed needs. */
const GRAIN = 2 ** 32;

/** The phase of an index, the same one at each call; undefined: the scenario has ended. The first is one. */
export type PhaseOf = (index: number) => Phase | undefined;

/** One call in each slot of equal length, at random within it, of a client at random. */
export class Arrivals {
  /** When the next call is offered; Infinity: there is none. */
  nextMs = 0;
  /** Calls offered so far. */
  offered = 0;
  readonly #phaseOf: PhaseOf;
  readonly #random: Random;
  readonly #slotMs: number;
  readonly #clients: number;
  #phase = -1;
  #phaseFromMs = 0;
  /** Slots of the phase, and how many of them are past. */
  #slots = 0;
  #slot = 0;
  /** The phase at the latest time that was asked for. */
  #current = 0;
  #currentToMs: number;

  constructor(phaseOf: PhaseOf, callsPerSecond: number, clients: number, seed: number) {
    this.#phaseOf = phaseOf;
    this.#random = new Random(seed);
    this.#slotMs = 1_000 / callsPerSecond;
    this.#clients = clients;
    this.#currentToMs = phaseOf(0)!.lengthMs;
    this.#plan();
  }

  /** The call of `nextMs`. */
  take(): Call {
    const client = this.#random.below(this.#clients);
    const luck = this.#random.below(GRAIN) / GRAIN;
    this.offered++;
    this.#plan();
    return { client, luck, ticket: 0, beganMs: 0, endsMs: 0, isGood: false };
  }

  /** The phase at a time, which never goes back. */
  phaseAt(nowMs: number): Phase {
    for (let next: Phase | undefined; nowMs >= this.#currentToMs; this.#current++) {
      next = this.#phaseOf(this.#current + 1);
      if (next === undefined) break;
      this.#currentToMs += next.lengthMs;
    }
    return this.#phaseOf(this.#current)!;
  }

  #plan(): void {
    while (this.#slot === this.#slots) {
      this.#phaseFromMs += this.#phaseOf(this.#phase)?.lengthMs ?? 0;
      const phase = this.#phaseOf(++this.#phase);
      if (phase === undefined) {
        this.nextMs = Number.POSITIVE_INFINITY;
        return;
      }
      this.#slots = Math.round((phase.lengthMs * (phase.load ?? 1)) / this.#slotMs);
      this.#slot = 0;
    }
    const slotMs = this.#phaseOf(this.#phase)!.lengthMs / this.#slots;
    this.nextMs = this.#phaseFromMs + (this.#slot++ + this.#random.below(GRAIN) / GRAIN) * slotMs;
  }
}
