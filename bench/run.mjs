/**
 * `npm run bench -- --help`
 *
 * Compiles the benchmark with the sources that it measures into build/bench, or build/bench-browser, and starts it:
 * Node 20 runs no TypeScript. It compiles each time, in less than a second, so that the figures belong to the files.
 */
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const TARGET = process.argv.includes("--browser") ? "bench-browser" : "bench";
const PROGRAM = `../build/${TARGET}/bench/main.js`;

/** As in the package, but for the compiled file. */
const IMPORTS = {
  "#core-module": "./src/entry/inline.js",
  "#batch-module": "./src/entry/inline-batch.js",
};

/** Returns false when the compiler has printed errors. */
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
  const manifest = JSON.stringify({ type: "module", imports: IMPORTS });
  writeFileSync(join(FOLDER, "../build", TARGET, "package.json"), manifest);
  const { main } = await import(new URL(PROGRAM, import.meta.url).href);
  process.exitCode = await main(process.argv.slice(2));
}
