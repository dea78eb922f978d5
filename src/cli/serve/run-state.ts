/** What the servers of a run know of it. */
import type { FleetSummary, RunSnapshot } from "../view/snapshot.ts";

export type Phase = "starting" | "running" | "stopping";

export class RunState {
  #phase: Phase = "starting";
  #snapshot: (() => RunSnapshot) | undefined;
  /** The counts of the fleet; undefined: there is none. */
  fleet: () => FleetSummary | undefined = () => undefined;

  get phase(): Phase {
    return this.#phase;
  }

  /** The counts at this moment; undefined: it has not begun. */
  snapshot(): RunSnapshot | undefined {
    return this.#snapshot?.();
  }

  /** It runs. */
  start(snapshot: () => RunSnapshot): void {
    this.#snapshot = snapshot;
    if (this.#phase === "starting") this.#phase = "running";
  }

  /** It was told to stop. */
  stop(): void {
    this.#phase = "stopping";
  }
}
