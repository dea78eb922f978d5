/** The entries, as ES modules and as CommonJS. */
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { rolldown } from "rolldown";
import { DEFAULT_CORE, DEFAULT_ENTRIES, outputs, PEERS } from "../entries.mjs";
import { CONSTANTS_FIRST } from "./constants-first.mjs";
import { SHORT_INTERNAL_NAMES } from "./internal-names.mjs";
import { ROOT } from "./root.mjs";

const ESM = join(ROOT, "dist/esm");
const CJS = join(ROOT, "dist/cjs");

/**
 * What nearly every entry needs is one file: each file more costs about 1 ms at the start. What is in it and unused is
 * left out by bundlers, as everywhere. Features that another entry shares with the main one are in it, too.
 */
const LIBRARY = {
  name: "library",
  test: /\/src\/(core|breaker)\/|\/src\/features\/(batch|collect|configure|eviction|explain|observe-calls|overrides|reason|report-observer|snapshots|switches)\.ts$|\/assembly\/layout\.ts$/,
};

/** What every entry of the flow reads is one file, too. */
const FLOW = { name: "event", test: /\/src\/(flow\/protocol\/event|ndjson\/utf8)\.ts$/ };

/**
 * Nothing is minified: a stack trace and the line that Node prints for an uncaught error stay readable, and `PURE` comments
 * stay for bundlers. Measured: minified files start no faster.
 */
const OUTPUT = {
  entryFileNames: "[name].js",
  chunkFileNames: "chunks/[name].js",
  codeSplitting: { groups: [LIBRARY, FLOW] },
  comments: { annotation: true, jsdoc: false, legal: false },
};

/** Leaves imports of Wasm to the runtime, and puts the file beside the entry that imports it. */
const WASM_BESIDE = {
  name: "wasm beside the entry",
  resolveId(specifier) {
    const [path] = specifier.split("?");
    if (!path.endsWith(".wasm")) return null;
    copyFileSync(join(ROOT, "build", basename(path)), join(ESM, basename(path)));
    return { id: `./${basename(specifier)}`, external: true };
  },
};

/** Builds dist/esm: every entry. */
export async function buildModules() {
  mkdirSync(ESM, { recursive: true });
  await bundle(outputs(), { ...OUTPUT, format: "esm", dir: ESM });
}

/** Builds dist/cjs: the entries that run in Node. */
export async function buildCommon() {
  const entries = outputs().filter(({ condition }) => condition === "default");
  await bundle(entries, { ...OUTPUT, format: "cjs", dir: CJS, exports: "named" });
  for (const { name } of entries.filter(({ subpath }) => DEFAULT_ENTRIES.includes(subpath))) {
    appendFileSync(join(CJS, `${name}.js`), "module.exports = exports.default;\n");
  }
  writeFileSync(join(CJS, "package.json"), '{ "type": "commonjs", "sideEffects": false }\n');
}

/** Entries of one build of the core share chunks; one of another build is a file of its own. */
async function bundle(entries, output) {
  const isShared = ({ core }) => core === DEFAULT_CORE;
  const alone = entries.filter((entry) => !isShared(entry)).map((entry) => [entry]);
  for (const group of [entries.filter(isShared), ...alone]) await bundleOver(group[0].core, group, output);
}

/** `auto` loads one of two builds of the core; any other entry alone is one file. No two builds write the same chunk. */
function splittingOf(core, [{ name }, ...others]) {
  if (others.length > 0) return {};
  return core.includes("auto") ? { chunkFileNames: `chunks/${name}/[name].js` } : { codeSplitting: false };
}

/** What an entry gets as `#batch-module`: nothing beside a build of the core that has the functions for batches itself. */
function batchOf(core) {
  return /\/(inline|auto-core)\.ts$/.test(core) ? "src/entry/inline-batch.ts" : "src/entry/no-batch.ts";
}

async function bundleOver(core, entries, output) {
  const build = await rolldown({
    resolve: { alias: { "#core-module": join(ROOT, core), "#batch-module": join(ROOT, batchOf(core)) } },
    cwd: ROOT,
    input: Object.fromEntries(entries.map(({ name, source }) => [name, source])),
    platform: "neutral",
    external: [/^node:/, ...PEERS],
    plugins: [WASM_BESIDE, CONSTANTS_FIRST, SHORT_INTERNAL_NAMES],
  });
  await build.write({ ...output, ...splittingOf(core, entries) });
  await build.close();
}
