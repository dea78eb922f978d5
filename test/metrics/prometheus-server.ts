/** Prometheus itself, on loopback, in a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Programs of Debian's package `prometheus`. */
export const TOOLS = ["prometheus", "promtool"];

/** A series of a result with its labels. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Its latest value. */
  readonly value: number;
}

/** An alert that is pending or firing. */
export interface Alert {
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Tools that are not installed. */
export function missingTools(): string[] {
  return TOOLS.filter((tool) => spawnSync(tool, ["--version"]).error !== undefined);
}

/** What promtool says about a text. */
export function promtool(parameters: readonly string[], input = ""): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync("promtool", parameters, { input, encoding: "utf8" });
  return { code: status, said: stdout + stderr };
}

/** Ends a process and waits until it has ended. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

/** Asks again until there is an answer that is none of undefined, false, or empty. @throws Error when that takes too long */
export async function until<T>(what: string, ask: () => Promise<T>, patienceMs = 20_000): Promise<T> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (Array.isArray(answer) ? answer.length > 0 : answer) return answer as T;
    if (performance.now() > endMs)
      throw new Error(`${what}: not within ${patienceMs} ms, ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A running Prometheus. */
export class PrometheusServer {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #url: string;

  private constructor(child: ChildProcess, folder: string, url: string) {
    this.#child = child;
    this.#folder = folder;
    this.#url = url;
  }

  /** Starts one that scrapes `target` every 100 ms and evaluates `rules`, a YAML text, as often. */
  static async start(target: string, rules: string): Promise<PrometheusServer> {
    const folder = mkdtempSync(join(tmpdir(), "bluesmoke-prometheus-"));
    writeFileSync(join(folder, "rules.yml"), rules);
    const config = {
      global: { scrape_interval: "100ms", scrape_timeout: "100ms", evaluation_interval: "100ms" },
      scrape_configs: [{ job_name: "shop", static_configs: [{ targets: [target] }] }],
      rule_files: ["rules.yml"],
    };
    writeFileSync(join(folder, "prometheus.yml"), JSON.stringify(config)); // JSON is YAML
    const port = await freePort();
    const child = spawn(
      "prometheus",
      [
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--log.level=error",
      ],
      { cwd: folder, stdio: "ignore" },
    );
    const server = new PrometheusServer(child, folder, `http://127.0.0.1:${port}`);
    try {
      await until("Prometheus is ready", async () => (await fetch(`${server.#url}/-/ready`)).ok);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** The result of an expression now. @throws Error when it is wrong */
  async query(expression: string): Promise<Series[]> {
    const { result } = (await this.#get("query", { query: expression })) as {
      result: { metric: Record<string, string>; value: [number, string] }[];
    };
    return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /** Why the target could not be read; "": it can be. */
  async scrapeError(): Promise<string> {
    const { activeTargets } = (await this.#get("targets", {})) as { activeTargets: { lastError: string }[] };
    return activeTargets[0]!.lastError; // it scrapes one
  }

  /** Alerts that are pending or firing. */
  async alerts(): Promise<Alert[]> {
    return ((await this.#get("alerts", {})) as { alerts: Alert[] }).alerts;
  }

  async stop(): Promise<void> {
    await end(this.#child);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #get(path: string, parameters: Record<string, string>): Promise<unknown> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { data, error } = (await response.json()) as { data?: unknown; error?: string };
    if (error !== undefined) throw new Error(`${parameters.query ?? path}: ${error}`);
    return data;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
