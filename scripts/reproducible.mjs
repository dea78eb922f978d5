/**
 * Whether `npm pack` is reproducible: clones the commit at HEAD into two folders with names of different lengths, installs, builds
 * and packs in each, and compares the two tarballs. Prints their SHA-256; exit code 1 and the names of the files that differ if
 * they are not the same. What is not committed is not in it. Takes some minutes.
 *
 *   npm run reproducible
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ROOT } from "./steps/root.mjs";

const folder = mkdtempSync(join(tmpdir(), "bluesmoke-pack-"));

function run(cwd, program, ...parameters) {
  return execFileSync(program, parameters, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/** The tarball of a clone. */
function packed(name) {
  const clone = join(folder, name);
  run(folder, "git", "clone", "--quiet", ROOT, clone);
  run(clone, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error");
  run(clone, "npm", "pack", "--loglevel=error", "--pack-destination", clone);
  return join(
    clone,
    readdirSync(clone).find((file) => file.endsWith(".tgz")),
  );
}

function hashOf(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** Hashes of the files in a tarball, by their paths. */
function contentsOf(tarball, name) {
  const target = join(folder, name);
  mkdirSync(target);
  run(target, "tar", "-xzf", tarball);
  const paths = readdirSync(target, { recursive: true }).map((path) => join(target, path));
  const files = paths.filter((path) => statSync(path).isFile());
  return new Map(files.map((path) => [relative(target, path), hashOf(path)]));
}

try {
  const tarballs = ["a", "another-folder"].map(packed);
  const hashes = tarballs.map(hashOf);
  for (const hash of hashes) console.log(hash);
  if (hashes[0] !== hashes[1]) {
    const [one, other] = tarballs.map((tarball, n) => contentsOf(tarball, `unpacked-${n}`));
    const paths = new Set([...one.keys(), ...other.keys()]);
    for (const path of paths) if (one.get(path) !== other.get(path)) console.log(`differs: ${path}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
