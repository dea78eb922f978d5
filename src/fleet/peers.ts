/** The other machines, as their latest reports describe them. */
import { type Counts, decodeReport, type Report } from "./report.ts";
import type { StoredReport } from "./store.ts";

/** Machines of a fleet that are read at most: others are ignored and counted as refused. */
export const MAXIMUM_MACHINES = 10_000;

interface Peer {
  readonly report: Report;
  /** ms, own clock: when this report was read first. */
  readonly sinceMs: number;
}

export class Peers {
  /** Reports that made no sense, since the fleet was joined. */
  refused = 0;
  readonly #machine: string;
  readonly #staleMs: number;
  #peers = new Map<string, Peer>();

  /** @param staleMs a report that is repeated for longer is ignored: the store may keep what a machine no longer says */
  constructor(machine: string, staleMs: number) {
    this.#machine = machine;
    this.#staleMs = staleMs;
  }

  /** Replaces what was read before. */
  update(reports: readonly StoredReport[], nowMs: number): void {
    const before = this.#peers;
    this.#peers = new Map();
    for (const [machine, bytes] of reports) {
      if (machine === this.#machine) continue;
      const report = this.#peers.size < MAXIMUM_MACHINES ? decodeReport(bytes) : undefined;
      if (!report) {
        this.refused++;
        continue;
      }
      const known = before.get(machine);
      const isRepeated = known?.report.sequence === report.sequence;
      const sinceMs = isRepeated ? known.sinceMs : nowMs;
      this.#peers.set(machine, { report, sinceMs });
    }
  }

  /** How many others there are. */
  get size(): number {
    return this.#peers.size;
  }

  /** What the others count for that endpoint, machines whose report is stale left out. */
  countsOf(hash: number, nowMs: number): Counts[] {
    const all: Counts[] = [];
    for (const { report, sinceMs } of this.#peers.values()) {
      const counts = report.counts.get(hash);
      if (counts && nowMs - sinceMs <= this.#staleMs) all.push(counts);
    }
    return all;
  }
}
