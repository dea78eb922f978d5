import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { rolldown } from "rolldown";
import { beforeAll, describe, expect, it } from "vitest";
import { ENTRIES, nameOf, type Packed, pack } from "./packed.ts";

const PATIENCE_MS = 60_000;

/** Imports a name of an entry and does not use it. */
function idle(entry: string): string {
  return `import * as entry from "${nameOf(entry)}";\nimport "${nameOf(entry)}";\n`;
}

/**
 * Prints what a module has done by being imported: what it called of the things that have an effect outside of it, the names
 * that it added to the global object, and what keeps the process alive.
 */
const WATCHER = `
const [entry] = process.argv.slice(2);
const touched = [];
const watch = (object, name, of) => {
  const original = object[name];
  object[name] = new Proxy(original, {
    apply(target, self, parameters) { touched.push(of + name); return Reflect.apply(target, self, parameters); },
    construct(target, parameters, self) { touched.push("new " + of + name); return Reflect.construct(target, parameters, self); },
  });
};
for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "atob", "fetch", "addEventListener"]) {
  if (name in globalThis) watch(globalThis, name, "");
}
for (const name of ["Module", "Instance", "Memory", "compile", "instantiate"]) watch(WebAssembly, name, "WebAssembly.");
watch(Math, "random", "Math.");
watch(Date, "now", "Date.");
watch(crypto, "getRandomValues", "crypto.");
for (const name of ["on", "once", "addListener", "emitWarning"]) watch(process, name, "process.");
performance.now = new Proxy(performance.now, { apply: (target, self) => (touched.push("performance.now"), target.call(performance)) });
const before = new Set(Reflect.ownKeys(globalThis));
const resources = process.getActiveResourcesInfo().length;
await import(entry);
const added = Reflect.ownKeys(globalThis).filter((key) => !before.has(key)).map(String);
console.log(JSON.stringify({ touched, added, resources: process.getActiveResourcesInfo().length - resources }));
`;

describe("an entry that is imported and not used", () => {
  let packed: Packed;

  beforeAll(() => {
    packed = pack("effects");
    writeFileSync(join(packed.folder, "watcher.mjs"), WATCHER);
    writeFileSync(
      join(packed.folder, "guilty.mjs"),
      "setTimeout(() => {}, 1);\nMath.random();\nglobalThis.guilty = 1;\n",
    );
  }, PATIENCE_MS);

  function watched(entry: string): unknown {
    const parameters = [join(packed.folder, "watcher.mjs"), entry];
    return JSON.parse(execFileSync(process.execPath, parameters, { cwd: packed.folder, encoding: "utf8" }));
  }

  it.each(ENTRIES)("leaves nothing in a program bundled by esbuild: %s", async (entry) => {
    const { outputFiles } = await build({
      stdin: { contents: idle(entry), resolveDir: packed.folder },
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      logLevel: "silent",
    });
    expect(outputFiles[0]?.text).toBe("");
  });

  it.each(ENTRIES)("leaves nothing in a program bundled by rolldown: %s", async (entry) => {
    const input = join(packed.folder, `idle-${ENTRIES.indexOf(entry)}.mjs`);
    writeFileSync(input, idle(entry));
    const bundle = await rolldown({ input, platform: "node", logLevel: "silent" });
    const { output } = await bundle.generate({ format: "esm", minify: true });
    await bundle.close();
    expect(output.map((chunk) => ("code" in chunk ? chunk.code.trim() : chunk.fileName))).toEqual([
      "export{};",
    ]);
  });

  it.each(ENTRIES)("has compiled, started, drawn and registered nothing: %s", (entry) => {
    expect(watched(nameOf(entry))).toEqual({ touched: [], added: [], resources: 0 });
  });

  it("would be found out", () => {
    expect(watched(join(packed.folder, "guilty.mjs"))).toMatchObject({
      touched: ["setTimeout", "Math.random"],
      added: ["guilty"],
    });
  });
});
