/**
 * `npm run bench:builds -- OLD NEW [CASE…]`
 *
 * Measures two builds of the library in turns. Compiles only the parts of the benchmark that import no sources of the
 * library, into build/bench-builds.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const TARGET = join(FOLDER, "../build/bench-builds");

await build({
  entryPoints: ["build-comparison.ts", "build-case.ts"].map((name) => join(FOLDER, name)),
  outbase: join(FOLDER, ".."),
  outdir: TARGET,
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
  target: "node20",
  logLevel: "warning",
});
const { main } = await import(
  new URL("../build/bench-builds/bench/build-comparison.js", import.meta.url).href
);
process.exitCode = await main(process.argv.slice(2));
