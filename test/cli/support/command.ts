/** The built command as a child process. */
import {
  type ChildProcessWithoutNullStreams,
  type SpawnOptionsWithoutStdio,
  spawn,
} from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export const MAIN = join(import.meta.dirname, "../../../dist/cli/main.js");

/** How a command ended. */
export interface Ended {
  /** null: a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs; it is killed when the test ends. */
export class Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** When it has ended, and everything it wrote has arrived. */
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";

  constructor(args: readonly string[], program: string, options: SpawnOptionsWithoutStdio = {}) {
    this.child = spawn(program, args, options);
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    // A command that ends early leaves nobody to read its stdin.
    this.child.stdin.on("error", () => {});
    this.ended = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("close", (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
    onTestFinished(() => {
      this.child.kill("SIGKILL");
    });
  }

  /** Writes events to its stdin, a line for each. */
  feed(events: readonly unknown[]): void {
    this.child.stdin.write(ndjson(events));
  }
}

export function start(...args: readonly string[]): Running {
  return new Running([MAIN, ...args], process.execPath);
}

/** In that working directory, with more variables in its environment. */
export function startIn(
  cwd: string,
  variables: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Running {
  return new Running([MAIN, ...args], process.execPath, { cwd, env: { ...process.env, ...variables } });
}

/** Runs it to its end, without an input. */
export function bluesmoke(...args: readonly string[]): Promise<Ended> {
  return bluesmokeOn("", ...args);
}

/** Runs it to its end with `input` on stdin. */
export async function bluesmokeOn(input: string | Buffer, ...args: readonly string[]): Promise<Ended> {
  const running = start(...args);
  running.child.stdin.end(input);
  return running.ended;
}

export function ndjson(events: readonly unknown[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

/** The values of lines of JSON. */
export function parsed(text: string): unknown[] {
  return text
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** `{ id: from }` and the next ones. */
export function numbered(count: number, from = 0): { id: number }[] {
  return Array.from({ length: count }, (_, i) => ({ id: from + i }));
}
