/** Bundlers, as users run them for browsers. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import * as vite from "vite";
import { FOLDER } from "../installer.ts";

const APP = join(import.meta.dirname, "app");
const PAGES = ["index.html", "careful.html"];

/** A bundler, with the settings of a small app. */
export interface Bundler {
  /** Builds the app into a folder. */
  buildApp(into: string): Promise<void>;
  /** One script with all that it imports, minified; empty when nothing of it has an effect. */
  bundle(script: string): Promise<string>;
}

/** A folder in which the package is found by its name; `remove` takes it away. */
export function workshop(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(FOLDER, "node_modules", ".bundles-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** All scripts below a folder, as one text. */
export function scriptsOf(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.m?js$/.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
}

/** Puts a script where the package is found, for as long as `use` takes. */
async function written<T>(script: string, use: (path: string) => Promise<T>): Promise<T> {
  const { folder, remove } = workshop();
  const path = join(folder, "script.mjs");
  writeFileSync(path, script);
  try {
    return await use(path);
  } finally {
    remove();
  }
}

function textOf(parts: readonly string[]): string {
  return parts.join("").trim();
}

const byEsbuild: Bundler = {
  async buildApp(into) {
    await esbuild.build({
      entryPoints: ["main.mjs", "worker.mjs", "careful.mjs"].map((name) => join(APP, name)),
      bundle: true,
      splitting: true,
      minify: true,
      format: "esm",
      outExtension: { ".js": ".mjs" }, // else it would rename the worker under the page
      outdir: into,
    });
    for (const page of PAGES) cpSync(join(APP, page), join(into, page));
  },
  bundle: (script) =>
    written(script, async (path) => {
      const { outputFiles } = await esbuild.build({
        entryPoints: [path],
        bundle: true,
        minify: true,
        format: "esm",
        write: false,
        logLevel: "error",
      });
      return textOf(outputFiles.map(({ text }) => text));
    }),
};

/** Nothing of this repository's own settings. */
const VITE = { configFile: false, logLevel: "error", base: "./" } as const;

const byVite: Bundler = {
  async buildApp(into) {
    const worker = { format: "es" } as const;
    const rollupOptions = { input: PAGES.map((page) => join(APP, page)) };
    await vite.build({
      ...VITE,
      root: APP,
      worker,
      build: { outDir: into, emptyOutDir: true, rollupOptions },
    });
  },
  bundle: (script) =>
    written(script, async (path) => {
      const build = { write: false, modulePreload: false, rollupOptions: { input: path } } as const;
      const output = await vite.build({ ...VITE, root: join(path, ".."), build });
      if (!("output" in output)) throw new Error("vite gave no single output");
      return textOf(output.output.map((file) => ("code" in file ? file.code : "")));
    }),
};

/** By their names. */
export const BUNDLERS = { esbuild: byEsbuild, Vite: byVite } as const;
