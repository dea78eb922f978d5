/** The calls that are offered: the same ones for every policy. */
import { Random } from "../random.ts";
import type { Call } from "./policy.ts";
import type { Phase, Scenario } from "./scenarios.ts";

/** More than a seed needs. */
const GRAIN = 2 ** 32;

/** One call in each slot of equal length, at random within it, of a client at random. */
export class Arrivals {
  /** When the next call is offered; Infinity: there is none. */
  nextMs = 0;
  /** Calls offered so far. */
  offered = 0;
  readonly #phases: readonly Phase[];
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

  constructor({ phases }: Scenario, callsPerSecond: number, clients: number, seed: number) {
    this.#phases = phases;
    this.#random = new Random(seed);
    this.#slotMs = 1_000 / callsPerSecond;
    this.#clients = clients;
    this.#currentToMs = phases[0]!.lengthMs; // no scenario is empty
    this.#plan();
  }

  /** The call of `nextMs`. */
  take(): Call {
    const client = this.#random.below(this.#clients);
    const luck = this.#random.below(GRAIN) / GRAIN;
    this.offered++;
    this.#plan();
    return { client, luck, ticket: 0, endsMs: 0, isGood: false };
  }

  /** The phase at a time, which never goes back. */
  phaseAt(nowMs: number): Phase {
    while (nowMs >= this.#currentToMs && this.#current + 1 < this.#phases.length) {
      this.#currentToMs += this.#phases[++this.#current]!.lengthMs;
    }
    return this.#phases[this.#current]!;
  }

  #plan(): void {
    while (this.#slot === this.#slots) {
      this.#phaseFromMs += this.#phases[this.#phase]?.lengthMs ?? 0;
      const phase = this.#phases[++this.#phase];
      if (phase === undefined) {
        this.nextMs = Number.POSITIVE_INFINITY;
        return;
      }
      this.#slots = Math.round((phase.lengthMs * (phase.load ?? 1)) / this.#slotMs);
      this.#slot = 0;
    }
    const slotMs = this.#phases[this.#phase]!.lengthMs / this.#slots;
    this.nextMs = this.#phaseFromMs + (this.#slot++ + this.#random.below(GRAIN) / GRAIN) * slotMs;
  }
}
