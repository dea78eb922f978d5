/** The package as users get it, where scripts in the runtimes find it by its name. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { FOLDER } from "./installer.ts";

const ROOT = join(FOLDER, "../..");

/** How the text of a Wasm module starts (scripts/wasm-text.mjs): magic number and version. */
export const MODULE_START = "' - ? 9('''";

/** Where the package lies. */
export const PACKAGE_FOLDER = join(FOLDER, "node_modules", "bluesmoke");

/** Copies what `npm pack` takes into the node_modules here. Needs a build. */
export function unpackHere(): void {
  unpack(FOLDER);
}

/** Copies what `npm pack` takes into the node_modules of a folder. Needs a build. */
export function unpack(folder: string): void {
  const target = join(folder, "node_modules", "bluesmoke");
  const parameters = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const answer = execFileSync("npm", parameters, {
    cwd: ROOT,
    encoding: "utf8",
    stdio: "pipe",
    shell: process.platform === "win32", // npm is a script there
  });
  const [{ files }] = JSON.parse(answer) as [{ files: { path: string }[] }];
  rmSync(target, { recursive: true, force: true });
  for (const { path } of files) copy(join(ROOT, path), join(target, path));
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true });
}
