import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./packed.ts";

const CONTRIBUTING = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");

/** Folders that tools make and git ignores. */
const MADE = /^(?:build|dist|node_modules|coverage)$/;

/** The first words of the lines of the map. */
function mapped(): string[] {
  const text = CONTRIBUTING.slice(CONTRIBUTING.indexOf("## Where a thing lives"));
  const [, map] = /^```text\n(.*?)^```$/ms.exec(text)!; // the first test would fail without it
  return map!.split("\n").flatMap((line) => /^\S+\//.exec(line) ?? []);
}

function foldersOf(path: string): string[] {
  const entries = readdirSync(join(ROOT, path), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

describe("the map in CONTRIBUTING.md", () => {
  it("shows every folder at the top and every module of src/, and no other", () => {
    const top = foldersOf(".").filter((name) => !name.startsWith(".") && !MADE.test(name) && name !== "src");
    const modules = foldersOf("src").map((name) => `src/${name}`);
    expect(mapped().sort()).toEqual([...top, ...modules].map((name) => `${name}/`).sort());
  });

  it("says what else it names: folders, files and commands that there are", () => {
    const paths = [...CONTRIBUTING.matchAll(/`((?:[\w.-]+\/)+[\w.-]*)`/g)].map((found) => found[1]!);
    expect(paths.length).toBeGreaterThan(3);
    const tracked = (path: string) => existsSync(join(ROOT, path)) || isIgnored(path);
    expect(paths.filter((path) => !tracked(path))).toEqual([]);
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object };
    for (const [, script] of CONTRIBUTING.matchAll(/npm run (\w+)/g)) expect(scripts).toHaveProperty(script!);
  });
});

/** A folder that a command makes. */
function isIgnored(path: string): boolean {
  try {
    execFileSync("git", ["check-ignore", "-q", path], { cwd: ROOT, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
