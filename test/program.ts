/** Programs of their own over the sources: for what ends a process, or needs flags of Node. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = join(import.meta.dirname, "..");
const HOOKS = pathToFileURL(join(ROOT, "test/typescript.mjs")).href;

/** How a program ended, and what it printed. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The address of a source, for an import of such a program. */
export function sourceUrl(path: string): string {
  return pathToFileURL(join(ROOT, path)).href;
}

/** Runs the text of a module. `bluesmoke` in its imports is src/entry/main.ts; `flags` are those of Node. */
export function runProgram(
  text: string,
  flags: readonly string[] = [],
  limitMs = 25_000,
): Promise<ProgramEnd> {
  const program = text.replaceAll(/"bluesmoke"/g, JSON.stringify(sourceUrl("src/entry/main.ts")));
  const parameters = [...flags, "--import", HOOKS, "--input-type=module", "--eval", program];
  return new Promise((resolve) => {
    execFile(process.execPath, parameters, { cwd: ROOT, timeout: limitMs }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === "number" ? error.code : null) : 0;
      resolve({ code, stdout: stdout.trim(), stderr });
    });
  });
}

/** What such a program printed. @throws Error with what it said when it fails. */
export async function outputOf(
  text: string,
  flags: readonly string[] = [],
  limitMs?: number,
): Promise<string> {
  const { code, stdout, stderr } = await runProgram(text, flags, limitMs);
  if (code !== 0) throw new Error(`the program ended with ${code}\n${stderr}${stdout}`);
  return stdout;
}
