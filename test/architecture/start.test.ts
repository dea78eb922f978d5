import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { COMMAND_CLIENTS, outputs, PEERS } from "../../scripts/entries.mjs";
import { ROOT } from "./packed.ts";

/** What is read before a file of dist/ runs: its size with all that it imports, without what it imports later. */
async function loadedWith(file: string) {
  const { metafile } = await build({
    entryPoints: [join(ROOT, "dist", file)],
    bundle: true,
    splitting: true, // import() stays what it is
    format: "esm",
    outdir: join(ROOT, "build/start"),
    write: false,
    metafile: true,
    external: ["node:*", "*.wasm", "*.wasm?module", ...PEERS],
    logLevel: "silent",
  });
  const inputs = new Set<string>();
  const names = new Set<string>();
  const visit = (path: string): void => {
    if (inputs.has(path)) return;
    inputs.add(path);
    for (const { path: imported, kind, external } of metafile.inputs[path]!.imports) {
      if (kind === "dynamic-import") continue;
      if (external === true) names.add(imported);
      else visit(imported);
    }
  };
  visit(`dist/${file}`);
  const bytes = [...inputs].reduce((sum, path) => sum + metafile.inputs[path]!.bytes, 0);
  return { files: inputs.size, paths: [...inputs], names: [...names], bytes };
}

/** Names of packages that the files of a folder import, at once or later. */
async function packagesIn(folder: string): Promise<Set<string>> {
  const names = new Set<string>();
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  await build({
    entryPoints: files.filter((file) => file.endsWith(".js")).map((file) => join(ROOT, folder, file)),
    bundle: true,
    format: "esm",
    outdir: join(ROOT, "build/start"),
    write: false,
    logLevel: "silent",
    plugins: [
      {
        name: "names",
        setup({ onResolve }) {
          onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
            if (kind !== "entry-point" && !path.startsWith("node:")) names.add(path);
            return kind === "entry-point" ? null : { path, external: true };
          });
          onResolve({ filter: /\.wasm/ }, ({ path }) => ({ path, external: true }));
        },
      },
    ],
  });
  return names;
}

describe("the start", () => {
  it("of a program with the main entry reads at most three files, and nothing of Node", async () => {
    const { files, names } = await loadedWith("esm/main.js");
    expect(names).toEqual([]);
    expect(files).toBeLessThanOrEqual(3);
  });

  it("of a program with any other entry reads at most eight files", async () => {
    for (const { name } of outputs())
      expect((await loadedWith(`esm/${name}.js`)).files, name).toBeLessThan(9);
  });

  it("of bluesmoke --version reads two small files, and nothing of Node but its file system", async () => {
    const { files, names, bytes } = await loadedWith("cli/main.js");
    expect(names).toEqual(["node:fs"]);
    expect(files).toBeLessThanOrEqual(2);
    expect(bytes).toBeLessThan(1_000);
  });
});

/** Parts of the command by a text that only they contain, as it is after minifying. */
const RUN_PARTS = {
  "the client of HTTP": "UND_ERR_CONNECT_TIMEOUT",
  "the HTTP sink": "not sent: ",
  "the runtime of flows": "the flow ended early",
  "the dashboard": "text/event-stream",
};

/** Which of those parts a file of the command loads before it runs. */
async function partsLoadedBy(file: string): Promise<string[]> {
  const { paths } = await loadedWith(file);
  const text = paths.map((path) => readFileSync(join(ROOT, path), "utf8")).join("");
  return Object.entries(RUN_PARTS).flatMap(([part, sign]) => (text.includes(sign) ? [part] : []));
}

function filesOfCommand(name: RegExp): string[] {
  return readdirSync(join(ROOT, "dist/cli")).filter((file) => name.test(file));
}

describe("a subcommand loads only its own parts:", () => {
  it("check and graph, and the command line itself, nothing of a run", async () => {
    const files = filesOfCommand(/^(command|check\d*|graph\d*)\.js$/);
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const file of files) {
      expect(await partsLoadedBy(`cli/${file}`), file).toEqual([]);
      expect((await loadedWith(`cli/${file}`)).bytes, file).toBeLessThan(300_000);
    }
  });

  it("a run neither the dashboard nor, before it has a URL to post to, the client of HTTP", async () => {
    const files = filesOfCommand(/^(execute-)?run\d*\.js$/);
    const loaded = await Promise.all(files.map((file) => partsLoadedBy(`cli/${file}`)));
    expect([...new Set(loaded.flat())].sort()).toEqual(["the HTTP sink", "the runtime of flows"]);
    const all = filesOfCommand(/\.js$/).map((file) => readFileSync(join(ROOT, "dist/cli", file), "utf8"));
    for (const [part, sign] of Object.entries(RUN_PARTS))
      expect(all.filter((text) => text.includes(sign)).length, part).toBeGreaterThan(0);
  });
});

describe("what is published imports no package", () => {
  it("in the command, but the clients of brokers", async () => {
    expect([...(await packagesIn("dist/cli"))].sort()).toEqual([...COMMAND_CLIENTS].sort());
  });

  it.each(["dist/esm", "dist/cjs"])("in %s, but the optional ones", async (folder) => {
    expect([...(await packagesIn(folder))].sort()).toEqual([...PEERS].sort());
  });
});
