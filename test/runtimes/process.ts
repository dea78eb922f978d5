/** Other programs: started, given something to read, and listened to until they end. */
import { spawn } from "node:child_process";

/** How to start a program. */
export interface StartOptions {
  /** Where; default: here. */
  readonly folder?: string;
  /** What it reads on stdin; default: nothing. */
  readonly input?: string;
  /** ms after which it is killed; default: 30,000. */
  readonly limitMs?: number;
  /** Variables of its environment besides ours. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Runs a program to its end; gives what it wrote to stdout. @throws Error with what it said when it fails. */
export function start(
  program: string,
  parameters: readonly string[],
  options: StartOptions = {},
): Promise<string> {
  const { folder, input = "", limitMs = 30_000, variables } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { cwd: folder, env: { ...process.env, ...variables } });
    const said = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said.out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said.err += text;
    });
    const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
    child.once("error", (error) => {
      clearTimeout(limit);
      reject(error);
    });
    child.once("close", (code, signal) => {
      clearTimeout(limit);
      if (code === 0) resolve(said.out);
      else reject(new Error(`${program} ended with ${code ?? signal}\n${said.err}${said.out}`));
    });
    child.stdin.on("error", () => {}); // it may end without reading
    child.stdin.end(input);
  });
}
