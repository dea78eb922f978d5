/**
 * Writes `exports` and `typesVersions` of package.json from scripts/entries.mjs. `--check` writes nothing and fails if
 * package.json differs.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DEFAULT_ENTRIES, outputs } from "./entries.mjs";

const PATH = fileURLToPath(new URL("../package.json", import.meta.url));

/** What is exported besides programs. */
const FILES = { "./schemas/*": "./schemas/*", "./package.json": "./package.json" };

/** A built file with its types, for ES modules. */
function moduleTarget({ source, name }) {
  return { types: `./dist/types/${source.replace(/\.ts$/, ".d.ts")}`, default: `./dist/esm/${name}.js` };
}

/** The same as CommonJS. */
function commonTarget({ source, name }) {
  return { types: `./dist/cjs/types/${source.replace(/\.ts$/, ".d.ts")}`, default: `./dist/cjs/${name}.js` };
}

/**
 * `module-sync` comes before `require`: a Node that can require ES modules (every Node of `engines`) loads one copy of the
 * library, whoever imports or requires it. CommonJS serves the tools that cannot: Jest, older compilers and bundlers.
 */
function conditionsOf(all) {
  const special = all.filter(({ condition }) => condition !== "default");
  const [general] = all.filter(({ condition }) => condition === "default");
  return {
    ...Object.fromEntries(special.map((output) => [output.condition, moduleTarget(output)])),
    ...(!DEFAULT_ENTRIES.includes(general.subpath) && { "module-sync": moduleTarget(general) }),
    require: commonTarget(general),
    default: moduleTarget(general),
  };
}

/** The fields of package.json that follow from the entries. */
export function generatedFields() {
  const groups = groupBySubpath();
  const general = outputs().filter(({ condition }) => condition === "default");
  const [main, ...others] = general;
  return {
    main: commonTarget(main).default,
    types: commonTarget(main).types,
    exports: {
      ...Object.fromEntries([...groups].map(([subpath, all]) => [subpath, conditionsOf(all)])),
      ...FILES,
    },
    typesVersions: {
      "*": Object.fromEntries(
        others.map((output) => [output.subpath.slice(2), [commonTarget(output).types]]),
      ),
    },
  };
}

/** Outputs by subpath, in the order of the table. */
function groupBySubpath() {
  const groups = new Map();
  for (const output of outputs()) groups.set(output.subpath, [...(groups.get(output.subpath) ?? []), output]);
  return groups;
}

/** package.json as it should be, as text. */
export function manifestText() {
  const manifest = JSON.parse(readFileSync(PATH, "utf8"));
  return `${JSON.stringify({ ...manifest, ...generatedFields() }, undefined, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes("--check")) writeFileSync(PATH, manifestText());
  else if (readFileSync(PATH, "utf8") !== manifestText()) {
    console.error("manifest: package.json differs from scripts/entries.mjs; run: node scripts/manifest.mjs");
    process.exitCode = 1;
  }
}
