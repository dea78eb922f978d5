/** Temporary projects of users: the package as it is packed, in the node_modules of this folder, and files of their own. */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where the tools are installed. */
export const FOLDER = import.meta.dirname;

const PROJECTS = join(FOLDER, "../../build/consumers");

/** What a program has written, and its exit code. */
export interface Ending {
  readonly code: number | null;
  readonly output: string;
}

/** A project on the disk. */
export interface Project {
  readonly folder: string;
  /** Runs a script of an installed package, such as `jest/bin/jest.js`, or a file of the project. */
  run(script: string, ...parameters: readonly string[]): Promise<Ending>;
}

/** Names under which a program imports the entries of the installed package, such as `bluesmoke/flow`. */
export function entryNames(): string[] {
  const text = readFileSync(join(FOLDER, "node_modules/bluesmoke/package.json"), "utf8");
  const { exports } = JSON.parse(text) as { readonly exports: object };
  return Object.keys(exports)
    .filter((subpath) => !/\*|\.json$/.test(subpath))
    .map((subpath) => `bluesmoke${subpath.slice(1)}`);
}

/** Makes a project of those files, anew; package.json has neither a `type` nor a dependency unless it is among them. */
export function createProject(name: string, files: Readonly<Record<string, string>>): Project {
  const folder = join(PROJECTS, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(FOLDER, "node_modules"), join(folder, "node_modules"), "junction");
  for (const [path, text] of Object.entries({ "package.json": "{}", ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const run = (script: string, ...parameters: readonly string[]) => start(folder, [script, ...parameters]);
  return { folder, run };
}

/** Starts Node in a folder; `parameters` may begin with options of Node. */
export function start(
  folder: string,
  parameters: readonly string[],
  program = process.execPath,
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const add = (text: string): void => {
      output += text;
    };
    child.stdout.setEncoding("utf8").on("data", add);
    child.stderr.setEncoding("utf8").on("data", add);
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}
