import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

/** The floors of src/, lowest first: a room may import from its own floor and from those below it. */
const FLOORS = [["core"], ["breaker"], ["flow"], ["trickle", "connect"], ["embed"], ["cli"]];
/** What each room may not take from below although it may from its floor: `embed` runs where there is no Node. */
const CLOSED: Record<string, readonly string[]> = { embed: ["connect"] };
/** Rooms that may take a Wasm module from `entry`; the command may take everything. */
const DELIVERED = ["embed"];
/** What each room may take from outside src/, besides the Node of `connect` and `cli`. */
const OUTSIDE: Record<string, RegExp> = {
  core: /^assembly\/layout\.ts$/,
  breaker: /^assembly\/layout\.ts$/,
  flow: /^$/,
  trickle: /^build\/grammar\.ts$/,
  connect: /^(node:.*|undici)$/,
  embed: /^$/,
  cli: /^(node:.*|commander|log-update|package\.json)$/,
  entry:
    /^(@assemblyscript\/loader|build\/(release|shared|js)\.ts|build\/release\.wasm(\?module)?|assembly\/layout\.ts|node:diagnostics_channel)$/,
};

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file));
}

/** What a file imports: paths from the root for its own, names for packages. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const statements = /^(?:import|export)\b[^"';]*?\bfrom "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm;
  const found = [...text.matchAll(statements)].map((match) => (match[1] ?? match[2] ?? match[3])!);
  return found.map((name) => (name.startsWith(".") ? normalize(join(dirname(file), name)) : name));
}

function roomOf(file: string): string {
  return relative("src", file).split("/")[0]!;
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

function mayImport(room: string, other: string): boolean {
  if (room === "cli") return true;
  if (room === "entry") return floorOf(other) <= floorOf("breaker");
  if (other === "entry") return DELIVERED.includes(room);
  return floorOf(other) >= 0 && floorOf(other) < floorOf(room) && !CLOSED[room]?.includes(other);
}

describe("the house", () => {
  const files = filesBelow("src");

  it("has only the rooms that the plan shows", () => {
    const rooms = new Set(files.map(roomOf));
    expect([...rooms].sort()).toEqual([...FLOORS.flat(), "entry"].sort());
  });

  it("imports downwards only", () => {
    const upward: string[] = [];
    for (const file of files) {
      const room = roomOf(file);
      for (const target of importsOf(file).filter((name) => name.startsWith("src/"))) {
        const other = roomOf(target);
        if (other === room) continue;
        if (!mayImport(room, other)) upward.push(`${file} imports ${target}`);
      }
    }
    expect(upward).toEqual([]);
  });

  it("keeps packages and Node in the rooms that need them", () => {
    const strangers: string[] = [];
    for (const file of files) {
      for (const name of importsOf(file).filter((target) => !target.startsWith("src/"))) {
        if (!OUTSIDE[roomOf(file)]!.test(name)) strangers.push(`${file} imports ${name}`);
      }
    }
    expect(strangers).toEqual([]);
  });

  it("has no circles", () => {
    const graph = new Map(files.map((file) => [file, importsOf(file)]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
      else if (!done.has(file)) for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });
});
