/** The programs of the benchmark. */
import { spawn } from "node:child_process";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../../bench");
/** A short run takes some seconds; on a busy machine more. */
export const PATIENCE_MS = 240_000;

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the benchmark. */
export function bench(...options: string[]): Promise<Run> {
  return runProgram("run.mjs", options);
}

/** Compares two builds. */
export function compareBuilds(...options: string[]): Promise<Run> {
  return runProgram("compare-builds.mjs", options);
}

function runProgram(name: string, options: readonly string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(FOLDER, name), ...options], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
