import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { beforeAll, expect, it } from "vitest";
import { startOrigin } from "../../http/origin.ts";
import { expectAll, expectConformance, REQUESTS, type Reports, type Results, SCRIPT } from "../facts.ts";
import { FOLDER } from "../installer.ts";
import { PACKAGE_FOLDER } from "../packed.ts";
import { inRuntime } from "../runtime.ts";

/** As much of the package `edge-runtime` as is used. */
interface Package {
  readonly EdgeRuntime: new (options: {
    readonly codeGeneration: { readonly strings: boolean; readonly wasm: boolean };
    readonly extend: (context: Record<string, unknown>) => Record<string, unknown>;
  }) => Realm;
}
interface Realm {
  readonly context: Record<string, unknown>;
  evaluate<T>(code: string): T;
}

/** What Vercel's build does with `import module from "….wasm?module"`: a global that holds the module. */
const WASM_AS_GLOBAL: Plugin = {
  name: "wasm as a global",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace(/\?module$/, "")),
      namespace: "wasm",
    }));
    onLoad({ filter: /.*/, namespace: "wasm" }, ({ path }) => {
      expect(path).toBe(join(PACKAGE_FOLDER, "dist/esm/release.wasm"));
      return { contents: "export default globalThis.wasm_release;" };
    });
  },
};

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "function.mjs")],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    conditions: ["edge-light", "worker", "browser"], // in the order of Next.js
    nodePaths: [join(FOLDER, "node_modules")],
    plugins: [WASM_AS_GLOBAL],
    logLevel: "error",
  });
  return outputFiles[0]!.text; // one entry, one file
}

inRuntime("edge", ({ title }) => {
  let vm: Realm;

  /** What an async function of the bundle gives, through JSON: objects of another realm have other prototypes. */
  async function ask<T>(expression: string): Promise<T> {
    return JSON.parse(
      await vm.evaluate<Promise<string>>(`(async () => JSON.stringify(await ${expression}))()`),
    ) as T;
  }

  beforeAll(async () => {
    const { EdgeRuntime } = createRequire(join(FOLDER, "package.json"))("edge-runtime") as Package;
    const release = await WebAssembly.compile(readFileSync(join(PACKAGE_FOLDER, "dist/esm/release.wasm")));
    vm = new EdgeRuntime({
      // As deployed: neither text nor bytes become code.
      codeGeneration: { strings: false, wasm: false },
      extend: (context) => Object.assign(context, { wasm_release: release }),
    });
    vm.evaluate(await bundle());
  });

  it(`is ${title}, which compiles no bytes`, async () => {
    expect(await ask("edge.where()")).toEqual({
      runtime: "edge-runtime",
      process: "undefined",
      compiles: expect.stringContaining("disallowed"),
    });
  });

  it("gives the same answers as the model, from a Wasm module and from plain JavaScript", async () => {
    vm.context.script = SCRIPT;
    expectConformance(await ask<Reports>("edge.conform(script)"), ["release", "js"]);
  });

  it("starts no timer but for timeouts: they belong to requests", async () => {
    expect(await ask("edge.timers()")).toBe(0);
  });

  it("passes the scenarios", async () => {
    expectAll(await ask<Results>("edge.scenarios()"));
  });

  it("guards its fetch by guardFetch", async () => {
    const origin = await startOrigin();
    try {
      expectAll(await ask<Results>(`edge.requests(${JSON.stringify(origin.url)})`), REQUESTS);
    } finally {
      await origin.stop();
    }
  });
});
