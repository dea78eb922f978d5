import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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
    const strangers = /^(src|test|scripts|build|node_modules)\/|^bench\/.*\.ts$|\.map$/;
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

  it("passes are-the-types-wrong without an exception", { timeout: PATIENCE_MS }, () => {
    const attw = join(ROOT, "node_modules/@arethetypeswrong/cli/dist/index.js");
    expect(complaintsOf(attw, [packed.tarball], packed.folder)).toBe("");
  });

  it("has the exports and typesVersions of the table of entries; npm run manifest writes them", () => {
    expect(complaintsOf(join(ROOT, "scripts/manifest.mjs"), ["--check"], ROOT)).toBe("");
  });

  it("is one package in a project that installs it, and leaves none of its packages out of its licences", () => {
    const folder = join(packed.folder, "project");
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), "{}");
    const install = ["install", "--offline", "--no-audit", "--no-fund", packed.tarball];
    execFileSync("npm", install, { cwd: folder, stdio: "pipe" });
    expect(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
      "bluesmoke",
    ]);
    const command = join(folder, "node_modules/bluesmoke/dist/cli");
    const version = execFileSync(join(folder, "node_modules/.bin/bluesmoke"), ["--version"], {
      encoding: "utf8",
    });
    expect(version).toMatch(/^\d+\.\d+\.\d+\n$/);
    const licences = readFileSync(join(command, "THIRD-PARTY-LICENSES.txt"), "utf8");
    for (const name of ["commander", "log-update", "peggy", "undici", "uplot"]) {
      expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(MIT\\)$`, "m"));
    }
    expect(licences.match(/^-{80}$/gm)?.length).toBeGreaterThan(3);
  });

  it("has a CommonJS file for every entry, which exports the names of the ES module", async () => {
    const files = Object.values(MANIFEST.exports).flatMap((target) =>
      typeof target === "object" && typeof target.require === "object" ? targetsOf(target.require) : [],
    );
    const programs = files.filter((file) => file.endsWith(".js"));
    expect(programs).toHaveLength(ENTRIES.length);
    const lines = programs.map((file) => {
      const path = join(packed.folder, "node_modules/bluesmoke", file);
      return `
        const common${programs.indexOf(file)} = Object.keys(namesOf(require("${path}")));
        const module${programs.indexOf(file)} = Object.keys(await import("${path.replace("/cjs/", "/esm/")}"));
        console.log(JSON.stringify(common${programs.indexOf(file)}.sort()) === JSON.stringify(module${programs.indexOf(file)}.sort()));`;
    });
    // An entry that is a class is the class itself in CommonJS, and its default export in an ES module.
    const names =
      'const namesOf = (module) => (typeof module === "function" ? { default: module } : module);';
    writeFileSync(join(packed.folder, "names.cjs"), `${names}(async () => {${lines.join("")}})();`);
    const said = execFileSync(process.execPath, ["names.cjs"], { cwd: packed.folder, encoding: "utf8" });
    expect(said).toBe("true\n".repeat(programs.length));
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

  it("gives the class itself where an entry stands for a package that is a class", () => {
    const program = `import { createRequire } from "node:module";
      import Imported from "bluesmoke/opossum";
      const Required = createRequire(import.meta.url)("bluesmoke/opossum");
      const answers = [Imported, Required].map((Class) => new Class(async (name) => name).fire("payments"));
      const status = Required.newStatus({ stats: { fires: 7 } });
      console.log((await Promise.all(answers)).join(), new Imported(1, { status }).stats.fires, Imported === Required);`;
    writeFileSync(join(packed.folder, "class.mjs"), program);
    const said = execFileSync(process.execPath, ["class.mjs"], { cwd: packed.folder, encoding: "utf8" });
    expect(said).toBe("payments,payments 7 false\n"); // two copies, that take each other's counts
  });

  it("types a breaker of opossum's interface the same in both kinds of modules", () => {
    const folder = join(packed.folder, "opossum");
    mkdirSync(folder);
    const body = `
      const options: CircuitBreaker.Options<[id: number]> = { timeout: 100, errorFilter: (error, id) => id > 1 };
      const breaker = new CircuitBreaker(async (id: number) => String(id), options);
      breaker.on("success", (result, latencyMs) => { const text: string = result; void (text + latencyMs); });
      breaker.on("failure", (error, latencyMs, [id]) => void (error.code + latencyMs + id));
      breaker.once("open", () => {}).fallback((id: number, error: Error) => error.message + id);
      const answer: Promise<string> = breaker.fire(7);
      const stats: CircuitBreaker.Stats = breaker.stats;
      // @ts-expect-error: an argument of the wrong type
      void breaker.call(undefined, "seven");
      void [answer, stats];\n`;
    writeFileSync(join(folder, "module.mts"), `import CircuitBreaker from "bluesmoke/opossum";${body}`);
    writeFileSync(join(folder, "common.cts"), `import CircuitBreaker = require("bluesmoke/opossum");${body}`);
    const compilerOptions = {
      module: "nodenext",
      lib: ["es2023"],
      types: ["node"],
      strict: true,
      noEmit: true,
    };
    const include = ["module.mts", "common.cts"];
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
    expect(complaintsOf(join(ROOT, "node_modules/typescript/bin/tsc"), ["-p", folder], folder)).toBe("");
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
