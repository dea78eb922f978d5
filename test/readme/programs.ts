/** Programs in Markdown, as a reader would copy them. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** Blocks of a language. */
export function blocksOf(markdown: string, language: string): string[] {
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms");
  return [...markdown.matchAll(block)].map((match) => match[1]!);
}

/** Writes programs into a folder of build/ and compiles them against the sources; returns their files. */
export function compileAll(name: string, programs: readonly string[]): string[] {
  const folder = join(ROOT, "build", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = programs.map((program, n) => {
    const file = join(folder, `block-${n}.ts`);
    writeFileSync(file, `${toSources(program)}\nexport {};\n`);
    return file;
  });
  const config = {
    extends: "../../tsconfig.json",
    compilerOptions: { noUnusedLocals: false },
    include: ["*.ts"],
    exclude: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(`programs of ${name} do not compile\n${stdout}`);
  return files;
}

/**
 * What programs for Node print, each in a process of its own, in a folder of build/: the built package is found there by its
 * name, and what is installed in `packages`, a node_modules.
 */
export function outputsOf(name: string, programs: readonly string[], packages?: string): string[] {
  const folder = join(ROOT, "build", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (packages !== undefined) symlinkSync(packages, join(folder, "node_modules"));
  return programs.map((program, n) => {
    writeFileSync(join(folder, `${n}.mjs`), program);
    return execFileSync(process.execPath, [`${n}.mjs`], { cwd: folder, encoding: "utf8", timeout: 20_000 });
  });
}

function toSources(program: string): string {
  return program
    .replaceAll(/"bluesmoke(\/js)?"/g, '"../../src/entry/main.ts"')
    .replaceAll(
      /"bluesmoke\/(auto|dashboard|diagnostics|fleet|latency|metrics|testing|threads)"/g,
      '"../../src/entry/$1.ts"',
    );
}
