/** Scripts of this folder, run inside a runtime that is a program. */
import { join } from "node:path";
import { EXECUTABLES } from "./catalog.ts";
import { FOLDER } from "./installer.ts";
import { type StartOptions, start } from "./process.ts";

/** The programs that run a script by its path. */
export type ScriptRuntime = "node" | "node22" | "node24" | "deno" | "bun";

/** What comes before the path of the script. Deno's permissions are exactly what the library's tests need. */
const PARAMETERS: Readonly<Record<ScriptRuntime, readonly string[]>> = {
  node: [],
  node22: [],
  node24: [],
  deno: ["run", "--quiet", "--no-prompt", "--cached-only", "--allow-read"],
  bun: ["run"],
};

/** Besides what a program may have. */
export interface ScriptOptions extends StartOptions {
  /** Parameters of the runtime itself, such as `--conditions=browser`. */
  readonly flags?: readonly string[];
}

/** Runs a script, a path in this folder, until the runtime has ended by itself; gives the lines that it wrote. */
export async function runScript(
  name: ScriptRuntime,
  script: string,
  { flags = [], ...options }: ScriptOptions = {},
): Promise<string[]> {
  const parameters = [...PARAMETERS[name], ...flags, join(FOLDER, script)];
  return (await start(EXECUTABLES[name](), parameters, options)).trimEnd().split("\n");
}

/** What a script says, as JSON, in its last line. */
export async function askScript<T>(name: ScriptRuntime, script: string, options?: ScriptOptions): Promise<T> {
  return JSON.parse((await runScript(name, script, options)).at(-1) ?? "") as T;
}
