import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { BUDGET } from "./budget.ts";
import { MANIFEST, ROOT, targetsOf } from "./packed.ts";

/** The programs that the package exports, each once, as `src/flow/index.js`. */
const FILES = [
  ...new Set(
    Object.values(MANIFEST.exports)
      .flatMap(targetsOf)
      .filter((file) => file.endsWith(".js"))
      .map((file) => file.replace("./dist/", "")),
  ),
];
/** A budget that leaves more room than that is no budget. */
const MOST_ROOM = 1.1;

/** Bytes of a file with all that it imports. */
async function weightOf(file: string): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, "dist", file)],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "node",
    external: ["undici", "commander", "log-update", "hdr-histogram-js"],
    loader: { ".wasm": "binary" },
    logLevel: "silent",
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length; // one entry makes one file
}

describe("the weight of what the package exports", () => {
  it("has a budget for every file, and none for files that there are not", () => {
    expect(Object.keys(BUDGET).sort()).toEqual([...FILES].sort());
  });

  it("stays within the budget, and is not far below", async () => {
    const weights = await Promise.all(FILES.map(async (file) => [file, await weightOf(file)] as const));
    const lines = weights.map(([file, bytes]) => `${file.padEnd(32)} ${bytes} of ${BUDGET[file]} bytes`);
    console.log(lines.join("\n"));
    for (const [file, bytes] of weights) {
      expect(bytes, file).toBeLessThanOrEqual(BUDGET[file]!); // the test above: there is one for each
      expect(bytes * MOST_ROOM, `${file} has become lighter: lower its budget`).toBeGreaterThan(
        BUDGET[file]!,
      );
    }
  });
});
