/**
 * Short names for the properties that only the library uses: those that begin with `_`, and the members of its inner classes
 * that are listed here.
 *
 * A bundler cannot shorten the name of a property, since it does not know who else uses it. One table serves all entries and
 * both builds, so that an object of one is the same to a function of another.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { ROOT } from "./root.mjs";

/**
 * Members of Core, Dispatcher, PolicyEntry and their like. No object that leaves the library has a property of such a name:
 * test/architecture/internal-names.test.ts looks for them in the documents, the schemas and the types of others.
 */
export const MEMBERS = [
  "announce",
  "bucketMs",
  "callDefaults",
  "countCalls",
  "countFailures",
  "countSlow",
  "countWindowOffset",
  "createMemory",
  "deadlineOf",
  "fromMode",
  "fromState",
  "generationOf",
  "hasListeners",
  "hasTimeWindow",
  "hungBuckets",
  "isByName",
  "isPlain",
  "journalCapacity",
  "latestMs",
  "latestOfAll",
  "leasesOffset",
  "needsTime",
  "observers",
  "onRead",
  "outageOf",
  "overloadOffset",
  "placedAt",
  "stripeOf",
  "stripeSize",
  "stripesOffset",
  "toAll",
  "toMode",
  "toOne",
  "toState",
  "u32At",
  "unlabel",
];
const INTERNAL = /\b_[a-z]\w*/;
const USED = new RegExp(`${INTERNAL.source}|\\b(?:${MEMBERS.join("|")})\\b`, "g");
/** Names in these folders are in every program: they come first. */
const EVERYWHERE = /^(core|breaker)\b/;
const SHORTENED = new RegExp(`^_[a-z]|^(?:${MEMBERS.join("|")})$`);
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$_";

/** Short names by the names in src/; the most frequent ones get the shortest. */
export const NAMES = shortNames();

function shortNames() {
  const counts = new Map();
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" });
  for (const file of files.filter((file) => file.endsWith(".ts"))) {
    const weight = EVERYWHERE.test(file) ? 1_000 : 1;
    const text = readFileSync(join(ROOT, "src", file), "utf8");
    for (const [name] of text.matchAll(USED)) counts.set(name, (counts.get(name) ?? 0) + weight);
  }
  const names = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || (a < b ? -1 : 1));
  return Object.fromEntries(names.map((name, index) => [name, `_${lettersOf(index)}`]));
}

/** a … Z, 0 … 9, $ and _, then aa, ab and so on. */
function lettersOf(index) {
  const { length } = LETTERS;
  return index < length
    ? LETTERS[index]
    : lettersOf(Math.floor(index / length) - 1) + LETTERS[index % length];
}

/** A plugin that writes them into every file. */
export const SHORT_INTERNAL_NAMES = {
  name: "short internal names",
  async renderChunk(text, { fileName }) {
    const options = { mangleProps: SHORTENED, mangleCache: NAMES, target: "esnext", sourcefile: fileName };
    const { code, mangleCache } = await transform(text, options);
    const missing = Object.keys(mangleCache).find((name) => !Object.hasOwn(NAMES, name));
    if (missing !== undefined)
      throw new Error(`${fileName} has the internal name ${missing}, and src/ has not`);
    return code;
  },
};
