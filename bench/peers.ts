/** The circuit breakers of other packages, installed in bench/compare. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./root.ts";

/** Packages of bench/compare. */
export const PEERS = ["cockatiel", "opossum"] as const;
export type PeerName = (typeof PEERS)[number];

/** Where they are installed. */
export const PEERS_FOLDER = join(ROOT, "bench", "compare");
/** After that long the run goes on without them. */
const INSTALL_TIMEOUT_MS = 60_000;

/** Its version, or undefined while it is not installed. */
export function peerVersion(name: PeerName): string | undefined {
  const path = join(PEERS_FOLDER, "node_modules", name, "package.json");
  if (!existsSync(path)) return undefined;
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { readonly version: string };
  return version;
}

/** Those that are not installed. */
export function missingPeers(): readonly PeerName[] {
  return PEERS.filter((name) => peerVersion(name) === undefined);
}

/** Installs them by their lock file. Returns why it did not work, or undefined. */
export function installPeers(): string | undefined {
  const parameters = [
    "ci",
    "--prefix",
    PEERS_FOLDER,
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--fetch-retries=1",
  ];
  const { error, status, stderr } = spawnSync("npm", parameters, {
    encoding: "utf8",
    timeout: INSTALL_TIMEOUT_MS,
  });
  if (error !== undefined) return `npm did not end well: ${error.message}`;
  if (status === 0) return undefined;
  return stderr.trim().split("\n")[0] ?? `npm ended with code ${status}`;
}

/** The exports of the package. `Module` is the caller's claim: the types of the packages are not installed. */
export async function loadPeer<Module>(name: PeerName): Promise<Module> {
  const entry = createRequire(join(PEERS_FOLDER, "package.json")).resolve(name);
  return (await import(pathToFileURL(entry).href)) as Module;
}
