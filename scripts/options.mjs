/**
 * Writes what is made of the tables of options in src/breaker/options.ts: the part of docs/options.md between the markers
 * `<!-- options -->` and `<!-- /options -->`, and schemas/options.schema.json. A test compares both with the tables.
 *
 * `node scripts/options.mjs`, then `npx biome check --write schemas`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { TEXTS } from "./option-texts.mjs";

const ROOT = new URL("..", import.meta.url);
const BEGIN = "<!-- options -->\n";
const END = "<!-- /options -->\n";
const TIME_WINDOW = "success_rate_over_time_window";

/** Values under which every rule that depends on others has its widest bounds. */
const WIDEST = { windowMs: 86_400_000, buckets: 64, calls: 10_000, initialMs: 1, slowCallMs: 1 };

/** The rule of a number, a name or something else; `calls` narrows `minimumCalls` only where the table has it. */
function ruleOf(table, name) {
  const spec = table[name];
  if (typeof spec !== "function") return spec;
  const { calls, ...rest } = WIDEST;
  return spec("calls" in table ? { calls, ...rest } : rest);
}

/** Names of all tables, each once. */
export function namesIn({ BREAKER, CALL, HALF_OPEN, RAMP, DETECTORS, BACKOFFS, OVERLOADS }) {
  const kinds = [DETECTORS, BACKOFFS, OVERLOADS].flatMap(Object.values);
  const tables = [BREAKER, CALL, HALF_OPEN, RAMP, ...kinds];
  return [...new Set(tables.flatMap(Object.keys))];
}

const code = (value) => `\`${JSON.stringify(value).replaceAll(",", ", ")}\``;
const grouped = (number) => number.toLocaleString("en-US", { maximumFractionDigits: 3 });

function rangeOf(table, name) {
  const { from, to, names } = ruleOf(table, name);
  const { text, range } = TEXTS[name];
  const bounds = names ? names.map(code).join(", ") : `${grouped(from ?? 0)} to ${grouped(to ?? 0)}`;
  return [range ?? bounds, ...(text ? [text] : [])].join("; ");
}

function initialOf(table, name) {
  const { initial } = ruleOf(table, name);
  return TEXTS[name].initial ?? (initial === undefined ? "none" : code(initial));
}

/** Rows of one table; `lead`: the cell before the name of an option. */
function rowsOf(table, path = "", lead) {
  return Object.keys(table).map((name, index) => {
    const first = lead === undefined ? "" : index === 0 ? `| ${lead} ` : "| ";
    return `${first}| \`${path}${name}\` | ${rangeOf(table, name)} | ${initialOf(table, name)} |\n`;
  });
}

const without = (table, names) =>
  Object.fromEntries(Object.entries(table).filter(([name]) => !names.includes(name)));

/** The tables of docs/options.md in Markdown. */
export function tablesOf({ BREAKER, CALL, HALF_OPEN, RAMP, DETECTORS, BACKOFFS, OVERLOADS }) {
  const { [TIME_WINDOW]: time, success_rate_over_count_window: count } = DETECTORS;
  const rates = Object.keys(time).filter((name) => name in count);
  const kinds = Object.entries(DETECTORS);
  const { mode, halfOpen, ...before } = BREAKER;
  return [
    "| option | range | default |\n|---|---|---|\n",
    ...rowsOf(before),
    ...rowsOf(HALF_OPEN, "halfOpen."),
    ...rowsOf(RAMP, "halfOpen.ramp."),
    ...rowsOf({ mode, ...CALL }),
    "\n| detector | option | range | default |\n|---|---|---|---|\n",
    ...rowsOf(
      without(
        time,
        Object.keys(time).filter((name) => !rates.includes(name)),
      ),
      "",
      "both windows",
    ),
    ...kinds.flatMap(([kind, table]) => rowsOf(without(table, rates), "", `\`${kind}\``)),
    "\n| backoff | option | range | default |\n|---|---|---|---|\n",
    `| all kinds | \`jitter\` | ${rangeOf(BACKOFFS.constant, "jitter")} | \`"none"\`; exponential \`"equal"\` |\n`,
    ...Object.entries(BACKOFFS).flatMap(([kind, table]) =>
      rowsOf(without(table, ["jitter"]), "", `\`${kind}\``),
    ),
    "\n| overload | option | range | default |\n|---|---|---|---|\n",
    ...Object.entries(OVERLOADS).flatMap(([kind, table]) => rowsOf(table, "", `\`${kind}\``)),
  ].join("");
}

/** The page with the tables between the markers. */
export function pageWith(page, tables) {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/options.md must have the lines ${BEGIN}and ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n${tablesOf(tables)}\n${page.slice(end)}`;
}

function schemaOfOption(table, name) {
  const { from, to, whole, names, initial } = ruleOf(table, name);
  const { text, range, schema } = TEXTS[name];
  const description = [range, text].filter(Boolean).join("; ").replaceAll("`", "");
  const value =
    schema ?? (names ? { enum: names } : { type: whole ? "integer" : "number", minimum: from, maximum: to });
  return {
    ...value,
    ...(initial !== undefined && { default: initial }),
    ...(description && { description }),
  };
}

function schemaOfTable(table, more = {}) {
  const names = Object.keys(table).filter((name) => TEXTS[name]?.schema !== null && !(name in more));
  return {
    type: "object",
    properties: { ...more, ...Object.fromEntries(names.map((name) => [name, schemaOfOption(table, name)])) },
    ...("maximumSlowRate" in table && { dependentRequired: { maximumSlowRate: ["slowCallMs"] } }),
    additionalProperties: false,
  };
}

/** One of several kinds: a name, or an object with `kind`, which may be absent for `optional`. */
function schemaOfKinds(kinds, optional) {
  const entries = Object.entries(kinds);
  return [
    { enum: Object.keys(kinds) },
    ...entries.map(([kind, table]) => ({
      ...schemaOfTable(table, { kind: { const: kind } }),
      ...(kind !== optional && { required: ["kind"] }),
    })),
  ];
}

/** Matches a detector of that kind in an array. */
function isOfKind(kind) {
  const named = { type: "object", properties: { kind: { const: kind } }, required: ["kind"] };
  const unnamed = { type: "object", properties: { kind: false } };
  return { anyOf: [{ const: kind }, named, ...(kind === TIME_WINDOW ? [unnamed] : [])] };
}

/** The JSON Schema of the options of a breaker, without those that are no JSON. */
export function schemaOf({ BREAKER, CALL, HALF_OPEN, RAMP, DETECTORS, BACKOFFS, OVERLOADS }) {
  const detector = { $ref: "#/$defs/detector" };
  const list = {
    type: "array",
    minItems: 1,
    maxItems: Object.keys(DETECTORS).length,
    items: detector,
    allOf: Object.keys(DETECTORS).map((kind) => ({
      contains: isOfKind(kind),
      minContains: 0,
      maxContains: 1,
    })),
  };
  const ramp = { ...schemaOfTable(RAMP), description: "absent: no ramp" };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Options of a circuit breaker",
    description:
      "As CircuitBreakerOptions, without functions; a bound that depends on other options is not checked.",
    ...schemaOfTable(
      { ...BREAKER, ...CALL },
      {
        detector: { anyOf: [detector, list], default: BREAKER.detector.initial },
        backoff: {
          anyOf: [...schemaOfKinds(BACKOFFS), TEXTS.delaysMs.schema],
          default: BREAKER.backoff.initial,
        },
        halfOpen: schemaOfTable(HALF_OPEN, { ramp }),
        overload: { anyOf: schemaOfKinds(OVERLOADS, "throttle") },
      },
    ),
    $defs: { detector: { anyOf: schemaOfKinds(DETECTORS, TIME_WINDOW) } },
  };
}

/** The tables as the library has them. Node cannot import TypeScript. */
async function readTables() {
  const entry = fileURLToPath(new URL("src/breaker/options.ts", ROOT));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

async function main() {
  const tables = await readTables();
  const page = new URL("docs/options.md", ROOT);
  writeFileSync(page, pageWith(readFileSync(page, "utf8"), tables));
  const schema = `${JSON.stringify(schemaOf(tables), null, 2)}\n`;
  writeFileSync(new URL("schemas/options.schema.json", ROOT), schema);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
