/**
 * `npm run weight`, after a build: measures what the library weighs in a program and writes docs/weight.md.
 *
 * Weight: bytes after esbuild has bundled and minified the program and gzip -9 has compressed it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { outputs, PEERS } from "./entries.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGE = join(ROOT, "docs/weight.md");
const README = join(ROOT, "README.md");

/** Breaker, registry, events, `execute`. */
const BASE = ["CircuitBreaker", "CircuitBreakerRegistry"];

/** Programs with a budget in bytes. A test fails if a program exceeds its budget. */
export const BUDGETS = [
  {
    title: "`CircuitBreaker` and `CircuitBreakerRegistry`, Wasm inlined",
    file: "main",
    names: BASE,
    budget: 21_560,
  }, // the target is 11_500: docs/adr/0050
  { title: "the same, Wasm as an asset (workerd)", file: "workerd", names: BASE, budget: 16_130 }, // the target is 7_000
];

/** A statement that keeps those names of a built file. */
function keep(file, names) {
  return `export { ${names.join(", ")} } from "./dist/esm/${file}.js";\n`;
}

/** Keeps everything that an entry exports. */
function keepAll(file) {
  return `export * as all from "./dist/esm/${file}.js";\n`;
}

/** Bytes of a program. */
export async function weigh(program) {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: ROOT },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "neutral",
    external: ["node:*", "*.wasm", "*.wasm?module", ...PEERS],
    logLevel: "silent",
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length; // one program makes one file
}

/** Measures the programs with a budget: `[{ title, bytes, budget }]`. */
export async function weighBudgets() {
  return Promise.all(
    BUDGETS.map(async ({ title, file, names, budget }) => ({
      title,
      budget,
      bytes: await weigh(keep(file, names)),
    })),
  );
}

/** Measures what each export of the main entry adds to the base: `[{ name, bytes }]`, the heaviest first. */
export async function weighFeatures() {
  const main = await import(pathToFileURL(join(ROOT, "dist/esm/main.js")).href);
  const names = Object.keys(main).filter((name) => !BASE.includes(name));
  const base = await weigh(keep("main", BASE));
  const features = await Promise.all(
    names.map(async (name) => ({ name, bytes: (await weigh(keep("main", [...BASE, name]))) - base })),
  );
  return features.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}

/** Measures each entry, alone and added to the base: `[{ name, alone, added }]`, in the order of the table of entries. */
export async function weighEntries() {
  const base = keep("main", BASE);
  const baseBytes = await weigh(base);
  const entries = outputs().filter(({ condition, name }) => condition === "default" && name !== "main");
  return Promise.all(
    entries.map(async ({ subpath, name }) => ({
      name: `bluesmoke${subpath.slice(1)}`,
      alone: await weigh(keepAll(name)),
      added: (await weigh(base + keepAll(name))) - baseBytes,
    })),
  );
}

/** All measurements. */
export async function weighAll() {
  return { budgets: await weighBudgets(), features: await weighFeatures(), entries: await weighEntries() };
}

/** docs/weight.md. */
export function pageOf({ budgets, features, entries }) {
  const number = (bytes) => bytes.toLocaleString("en-US");
  // Names of a few bytes are no choice to make.
  const heavy = features.filter(({ bytes }) => bytes >= 100);
  const light = features.filter(({ bytes }) => bytes < 100).map(({ name }) => `\`${name}\``);
  return `# Weight

Bytes in a program, minified by esbuild, compressed by gzip -9. Written by \`npm run weight\`; a test compares it with the build.

| program | bytes | budget |
|---|--:|--:|
${budgets.map(({ title, bytes, budget }) => `| ${title} | ${number(bytes)} | ${number(budget)} |`).join("\n")}

A feature that a program does not import is not in its bundle. Each export of \`bluesmoke\` adds to the first program:

| export | bytes |
|---|--:|
${[...heavy.map(({ name, bytes }) => `| \`${name}\` | ${number(bytes)} |`), "| each of those below | less than 100 |"].join("\n")}

Less than 100 bytes each: ${light.sort().join(", ")}.

Each entry with everything that it exports, alone and added to the first program. Optional packages are not counted.

| entry | alone | added |
|---|--:|--:|
${entries.map(({ name, alone, added }) => `| \`${name}\` | ${number(alone)} | ${number(added)} |`).join("\n")}
`;
}

/** README with the bytes of the programs in its table. */
export function readmeWith(readme, { budgets }) {
  return budgets.reduce((text, { title, bytes }) => {
    const start = text.indexOf(`| ${title} |`);
    if (start < 0) throw new Error(`README.md must have a row for "${title}"`);
    return `${text.slice(0, start)}| ${title} | ${bytes.toLocaleString("en-US")} |${text.slice(text.indexOf("\n", start))}`;
  }, readme);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const weights = await weighAll();
  writeFileSync(PAGE, pageOf(weights));
  writeFileSync(README, readmeWith(readFileSync(README, "utf8"), weights));
}
