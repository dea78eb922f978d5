/**
 * Writes what is made of the table of options in src/cli/options/run-table.ts: the part of docs/command.md between the markers
 * `<!-- options -->` and `<!-- /options -->`, and schemas/run.schema.json. A test compares both with the table.
 *
 * `node scripts/run-options.mjs`
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = new URL("..", import.meta.url);
const BEGIN = "<!-- options -->\n";
const END = "<!-- /options -->\n";

/** A number, true or false may stand in the environment: then the value is a string with a variable in it. */
const VARIABLE = { type: "string", pattern: "\\$\\{" };

/** @param {string} text */
const cell = (text) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

function typeOf({ schema, repeatable }) {
  if ("enum" in schema) return schema.enum.map((name) => `\`"${name}"\``).join(", ");
  if (schema.type === "integer" || schema.type === "number")
    return `${grouped(schema.minimum)} to ${grouped(schema.maximum)}`;
  if (schema.type === "object") return "object of strings";
  return repeatable ? "string, or array of strings" : schema.type;
}

const grouped = (number) => number.toLocaleString("en-US");

function initialOf({ initial, initialText }) {
  if (initialText !== undefined) return initialText;
  if (initial === undefined) return "";
  return `\`${JSON.stringify(initial)}\``;
}

/** The options in Markdown. `flagOf` is that of src/cli/options/option.ts. */
export function tableOf({ RUN_TABLE, flagOf }) {
  const rows = RUN_TABLE.map((spec) => {
    const parts = [
      `\`${spec.key}\``,
      `\`${flagOf(spec)}\``,
      typeOf(spec.kind),
      initialOf(spec),
      cell(spec.text),
    ];
    return `| ${parts.join(" | ")} |\n`;
  });
  return ["| key | flag | value | default | meaning |\n|---|---|---|---|---|\n", ...rows].join("");
}

/** The page with the table between the markers. */
export function pageWith(page, tables) {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/command.md must have the lines ${BEGIN}and ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n${tableOf(tables)}\n${page.slice(end)}`;
}

/** The JSON Schema of a config file. */
export function schemaOf({ RUN_TABLE }) {
  const properties = RUN_TABLE.map(({ key, kind, text, initial, initialText }) => {
    const isText = kind.schema.type === "string" || "enum" in kind.schema || kind.repeatable;
    const value = isText ? kind.schema : { anyOf: [kind.schema, VARIABLE] };
    const description = initialText === undefined ? text : `${text} (default: ${initialText})`;
    return [key, { ...value, description, ...(initial !== undefined && { default: initial }) }];
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Config file of bluesmoke run",
    description:
      "JSON with comments; strings may have variables of the environment in them, with a default or without.",
    type: "object",
    properties: {
      $schema: { type: "string" },
      pipeline: { type: "string", minLength: 1, description: "the path of the pipeline in trickle" },
      ...Object.fromEntries(properties),
    },
    additionalProperties: false,
  };
}

/** The table as the command has it. Node cannot import TypeScript. */
async function readTables() {
  const contents = `export { RUN_TABLE } from "./src/cli/options/run-table.ts";
    export { flagOf } from "./src/cli/options/option.ts";`;
  const stdin = { contents, resolveDir: fileURLToPath(ROOT), loader: "ts" };
  const { outputFiles } = await build({ stdin, bundle: true, format: "esm", platform: "node", write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

async function main() {
  const tables = await readTables();
  const page = new URL("docs/command.md", ROOT);
  writeFileSync(page, pageWith(readFileSync(page, "utf8"), tables));
  const schema = fileURLToPath(new URL("schemas/run.schema.json", ROOT));
  writeFileSync(schema, `${JSON.stringify(schemaOf(tables), null, 2)}\n`);
  execFileSync("npx", ["biome", "format", "--write", schema], { cwd: fileURLToPath(ROOT), stdio: "inherit" });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
