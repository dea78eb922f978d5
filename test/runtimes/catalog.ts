/** Every runtime that the library is tested in, by the name of its folder here or of its package. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromiumVersion } from "./chromium/engine.ts";
import { FOLDER } from "./installer.ts";
import { start } from "./process.ts";
import type { Runtime } from "./runtime.ts";

/** Path of a file that was installed here. @throws Error when it was not. */
export function installed(path: string): string {
  const absolute = join(FOLDER, "node_modules", path);
  if (!existsSync(absolute)) throw new Error(`test/runtimes/node_modules/${path} is missing`);
  return absolute;
}

/** The executables. */
export const EXECUTABLES = {
  node: () => process.execPath,
  node22: () => installed("node22/bin/node"),
  node24: () => installed("node24/bin/node"),
  deno: () => installed("deno/deno"),
  bun: () => installed("bun/bin/bun.exe"), // its name on every system
  workerd: () => installed("workerd/bin/workerd"),
} as const;

/** A runtime that is one executable which can say its version. */
function program(title: string, name: keyof typeof EXECUTABLES): Runtime {
  return {
    title,
    probe: async () => /\d[\d.-]*\d/.exec(await start(EXECUTABLES[name](), ["--version"]))?.[0] ?? "?",
  };
}

/** Version of a package that was installed here. @throws Error when it was not. */
function versionOf(name: string): string {
  const manifest = readFileSync(installed(join(name, "package.json")), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** See the file. */
export const RUNTIMES = {
  node: program(`Node ${process.versions.node.split(".")[0]}`, "node"),
  node22: program("Node 22", "node22"),
  node24: program("Node 24", "node24"),
  deno: program("Deno", "deno"),
  bun: program("Bun", "bun"),
  workerd: program("workerd", "workerd"),
  edge: { title: "Vercel's edge runtime", probe: async () => versionOf("edge-runtime") },
  chromium: { title: "Chromium", probe: chromiumVersion },
} as const satisfies Readonly<Record<string, Runtime>>;

/** See the file. */
export type RuntimeName = keyof typeof RUNTIMES;
