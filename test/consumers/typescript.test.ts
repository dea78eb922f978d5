import { describe, expect, it } from "vitest";
import { DEFAULT_ENTRIES } from "../../scripts/entries.mjs";
import { createProject, entryNames } from "./project.ts";

/** Compilers, by the name under which they are installed. */
const COMPILERS = {
  "5.0": "typescript50",
  "5.4": "typescript54",
  "5.9": "typescript",
  "7": "typescript7",
} as const;

type Version = keyof typeof COMPILERS;

const VERSIONS = Object.keys(COMPILERS) as Version[];
/** The oldest and the newest. */
const EDGES = ["5.0", "7"] as const;
/** TypeScript 7 has no `node10`. */
const WITH_NODE10 = VERSIONS.filter((version) => version !== "7");

const PROGRAM = `
import { CircuitBreaker, CircuitBreakerRegistry, isCircuitOpenError, type CircuitBreakerOptions } from "bluesmoke";
import { manualClock } from "bluesmoke/testing";

const options: CircuitBreakerOptions = { detector: { kind: "consecutive_failures", failures: 1 } };
const breaker: CircuitBreaker = new CircuitBreakerRegistry({ clock: manualClock() }).get("mail", options);
breaker.on("opened", ({ endpoint }) => console.log(endpoint));
const down = async (): Promise<number> => { throw new Error("down"); };
breaker.execute(down).catch(() => breaker.execute(async () => 1).catch((error: unknown) => console.log(isCircuitOpenError(error))));
`;

/** Imports all of an entry. In CommonJS an entry that is a class has no names beside it. */
function importOf(entry: string, name: string, manifest: { readonly type?: string }): string {
  const isClass = DEFAULT_ENTRIES.includes(entry.replace("bluesmoke", "."));
  if (!isClass || manifest.type === "module") return `export * as ${name} from "${entry}";\n`;
  return `import ${name} = require("${entry}");\nvoid ${name};\n`;
}

/** A strict project that checks every declaration it reads. */
function projectOf(name: string, compilerOptions: object, manifest: { readonly type?: string }) {
  const entries = entryNames().map((entry, n) => importOf(entry, `entry${n}`, manifest));
  const strict = {
    target: "es2022",
    lib: ["es2022"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    outDir: "out",
  };
  return createProject(name, {
    "package.json": JSON.stringify(manifest),
    "tsconfig.json": JSON.stringify({
      compilerOptions: { ...strict, ...compilerOptions },
      files: ["program.ts", "entries.ts"],
    }),
    "program.ts": PROGRAM,
    "entries.ts": entries.join(""),
  });
}

/** Compiles a project and runs it. */
async function compileAndRun(name: string, version: Version, compilerOptions: object, manifest: object = {}) {
  const project = projectOf(`${name}-${version}`, compilerOptions, manifest);
  const compiled = await project.run(`node_modules/${COMPILERS[version]}/bin/tsc`, "-p", ".");
  expect(compiled).toEqual({ code: 0, output: "" });
  expect(await project.run("out/program.js")).toEqual({ code: 0, output: "mail\ntrue\n" });
  expect(await project.run("out/entries.js")).toEqual({ code: 0, output: "" });
}

describe("a strict program that checks every declaration", () => {
  it.each(VERSIONS)("is compiled to CommonJS under `module: node16` by TypeScript %s", (version) =>
    compileAndRun("node16", version, { module: "node16" }),
  );

  it.each(EDGES)("is compiled to ES modules under `module: node16` by TypeScript %s", (version) =>
    compileAndRun("node16-esm", version, { module: "node16" }, { type: "module" }),
  );

  it.each(EDGES)("is compiled to CommonJS under `module: nodenext` by TypeScript %s", (version) =>
    compileAndRun("nodenext", version, { module: "nodenext" }),
  );

  it.each(WITH_NODE10)("is compiled under `moduleResolution: node10` by TypeScript %s", (version) =>
    compileAndRun("node10", version, { module: "commonjs", moduleResolution: "node10" }),
  );

  it.each(EDGES)("is compiled under `moduleResolution: bundler` by TypeScript %s", (version) =>
    compileAndRun("bundler", version, { module: "esnext", moduleResolution: "bundler" }, { type: "module" }),
  );
});
