/**
 * Short names for the properties that only the library uses: those that begin with `_`.
 *
 * A bundler cannot shorten the name of a property, since it does not know who else uses it. One table serves all entries and
 * both builds, so that an object of one is the same to a function of another.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { ROOT } from "./root.mjs";

const INTERNAL = /\b_[a-z]\w*/g;
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** Short names by the names in src/; the most frequent ones get the shortest. */
const NAMES = shortNames();

function shortNames() {
  const counts = new Map();
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" });
  for (const file of files.filter((file) => file.endsWith(".ts"))) {
    for (const [name] of readFileSync(join(ROOT, "src", file), "utf8").matchAll(INTERNAL)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const names = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || (a < b ? -1 : 1));
  return Object.fromEntries(names.map((name, index) => [name, `_${lettersOf(index)}`]));
}

/** a … Z, then aa, ab and so on. */
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
    const options = { mangleProps: /^_[a-z]/, mangleCache: NAMES, target: "esnext", sourcefile: fileName };
    const { code, mangleCache } = await transform(text, options);
    const missing = Object.keys(mangleCache).find((name) => !Object.hasOwn(NAMES, name));
    if (missing !== undefined)
      throw new Error(`${fileName} has the internal name ${missing}, and src/ has not`);
    return code;
  },
};
