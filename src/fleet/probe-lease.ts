/**
 * One machine probes for all. Where most machines see an endpoint fail, a breaker whose delay is about to end asks the store
 * for the lease of the probe, in the background. It stays open while another machine has the lease, or has probed in vain;
 * it goes on by itself when the lease is granted, when the endpoint has answered another machine, and when the store is silent.
 */
import { MAXIMUM_LEVELS } from "../../assembly/layout.ts";
import { policyOf } from "../breaker/options.ts";
import type { FleetStore } from "./store.ts";
import type { Track } from "./tracker.ts";

/** Rounds that a probe may take before another machine may get the lease. */
const PROBE_ROUNDS = 10;
/** Rounds for which a success is known to the others. */
const CLOSED_ROUNDS = 10;
/** Rounds that a breaker stays open after each answer that says so: it is asked for again one round later. */
export const HOLD_ROUNDS = 1.5;

/** What a lease says: how far the probe is, how many failed in a row before, and whose it is. */
type Phase = "probing" | "failed" | "closed";

export class ProbeLease {
  readonly #store: FleetStore;
  readonly #machine: string;
  readonly #roundMs: number;

  constructor(store: FleetStore, machine: string, roundMs: number) {
    this.#store = store;
    this.#machine = machine;
    this.#roundMs = roundMs;
  }

  /** Asks for the lease. Returns whether the breaker must stay open for now. */
  async isHeldByOther(track: Track): Promise<boolean> {
    const generation = track.breaker.snapshot().generation;
    // It was granted, and no call has come since: another machine may get it when its life has ended.
    if (track.probing === generation) return false;
    const own = this.#value("probing", track.failedProbes);
    const held = await this.#store.claim(nameOf(track), own, PROBE_ROUNDS * this.#roundMs);
    if (held === own) track.probing = generation;
    const [phase, failed] = held.split(" ");
    track.failedProbes = Math.min(Number.parseInt(failed ?? "", 10) || 0, MAXIMUM_LEVELS);
    return held !== own && (phase === "probing" || phase === "failed");
  }

  /** Tells the others how the probe of this machine has ended, if it has. */
  async report(track: Track): Promise<void> {
    const { reading, probing } = track;
    if (probing === undefined || reading.generation === probing || reading.state === "half_open") return;
    track.probing = undefined;
    if (reading.state === "closed") {
      await this.#renew(track, "closed", 0, CLOSED_ROUNDS * this.#roundMs);
      return;
    }
    // The delays of the policy, by the probes of the fleet: this machine may have probed for the first time.
    const { delaysMs } = policyOf(track.breaker.options);
    const delayMs = delaysMs[Math.min(track.failedProbes + 1, delaysMs.length - 1)]!;
    const lifeMs = Math.max(reading.retryAfterMs, delayMs, this.#roundMs);
    await this.#renew(track, "failed", track.failedProbes + 1, lifeMs);
  }

  #renew(track: Track, phase: Phase, failedProbes: number, lifeMs: number): Promise<void> {
    return this.#store.renew(nameOf(track), this.#value(phase, failedProbes), lifeMs);
  }

  #value(phase: Phase, failedProbes: number): string {
    return `${phase} ${failedProbes} ${this.#machine}`;
  }
}

function nameOf({ hash }: Track): string {
  return hash.toString(36);
}

/** Lets an open breaker stay open for so many ms from now; another one stays as it is. */
export function holdOpen({ breaker }: Track, nowMs: number, forMs: number): void {
  const { exports } = breaker._core;
  breaker._change(nowMs, (id, stripe, now, seen) => exports.hold(id, stripe, now + forMs, now, seen));
}
