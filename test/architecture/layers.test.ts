import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

/** Layers of src/, lowest first: a folder may import from itself and from those before it. */
const LAYERS = [
  ["core"],
  ["breaker"],
  ["features"],
  ["http", "opossum"],
  ["metrics", "replay", "fleet"],
  ["threads", "dashboard"],
  ["ndjson"],
  ["flow"],
  ["trickle", "connect", "brokers"],
  ["wal"],
  ["embed"],
  ["cli"],
];
/** What a folder must not import although it lies below: `embed` runs where there is no Node. */
const CLOSED: Record<string, readonly string[]> = { embed: ["connect", "wal", "brokers"] };
/** Folders that may import an entry, with its build of the core inside. */
const DELIVERED = ["embed", "cli"];
/** Folders below src/ whose inner layers are the work of a later redesign: their folders still import each other in circles. */
const NOT_YET: readonly string[] = ["src/connect"];
/** What each folder may import from outside src/. */
const OUTSIDE: Record<string, RegExp> = {
  core: /^assembly\/layout\.ts$/,
  breaker: /^(assembly\/layout\.ts|#core-module)$/,
  features: /^(assembly\/layout\.ts|#batch-module|node:diagnostics_channel|hdr-histogram-js)$/,
  http: /^(assembly\/layout\.ts|undici|node:stream)$/,
  opossum: /^(assembly\/layout\.ts|node:events)$/,
  metrics: /^assembly\/layout\.ts$/,
  fleet: /^assembly\/layout\.ts$/,
  replay: /^assembly\/layout\.ts$/,
  threads: /^assembly\/layout\.ts$/,
  dashboard: /^(build\/page\.ts|uplot)$/,
  flow: /^$/,
  trickle: /^build\/grammar\.ts$/,
  ndjson: /^(assembly\/ndjson\/layout\.ts|build\/ndjson\.ts)$/,
  connect: /^(node:.*|undici)$/,
  wal: /^node:(fs|os|path|util|zlib)$/,
  brokers: /^(node:.*|redis|kafkajs|@nats-io\/(transport-node|jetstream|kv))$/,
  embed: /^$/,
  cli: /^(node:.*|commander|log-update|package\.json)$/,
  entry: /^build\/(release|small|batch|shared|js)\.(ts|wasm|wasm\?module)$/,
};

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .map((file) => join(folder, file));
}

/** What a file imports: paths from the root for its own, names for packages. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const statements = /^(?:import|export)\b[^"';]*?\bfrom "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm;
  const found = [...text.matchAll(statements)].map((match) => (match[1] ?? match[2] ?? match[3])!);
  const path = (name: string) => {
    const joined = normalize(join(dirname(file), name));
    return file.startsWith("assembly/") ? `${joined}.ts` : joined;
  };
  return found.map((name) => (name.startsWith(".") ? path(name) : name));
}

/** The first cycle of a graph as a list of nodes, or undefined. */
function cycleIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const target of graph.get(node) ?? []) {
      const cycle = visit(target, [...path, node]);
      if (cycle) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node, []);
    if (cycle) return cycle;
  }
  return undefined;
}

/**
 * For each folder the imports between what lies in it: its folders, and its own files taken together as ".". A file deep
 * inside counts for every folder around it.
 */
function graphsByFolder(files: readonly string[]): Map<string, Map<string, Set<string>>> {
  const graphs = new Map<string, Map<string, Set<string>>>();
  for (const file of files) {
    for (const target of importsOf(file).filter((name) => files.includes(name))) {
      const [from, to] = [dirname(file).split("/"), dirname(target).split("/")];
      let depth = 0;
      while (depth < from.length && from[depth] === to[depth]) depth++;
      const [one, other] = [from[depth] ?? ".", to[depth] ?? "."];
      if (one === other) continue;
      const folder = from.slice(0, depth).join("/");
      const graph = graphs.get(folder) ?? new Map<string, Set<string>>();
      graphs.set(folder, graph);
      graph.set(one, (graph.get(one) ?? new Set()).add(other));
    }
  }
  return graphs;
}

function folderOf(file: string): string {
  return file.split("/")[1]!;
}

function layerOf(folder: string): number {
  return LAYERS.findIndex((folders) => folders.includes(folder));
}

function mayImport(folder: string, other: string): boolean {
  if (folder === "entry") return layerOf(other) <= layerOf("threads");
  if (other === "entry") return DELIVERED.includes(folder);
  return layerOf(other) >= 0 && layerOf(other) < layerOf(folder) && !CLOSED[folder]?.includes(other);
}

describe("the layers of src/", () => {
  const files = filesBelow("src");

  it("are the folders that the plan names, and no others", () => {
    expect([...new Set(files.map(folderOf))].sort()).toEqual([...LAYERS.flat(), "entry"].sort());
  });

  it("import downwards only", () => {
    const upward: string[] = [];
    for (const file of files) {
      for (const target of importsOf(file).filter((name) => name.startsWith("src/"))) {
        const [folder, other] = [folderOf(file), folderOf(target)];
        if (folder !== other && !mayImport(folder, other)) upward.push(`${file} imports ${target}`);
      }
    }
    expect(upward).toEqual([]);
  });

  it("use packages and Node only in the folders that need them", () => {
    const strangers: string[] = [];
    for (const file of files) {
      for (const name of importsOf(file).filter((target) => !target.startsWith("src/"))) {
        if (!OUTSIDE[folderOf(file)]!.test(name)) strangers.push(`${file} imports ${name}`);
      }
    }
    expect(strangers).toEqual([]);
  });

  it("are folders that import each other in one direction, at every depth", () => {
    const circles: string[] = [];
    for (const [folder, graph] of graphsByFolder(files)) {
      const cycle = cycleIn(graph);
      if (cycle && !NOT_YET.some((name) => folder === name || folder.startsWith(`${name}/`))) {
        circles.push(`${folder}: ${cycle.join(" -> ")}`);
      }
    }
    expect(circles).toEqual([]);
  });

  it.each([["src"], ["assembly"]])("have no file in %s/ that imports itself by way of others", (top) => {
    const all = filesBelow(top);
    expect(cycleIn(new Map(all.map((file) => [file, new Set(importsOf(file))])))).toBeUndefined();
  });
});

describe("the check for circles", () => {
  it("finds folders that import each other through different files", () => {
    const graph = new Map([
      ["a", new Set(["b"])],
      ["b", new Set([".", "c"])],
      ["c", new Set(["a"])],
    ]);
    expect(cycleIn(graph)).toEqual(["a", "b", "c", "a"]);
    expect(
      cycleIn(
        new Map([
          ["a", new Set(["b", "c"])],
          ["b", new Set(["c"])],
        ]),
      ),
    ).toBeUndefined();
  });
});
