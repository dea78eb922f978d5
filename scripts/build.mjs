/**
 * Builds dist/ from src/ and build/*.ts:
 *
 *   dist/esm/    ES modules: a file for each entry of entries.mjs, chunks that they share, the Wasm that some import
 *   dist/types/  their declarations
 *   dist/cjs/    the entries that run in Node as CommonJS, and in types/ the same declarations in CommonJS scope
 *   dist/cli/    the command with its packages and their licences
 *
 * `node scripts/build.mjs --command` builds dist/cli alone, and leaves the rest as it is.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { buildCommand } from "./steps/command.mjs";
import { buildCommon, buildModules } from "./steps/library.mjs";
import { ROOT } from "./steps/root.mjs";
import { buildTypes } from "./steps/types.mjs";

async function main() {
  if (process.argv.includes("--command")) {
    await buildCommand();
    return;
  }
  rmSync(join(ROOT, "dist"), { recursive: true, force: true }); // a file that is gone from src/ must not be published
  await buildModules();
  await buildCommon();
  await buildCommand();
  buildTypes();
}

try {
  await main();
} catch (error) {
  console.error(`build: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
