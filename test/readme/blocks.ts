/** Code in Markdown: found, compiled as strictly as everything else, and run. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** The fenced blocks of a language, in their order. */
export function blocksOf(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(
    (match) => match[1]!,
  );
}

/** Rows of the table whose header starts with `first`, cells without backticks. */
export function tableOf(markdown: string, first: string): string[][] {
  const start = markdown.indexOf(`\n| ${first} |`) + 1;
  const rows = markdown.slice(start, markdown.indexOf("\n\n", start)).split("\n").slice(2);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", "")),
  );
}

/** Compiles programs and runs them, one after the other; throws what the compiler or a program says. */
export async function runPrograms(name: string, programs: readonly string[]): Promise<void> {
  const folder = join(ROOT, "build", name);
  mkdirSync(folder, { recursive: true });
  const files = programs.map((program, n) => {
    const file = join(folder, `block-${n}.ts`);
    writeFileSync(file, `${program.replace('"bluesmoke"', '"../../src/entry/main.ts"')}\nexport {};\n`);
    return file;
  });
  const config = {
    extends: "../../tsconfig.json",
    compilerOptions: { noUnusedLocals: false },
    include: ["*.ts"],
    exclude: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder], {
    stdio: "pipe",
  });
  for (const file of files) await import(/* @vite-ignore */ file);
}
