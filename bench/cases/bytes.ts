/** What is delivered, in bytes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "../root.ts";

/** A build of the core. */
export function bytesOf(file: string): number {
  return readFileSync(join(ROOT, "build", file)).length;
}

/** The same as a browser gets it that is given compressed files. */
export function compressed(file: string): number {
  return gzipSync(readFileSync(join(ROOT, "build", file)), { level: 9 }).length;
}

/** What is used of rolldown, which comes with vite and vitest. */
interface Rolldown {
  rolldown(options: { readonly input: string; readonly logLevel: "silent" }): Promise<{
    generate(options: { readonly format: "esm"; readonly minify: true }): Promise<{
      readonly output: readonly { readonly type: string; readonly code?: string }[];
    }>;
    close(): Promise<void>;
  }>;
}

/** An entry with all that it imports, minified and compressed; NaN without a bundler. */
export async function bundled(entry: string): Promise<number> {
  const bundler = await loadBundler();
  if (bundler === undefined) return Number.NaN;
  const input = join(ROOT, "src", "entry", entry);
  const bundle = await bundler.rolldown({ input, logLevel: "silent" });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  return gzipSync(output.map(({ code = "" }) => code).join(""), { level: 9 }).length;
}

/** Not a dependency of this package: it is there or it is not. */
async function loadBundler(): Promise<Rolldown | undefined> {
  const name: string = "rolldown";
  try {
    return (await import(name)) as Rolldown;
  } catch {
    return undefined;
  }
}
