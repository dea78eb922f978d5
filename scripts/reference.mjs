/**
 * `npm run docs`, or `node scripts/reference.mjs [OPTION of typedoc…]`: builds the reference of the API into build/reference. Fails at the first warning: see
 * docs/reference/typedoc.mjs. typedoc needs a TypeScript of its own and is installed beside it when missing.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../docs/reference", import.meta.url));
const TYPEDOC = join(FOLDER, "node_modules/typedoc/bin/typedoc");

/** Runs a program in the folder of the reference, its output with ours; returns its exit code. */
function run(program, parameters) {
  const { status, error } = spawnSync(program, parameters, { cwd: FOLDER, stdio: "inherit" });
  if (error !== undefined) process.stderr.write(`reference: ${program}: ${error.message}\n`);
  return status ?? 1;
}

function install() {
  process.stderr.write("reference: installing typedoc in docs/reference\n");
  return run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}

const options = process.argv.slice(2);
const isReady = existsSync(TYPEDOC) || install() === 0;
process.exitCode = isReady
  ? run(process.execPath, [TYPEDOC, ...(options.length > 0 ? options : ["--options", "typedoc.mjs"])])
  : 1;
