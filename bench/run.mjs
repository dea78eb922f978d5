/**
 * `npm run bench -- --help`
 *
 * Node 20 runs no TypeScript: compiles the benchmark, with the sources that it measures, into build/bench and
 * starts it there; for browsers into build/bench-browser, so that it disturbs no other run. Compiled each time, in less than a second, so that what is measured is what stands in the files.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const TARGET = process.argv.includes("--browser") ? "bench-browser" : "bench";
const PROGRAM = `../build/${TARGET}/bench/main.js`;

/** False when it cannot be compiled; the compiler has said why. */
function compile() {
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve("typescript/package.json")),
    "bin/tsc",
  );
  const { status } = spawnSync(
    process.execPath,
    [compiler, "-p", FOLDER, "--outDir", join(FOLDER, "../build", TARGET)],
    {
      stdio: ["ignore", process.stderr, process.stderr],
    },
  );
  return status === 0;
}

if (!existsSync(join(FOLDER, "../build/release.ts"))) {
  process.stderr.write("bench: the core is not built; run: npm run build\n");
  process.exitCode = 1;
} else if (!compile()) {
  process.stderr.write("bench: the sources do not compile\n");
  process.exitCode = 1;
} else {
  const { main } = await import(new URL(PROGRAM, import.meta.url).href);
  process.exitCode = await main(process.argv.slice(2));
}
