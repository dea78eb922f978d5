/** Installs what stands in package.json here, when it is not there yet: the runtimes are 800 MB, and few need them. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Where the runtimes are installed. */
export const FOLDER = import.meta.dirname;

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
}

/** Installs the runtimes that are missing. `folder`: where this file stands before it is compiled. @throws Error when npm fails. */
export function installRuntimes(folder = FOLDER): Promise<void> {
  return installMissing(folder, "about 800 MB");
}

/** Installs what package.json of a folder names and its node_modules lacks; says so. @throws Error when npm fails. */
export async function installMissing(folder: string, size: string): Promise<void> {
  const missing = missingPackages(folder);
  const name = `test/${basename(folder)}`;
  if (missing.length === 0) return;
  console.log(`${name}: installing ${missing.join(", ")} (${size}, once)`);
  const startedMs = performance.now();
  const code = await npm(folder, "ci", "--no-audit", "--no-fund", "--loglevel=error", "--progress=true");
  if (code !== 0) throw new Error(`npm ci in ${name} ended with ${code}`);
  console.log(`${name}: installed in ${Math.round((performance.now() - startedMs) / 1_000)} s`);
}

/** Packages that are not there in the version that the lock file names. */
function missingPackages(folder: string): string[] {
  const read = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), "utf8"));
  const { dependencies } = read("package.json") as { dependencies: Readonly<Record<string, string>> };
  const { packages } = read("package-lock.json") as Lock;
  return Object.keys(dependencies).filter((name) => {
    const manifest = join("node_modules", name, "package.json");
    if (!existsSync(join(folder, manifest))) return true;
    return (read(manifest) as { version: string }).version !== packages[`node_modules/${name}`]?.version;
  });
}

/** Runs npm in a folder, its output shown; the code that it ends with. */
function npm(folder: string, ...parameters: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", parameters, {
      cwd: folder,
      stdio: ["ignore", "inherit", "inherit"],
      shell: process.platform === "win32", // npm is a script there
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? (signal === null ? 0 : 1)));
  });
}
