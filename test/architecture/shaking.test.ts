import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { describe, expect, it } from "vitest";
import { NODE_ENTRIES, outputs } from "../../scripts/entries.mjs";
import { ROOT } from "./packed.ts";

const FOLDER = join(ROOT, "dist/esm");
/** Those of entries that a program for a browser may import. */
const FILES = filesOf(
  outputs()
    .filter(({ subpath }) => !NODE_ENTRIES.includes(subpath))
    .map(({ name }) => `${name}.js`),
);

/**
 * Files that still hold a statement which a bundler must keep: a static block, a method with a computed name other than
 * `Symbol.x`, a call without a PURE comment, arithmetic with more than literals, a class over one of Node.
 */
const KEPT = ["chunks/select.js", "flow.js", "opossum.js"];

/** Takes the file as if its package said nothing about side effects, and none of its imports. */
const SUSPICIOUS: Plugin = {
  name: "suspicious",
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path, importer, resolveDir }) =>
      importer === "<stdin>" ? { path: join(resolveDir, path), sideEffects: true } : { path, external: true },
    );
  },
};

/** The files that these import, and they themselves. */
function filesOf(entries: readonly string[]): readonly string[] {
  const files = new Set(entries);
  for (const file of files) {
    const text = readFileSync(join(FOLDER, file), "utf8");
    for (const [, path = ""] of text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)["'`](\.[^"'`]+\.js)["'`]/g)) {
      files.add(join(dirname(file), path));
    }
  }
  return [...files].sort();
}

/** What a bundler keeps of a file of which nothing is used. */
async function remainderOf(file: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: `import "./${file}";`, resolveDir: FOLDER },
    bundle: true,
    write: false,
    format: "esm",
    plugins: [SUSPICIOUS],
    logLevel: "silent",
  });
  return outputFiles[0]!.text.replace(/^(?:import .*|\/\/.*)$/gm, "").trim(); // one entry makes one file
}

describe("a built file", () => {
  it("is found from the entries", () => {
    expect(FILES).toContain("main.js");
    expect(FILES).toContain("chunks/select.js"); // imported by flow.js
    expect(FILES).not.toContain("connect.js");
  });

  it.each(FILES.filter((file) => !KEPT.includes(file)))(
    "holds nothing that a bundler must keep: %s",
    async (file) => {
      expect(await remainderOf(file)).toBe("");
    },
  );

  it.each(KEPT)("is listed as an exception only while it is one: %s", async (file) => {
    expect(await remainderOf(file)).not.toBe("");
  });
});
