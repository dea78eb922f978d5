import { readdirSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { describe, expect, it } from "vitest";
import { ROOT } from "./packed.ts";

const FOLDER = join(ROOT, "dist/esm");
const FILES = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".js"),
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
