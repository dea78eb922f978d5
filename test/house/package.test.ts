import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

/** A target of `exports`: a file, or targets by condition. */
type Target = string | { readonly [condition: string]: Target };

const { exports: entries, bin } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly exports: Readonly<Record<string, Target>>;
  readonly bin: Readonly<Record<string, string>>;
};

function targetsOf(target: Target): string[] {
  return typeof target === "string" ? [target] : Object.values(target).flatMap(targetsOf);
}

describe("the package", () => {
  it("holds every file that it exports, and nothing that only its own tests need", () => {
    const parameters = ["pack", "--dry-run", "--json", "--ignore-scripts"];
    const answer = execFileSync("npm", parameters, { cwd: ROOT, encoding: "utf8", stdio: "pipe" });
    const [{ files }] = JSON.parse(answer) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    const wanted = [...Object.values(entries).flatMap(targetsOf), ...Object.values(bin)];
    for (const target of wanted.map((path) => path.replace(/^\.\//, ""))) {
      const [before, after] = target.split("*"); // a pattern
      const isIt = (path: string) => path === target || (after !== undefined && path.startsWith(before!));
      expect(paths.some(isIt), target).toBe(true);
    }
    expect(
      paths.filter((path) => /^dist\/build\/debug\.|^(src|test|bench|node_modules)\//.test(path)),
    ).toEqual([]);
  });

  it("has types for a strict program for Node that checks every declaration and knows no DOM", () => {
    const folder = join(ROOT, "build", "package");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const names = Object.keys(entries).filter((entry) => !/\.json$|\*$/.test(entry));
    expect(names.length).toBeGreaterThan(9);
    const lines = names.map((entry, n) => `export * as entry${n} from "bluesmoke${entry.slice(1)}";\n`);
    writeFileSync(join(folder, "entries.mts"), lines.join(""));
    const compilerOptions = {
      module: "nodenext",
      lib: ["es2023"],
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, include: ["entries.mts"] }),
    );
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const complain = () => {
      try {
        return execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    };
    expect(complain()).toBe("");
  });
});
