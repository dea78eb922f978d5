import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ENTRIES, MANIFEST, nameOf, type Packed, pack, ROOT, targetsOf } from "./packed.ts";

const PATIENCE_MS = 60_000;

/** All that a program says; nothing when all is well. */
function complaintsOf(program: string, parameters: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...parameters], {
    cwd,
    encoding: "utf8",
  });
  return status === 0 ? "" : `exit code ${status}: ${stdout}${stderr}`;
}

describe("the package", () => {
  let packed: Packed;

  beforeAll(() => {
    packed = pack("package");
  }, PATIENCE_MS);

  it("holds every file that it exports, and nothing that only its own tests need", () => {
    const wanted = [...Object.values(MANIFEST.exports).flatMap(targetsOf), ...Object.values(MANIFEST.bin)];
    for (const target of wanted.map((path) => path.replace(/^\.\//, ""))) {
      const [before, after] = target.split("*"); // a pattern
      const isIt = (path: string) => path === target || (after !== undefined && path.startsWith(before!));
      expect(packed.paths.some(isIt), target).toBe(true);
    }
    const strangers = /^dist\/build\/debug\.|^(src|test|scripts|build|node_modules)\/|^bench\/.*\.ts$|\.map$/;
    expect(packed.paths.filter((path) => strangers.test(path))).toEqual([]);
  });

  it("has no link in its documents that leads out of it", () => {
    const documents = packed.paths.filter((path) => path.endsWith(".md"));
    expect(documents).toContain("docs/guide.md");
    const holds = (path: string) =>
      packed.paths.some((one) => one === path || one.startsWith(`${path.replace(/\/$/, "")}/`));
    const dead = documents.flatMap((document) => {
      const text = readFileSync(join(packed.folder, "node_modules/bluesmoke", document), "utf8");
      const links = [...text.matchAll(/\]\(([^)#\s]+)/g)].map((found) => found[1]!);
      const inside = links.filter((link) => !/^https?:/.test(link));
      return inside.map((link) => normalize(join(dirname(document), link))).filter((path) => !holds(path));
    });
    expect(dead).toEqual([]);
  });

  it("passes publint", () => {
    const publint = join(ROOT, "node_modules/publint/src/cli.js");
    expect(complaintsOf(publint, ["run", packed.tarball, "--strict"], packed.folder)).toBe("");
  });

  it("passes are-the-types-wrong for every resolution that its Node and TypeScript have", {
    timeout: PATIENCE_MS,
  }, () => {
    const attw = join(ROOT, "node_modules/@arethetypeswrong/cli/dist/index.js");
    // node16: leaves out `node10`, which knows no `exports` and which TypeScript 7 has no more.
    // cjs-resolves-to-esm: a require of an ES module is right on every Node of `engines` (docs/adr/0022); a test below does it.
    const parameters = [packed.tarball, "--profile", "node16", "--ignore-rules", "cjs-resolves-to-esm"];
    expect(complaintsOf(attw, parameters, packed.folder)).toBe("");
  });

  it("needs nothing that npm would correct", () => {
    const folder = join(packed.folder, "corrected");
    mkdirSync(folder);
    for (const file of ["package.json", "README.md"]) copyFileSync(join(ROOT, file), join(folder, file));
    execFileSync("npm", ["pkg", "fix"], { cwd: folder, stdio: "pipe" });
    expect(readFileSync(join(folder, "package.json"), "utf8")).toBe(
      readFileSync(join(ROOT, "package.json"), "utf8"),
    );
  });

  it("can be required by a CommonJS program, every entry of it, without a warning", () => {
    const lines = ENTRIES.map((entry) => `console.log(Object.keys(require("${nameOf(entry)}")).length > 0);`);
    writeFileSync(join(packed.folder, "program.cjs"), lines.join("\n"));
    const { stdout, stderr } = spawnSync(process.execPath, ["program.cjs"], {
      cwd: packed.folder,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(stdout).toBe("true\n".repeat(ENTRIES.length));
  });

  it("gives a CommonJS program the same classes as an ES module of it", () => {
    const program = `import { createRequire } from "node:module";
      import { CircuitBreaker } from "bluesmoke";
      const required = createRequire(import.meta.url)("bluesmoke");
      console.log(required.CircuitBreaker === CircuitBreaker, new required.CircuitBreaker("payments").state);`;
    writeFileSync(join(packed.folder, "both.mjs"), program);
    const said = execFileSync(process.execPath, ["both.mjs"], { cwd: packed.folder, encoding: "utf8" });
    expect(said).toBe("true closed\n");
  });

  it("has types for a strict program for Node that checks every declaration and knows no DOM", () => {
    expect(ENTRIES.length).toBeGreaterThan(9);
    const folder = join(packed.folder, "typed");
    mkdirSync(folder);
    const imports = ENTRIES.map((entry, n) => `export * as entry${n} from "${nameOf(entry)}";\n`);
    const requires = ENTRIES.map(
      (entry, n) => `import entry${n} = require("${nameOf(entry)}");\nvoid entry${n};\n`,
    );
    writeFileSync(join(folder, "entries.mts"), imports.join(""));
    writeFileSync(join(folder, "entries.cts"), requires.join(""));
    const compilerOptions = {
      module: "nodenext",
      lib: ["es2023"],
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    const include = ["entries.mts", "entries.cts"];
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
    expect(complaintsOf(join(ROOT, "node_modules/typescript/bin/tsc"), ["-p", folder], folder)).toBe("");
  });
});
