/** InfluxDB itself (Debian's package `influxdb`, version 1), on loopback, in a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How long a start may take, in ms: a busy machine is slow. */
const START_MS = 60_000;

/** Whether the program is installed. */
export function hasInflux(): boolean {
  return spawnSync("influxd", ["version"]).error === undefined;
}

export class Influxd {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, url: string) {
    this.#child = child;
    this.#folder = folder;
    this.url = url;
  }

  /** Starts one with the database `test`. */
  static async start(): Promise<Influxd> {
    const folder = mkdtempSync(join(tmpdir(), "bluesmoke-influx-"));
    const [http, rpc] = [await freePort(), await freePort()];
    writeFileSync(join(folder, "influxdb.conf"), configOf(folder, http, rpc));
    const child = spawn("influxd", ["-config", join(folder, "influxdb.conf")], { stdio: "ignore" });
    const influxd = new Influxd(child, folder, `http://127.0.0.1:${http}`);
    try {
      await influxd.#untilReady();
      await influxd.query("CREATE DATABASE test");
    } catch (error) {
      await influxd.stop();
      throw error;
    }
    return influxd;
  }

  /** Rows of a query, each an object of its columns. @throws Error for a query that is wrong */
  async query(q: string): Promise<Record<string, unknown>[]> {
    const parameters = new URLSearchParams({ db: "test", epoch: "ns", q });
    const response = await fetch(`${this.url}/query?${parameters}`, { method: "POST" });
    const { results, error } = (await response.json()) as Answer;
    const failed = error ?? results?.[0]?.error;
    if (failed !== undefined) throw new Error(failed);
    const { columns = [], values = [] } = results?.[0]?.series?.[0] ?? {};
    return values.map((row) => Object.fromEntries(row.map((value, at) => [columns[at] ?? "", value])));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = new Promise((resolve) => this.#child.once("exit", resolve));
      this.#child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #untilReady(): Promise<void> {
    const endMs = performance.now() + START_MS;
    for (;;) {
      const isReady = await fetch(`${this.url}/ping`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) return;
      if (performance.now() > endMs) throw new Error(`influxd is not ready after ${START_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

interface Answer {
  readonly error?: string;
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly columns: readonly string[]; readonly values: unknown[][] }[];
  }[];
}

function configOf(folder: string, http: number, rpc: number): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${http}"
  log-enabled = false
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
