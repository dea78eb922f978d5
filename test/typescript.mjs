/**
 * Lets Node run the sources: `node --import ./test/typescript.mjs program.mjs`. Node 20 strips no types. Each source stays a
 * module of its own, so coverage and stack traces name it.
 */
import { readFile } from "node:fs/promises";
import { register } from "node:module";

if (!import.meta.url.endsWith("?hooks")) register(`${import.meta.url}?hooks`);

/** Hook of the loader. */
export async function load(url, context, nextLoad) {
  if (!url.endsWith(".ts")) return nextLoad(url, context);
  const { transform } = await import("esbuild");
  const source = await readFile(new URL(url), "utf8");
  const { code } = await transform(source, { loader: "ts", target: "es2022" });
  return { format: "module", source: code, shortCircuit: true };
}
