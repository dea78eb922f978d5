/**
 * `node scripts/removal.mjs`, after a build: what the parts of the smallest program weigh, by their removal.
 *
 * A part is functions and methods, which are emptied; the program is minified and compressed again, without what only
 * they have used. So the parts do not add up: two may share a function, and what is alike compresses well.
 */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { parseAst } from "rolldown/parseAst";
import { NAMES } from "./steps/internal-names.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROGRAM = 'export { CircuitBreaker, CircuitBreakerRegistry } from "./dist/esm/workerd.js";\n';

/** Functions, `Class.method`s and constants by part. Internal names as in src/. */
const PARTS = {
  "`execute` with options or defaults of calls": ["executeWith"],
  "&nbsp; of it, timeouts in a shared queue": ["queueFor"],
  "&nbsp; of it, `classify`": ["checkVerdict"],
  "`executeSync`": ["CircuitBreaker.executeSync"],
  "`wrap`": ["CircuitBreaker.wrap"],
  "`execute` without options": [
    "CircuitBreaker.execute",
    "CircuitBreaker._handlerFor",
    "CircuitBreaker._reject",
  ],
  "reading and checking options": ["resolveOptions", "readOptions", "completeOptions", "readTable"],
  "&nbsp; of it, error texts": ["outOfRange", "optionError"],
  "`snapshot`": ["CircuitBreaker.snapshot"],
  "refusals: reason, last error, text": ["CircuitBreaker._refusal"],
  "`Retry-After`": ["retryAfterOf"],
  "stalls of our own loop": ["watchLoop", "durationWithoutLag", "timeWithoutLag"],
  "coarse clock": ["lendingClock"],
  "guard of a user's clock": ["guardClock"],
  "fake timers": ["chooseSource"],
  "fast path of the count window": ["appendSuccess"],
  "the other fast paths": ["acquireFast", "admitFast", "succeedFast", "failFast"],
  "breakers without a registry": ["placeStandalone", "freeStandalone"],
  "events: `on` and listeners": [
    "CircuitBreaker.on",
    "CircuitBreakerRegistry.on",
    "Listeners.add",
    "listenOnce",
  ],
  "from the journal to events": ["Dispatcher.dispatch"],
  "switches, `reset`, `trip`": ["CircuitBreaker._change"],
  "policies in memory": ["encodePolicy", "shapeOf", "policyOf"],
  "memory, arenas, instances": ["arenaFor", "Arena.allocate"],
  "registry: get, peek, delete, iteration": [
    "CircuitBreakerRegistry._get",
    "CircuitBreakerRegistry.peek",
    "CircuitBreakerRegistry.delete",
    "CircuitBreakerRegistry._blocks",
  ],
};

async function bundle(contents, minify) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    minify,
    write: false,
    format: "esm",
    platform: "neutral",
    external: ["node:*", "*.wasm"],
    logLevel: "silent",
  });
  return outputFiles[0].text; // one program makes one file
}

async function weigh(contents) {
  return gzipSync(await bundle(contents, true), { level: 9 }).length;
}

/** Where the parameters and bodies of all functions and methods are, by name. */
function bodiesOf(code) {
  const bodies = new Map();
  const add = (name, from, to) => bodies.set(name.replace(/\$\d+$/, ""), [from, to]);
  for (const node of parseAst(code).body) {
    const [first] = node.declarations ?? [];
    const type = node.type === "ClassDeclaration" ? node : first?.init;
    if (node.type === "FunctionDeclaration") add(node.id.name, node.id.end, node.end);
    if (type?.type !== "ClassDeclaration" && type?.type !== "ClassExpression") continue;
    const name = (node.id ?? first.id).name.replace(/\d+$/, "");
    for (const { type: kind, key, value } of type.body.body) {
      if (kind === "MethodDefinition") add(`${name}.${key.name}`, value.start, value.end);
    }
  }
  return bodies;
}

/** The program without those functions. */
function without(code, bodies, names) {
  const ranges = names.map((name) => {
    const [owner, member] = name.split(".");
    const short = member?.startsWith("_") ? `${owner}.${NAMES[member]}` : name;
    const range = bodies.get(short);
    if (range === undefined) throw new Error(`the program has no ${name}`);
    return range;
  });
  ranges.sort(([one], [other]) => other - one);
  return ranges.reduce((text, [from, to]) => `${text.slice(0, from)}() {}${text.slice(to)}`, code);
}

const code = await bundle(PROGRAM, false);
const bodies = bodiesOf(code);
const whole = await weigh(code);
const rows = [];
for (const [part, names] of Object.entries(PARTS)) {
  rows.push([part, whole - (await weigh(without(code, bodies, names)))]);
}
const every = [...new Set(Object.values(PARTS).flat())];
console.log(`| part of ${whole.toLocaleString("en-US")} bytes | bytes |\n|---|--:|`);
for (const [part, bytes] of rows) console.log(`| ${part} | ${bytes.toLocaleString("en-US")} |`);
console.log(
  `| all of these | ${(whole - (await weigh(without(code, bodies, every)))).toLocaleString("en-US")} |`,
);
