/** The declarations of the entries: dist/types, and a copy in CommonJS scope. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { DEFAULT_ENTRIES, outputs } from "../entries.mjs";
import { DISPOSABLE, forOlderCompilers } from "./older.mjs";
import { ROOT } from "./root.mjs";

const FOLDER = join(ROOT, "dist/types");

/** Builds dist/types and dist/cjs/types. */
export function buildTypes() {
  execFileSync(
    process.execPath,
    [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"],
    {
      cwd: ROOT,
      stdio: "inherit",
    },
  );
  prune();
  rewrite();
  const common = join(ROOT, "dist/cjs/types");
  cpSync(FOLDER, common, { recursive: true });
  for (const { source } of outputs().filter(({ subpath }) => DEFAULT_ENTRIES.includes(subpath))) {
    const path = join(common, source.replace(/\.ts$/, ".d.ts"));
    writeFileSync(path, exportAssignmentOf(readFileSync(path, "utf8")));
  }
}

/** `export { Name as default } from "path"` in the words of CommonJS; the types are members of the name there. */
function exportAssignmentOf(text) {
  const [, name, path] = /export \{ (\w+) as default \} from ("[^"]+");/.exec(text) ?? [];
  if (name === undefined) throw new Error("a default entry has no default export");
  return `import { ${name} } from ${path};\nexport = ${name};\n`;
}

/** Removes declarations that no entry reaches. */
function prune() {
  const found = new Set(outputs().map(({ source }) => join(FOLDER, source.replace(/\.ts$/, ".d.ts"))));
  for (const file of found) for (const imported of importsOf(file)) found.add(imported);
  for (const file of readdirSync(FOLDER, { recursive: true, encoding: "utf8" })) {
    const path = join(FOLDER, file);
    if (path.endsWith(".d.ts") && !found.has(path)) rmSync(path);
  }
  removeEmpty(FOLDER);
}

function rewrite() {
  writeFileSync(join(FOLDER, "disposable.d.ts"), DISPOSABLE);
  for (const file of readdirSync(FOLDER, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".d.ts")) continue;
    const path = join(FOLDER, file);
    const disposable = relative(dirname(path), join(FOLDER, "disposable.d.ts")).replaceAll("\\", "/");
    writeFileSync(path, forOlderCompilers(readFileSync(path, "utf8"), disposable));
  }
}

function importsOf(file) {
  const specifiers = [...readFileSync(file, "utf8").matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)];
  return specifiers.map(([, specifier]) => {
    const path = join(dirname(file), specifier.replace(/\.(js|ts)$/, ".d.ts"));
    if (!existsSync(path))
      throw new Error(`${relative(ROOT, file)} imports ${specifier}, which has no declaration`);
    return path;
  });
}

function removeEmpty(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) removeEmpty(join(folder, entry.name));
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}
