/** The package as npm would publish it, unpacked where a program would find it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The repository. */
export const ROOT = join(import.meta.dirname, "../..");

/** A target of `exports`: a file, or targets by condition. */
export type Target = string | { readonly [condition: string]: Target };

/** package.json, as far as it matters here. */
export interface Manifest {
  readonly exports: Readonly<Record<string, Target>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
}

/** Of the repository. */
export const MANIFEST = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;

/** The files of a target, whatever the conditions. */
export function targetsOf(target: Target): string[] {
  return typeof target === "string" ? [target] : Object.values(target).flatMap(targetsOf);
}

/** The entries that are programs: `.`, `./flow`, … */
export const ENTRIES: readonly string[] = Object.keys(MANIFEST.exports).filter(
  (name) => !/\.json$|\*$/.test(name),
);

/** What a program writes to import an entry. */
export function nameOf(entry: string): string {
  return `bluesmoke${entry.slice(1)}`;
}

/** Where a package is, and what is in it. */
export interface Packed {
  /** A program in this folder finds the package by its name. Its dependencies are those of the repository. */
  readonly folder: string;
  readonly tarball: string;
  /** The files of the package. */
  readonly paths: readonly string[];
}

/** Packs what is built into a folder of build/; packing must not build it again. */
export function pack(name: string): Packed {
  const folder = join(ROOT, "build", name);
  const installed = join(folder, "node_modules/bluesmoke");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(installed, { recursive: true });
  // A package of its own: below the repository's, the name would lead to the repository.
  writeFileSync(join(folder, "package.json"), "{}");
  const parameters = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const answer = execFileSync("npm", parameters, { cwd: ROOT, encoding: "utf8", stdio: "pipe" });
  const [{ filename, files }] = JSON.parse(answer) as [{ filename: string; files: { path: string }[] }];
  const tarball = join(folder, filename);
  execFileSync("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  return { folder, tarball, paths: files.map(({ path }) => path) };
}
