/** The package as users get it, where scripts in the runtimes find it by its name. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { decodeText } from "../../src/core/wasm-text.ts";
import { FOLDER } from "./installer.ts";

const ROOT = join(FOLDER, "../..");

const ALPHABET_LENGTH = 91;
/** `\0asm`, with which each Wasm module starts. */
const MAGIC = [0, 0x61, 0x73, 0x6d];

/** How many Wasm modules are in JavaScript as strings (scripts/wasm-text.mjs): an alphabet, then the module in it. */
export function modulesIn(script: string): number {
  const starts = [...script.matchAll(/["'`]/g)].filter(({ index }) => {
    const text = script.slice(index + 1, index + 150).replace(/\\(.)/g, "$1");
    const isAlphabet = new Set(text.slice(0, ALPHABET_LENGTH)).size === ALPHABET_LENGTH;
    const bytes = isAlphabet ? decodeText(text) : [];
    return MAGIC.every((byte, at) => bytes[at] === byte);
  });
  return starts.length;
}

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
