/** The circuit breakers of others, as bench/compare has them. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Where they are installed. */
export const PEERS_FOLDER = join(import.meta.dirname, "../../bench/compare");

/** Installs them by their lock file where they are missing. */
export function providePeers(): void {
  if (["opossum", "cockatiel"].every((name) => existsSync(join(PEERS_FOLDER, "node_modules", name)))) return;
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"], {
    cwd: PEERS_FOLDER,
    stdio: "pipe",
  });
}

/** What the package exports. `Module` is the caller's claim: their types are not installed with ours. */
export async function loadPeer<Module>(name: string): Promise<Module> {
  providePeers();
  const entry = createRequire(join(PEERS_FOLDER, "package.json")).resolve(name);
  return (await import(/* @vite-ignore */ pathToFileURL(entry).href)) as Module;
}
