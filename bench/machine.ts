/** The machine, and the versions that were measured. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { PEERS, type PeerName, peerVersion } from "./peers.ts";
import { ROOT } from "./root.ts";

export interface Machine {
  readonly node: string;
  readonly v8: string;
  /** The browser in which was measured; null: Node. */
  readonly browser: string | null;
  readonly platform: string;
  readonly cpu: string;
  /** Threads that run at once. */
  readonly cores: number;
  readonly bluesmoke: string;
  /** null: not installed. */
  readonly peers: Readonly<Record<PeerName, string | null>>;
}

/** This machine. `browser`: name and version, where cases run in one. */
export function describeMachine(browser: string | null = null): Machine {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  const peers = PEERS.map((name) => [name, peerVersion(name) ?? null] as const);
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    browser,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    bluesmoke: version,
    peers: Object.fromEntries(peers) as Record<PeerName, string | null>,
  };
}
