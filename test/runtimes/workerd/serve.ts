/** workerd, serving one worker on loopback. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { EXECUTABLES } from "../catalog.ts";

const START_LIMIT_MS = 20_000;

/** A worker that is served. */
export interface Served {
  /** Of requests to it, without a slash at the end. */
  readonly origin: string;
  /** What workerd has logged so far: warnings and uncaught errors. */
  readonly log: () => string;
  /** Resolves when workerd has ended. */
  stop(): Promise<void>;
}

/** Starts workerd with that configuration. @throws Error with what it said when it does not listen. */
export async function serve(config: string): Promise<Served> {
  const control = 3; // the first file descriptor after those that every process has
  const child = spawn(EXECUTABLES.workerd(), ["serve", "--verbose", config, `--control-fd=${control}`], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGKILL"); // it waits for connections that are kept alive
    await ended;
  };
  try {
    const port = await portFrom(child.stdio[control] as Readable, ended);
    return { origin: `http://127.0.0.1:${port}`, log: () => said, stop };
  } catch (error) {
    await stop();
    throw new Error(`workerd does not listen: ${said}`, { cause: error });
  }
}

/** Where it listens: workerd says so in lines of JSON. */
async function portFrom(control: Readable, ended: Promise<unknown>): Promise<number> {
  const signal = AbortSignal.timeout(START_LIMIT_MS);
  let text = "";
  while (!signal.aborted) {
    const got = await Promise.race([
      once(control, "data", { signal }),
      ended.then(() => Promise.reject(new Error("it has ended"))),
    ]);
    text += String(got[0]);
    const found = /"event":"listen"[^\n]*"port":(\d+)/.exec(text);
    if (found) return Number(found[1]);
  }
  throw new Error(`no port in ${START_LIMIT_MS} ms`);
}
