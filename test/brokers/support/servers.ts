/** Servers of Debian's packages on loopback, each in a folder of its own; the test that starts one ends it. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether a program of Debian is installed. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"]).error === undefined;
}

/** A free port of loopback. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Asks again until the answer is not false. @throws Error when that takes too long */
export async function until(what: string, ask: () => unknown, patienceMs = 15_000): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!(await ask())) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${patienceMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", done(true)).once("error", done(false));
  });
}

/** One server, which can be killed, stopped and started again. */
export class Server {
  readonly port: number;
  readonly folder: string;
  readonly #command: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, folder: string, command: readonly string[]) {
    this.port = port;
    this.folder = folder;
    this.#command = command;
  }

  /** `command` gets the port and the folder of its data. */
  static async start(command: (port: number, folder: string) => readonly string[]): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), "bluesmoke-server-"));
    const port = await freePort();
    const server = new Server(port, folder, command(port, folder));
    await server.start();
    return server;
  }

  /** On the same port, with the data that is left. */
  async start(): Promise<void> {
    const [program, ...parameters] = this.#command;
    this.#child = spawn(program!, parameters, { stdio: "ignore" });
    await until(`${program} on port ${this.port}`, () => isListening(this.port));
  }

  /** `SIGSTOP`: it hangs; `SIGCONT`: it goes on. */
  signal(name: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(name);
  }

  /** Ends it at once; its data stays. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  /** Ends it and removes its data. */
  async end(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Redis; `appendonly`: what was acknowledged survives `kill`. */
export function startRedis(appendonly = false): Promise<Server> {
  return Server.start((port, dir) => [
    "redis-server",
    ...["--port", `${port}`, "--bind", "127.0.0.1", "--dir", dir, "--save", ""],
    ...["--appendonly", appendonly ? "yes" : "no", "--appendfsync", "always"],
  ]);
}

/** NATS with JetStream. */
export function startNats(): Promise<Server> {
  return Server.start((port, dir) => ["nats-server", "-js", "-a", "127.0.0.1", "-p", `${port}`, "-sd", dir]);
}
