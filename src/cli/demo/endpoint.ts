/** The demo's server as the command sees it. It runs in a thread, so that neither slows the other down. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { PhaseCount } from "./flaky.ts";
import type { Phase, Scenario } from "./scenario.ts";
import type { ServerCommand, ServerMessage } from "./worker.ts";

export class Endpoint {
  readonly url: string;
  readonly #worker: Worker;

  private constructor(worker: Worker, port: number) {
    this.#worker = worker;
    this.url = `http://127.0.0.1:${port}/`;
  }

  /** @param onPhase called when a phase begins. */
  static async open(scenario: Scenario, onPhase: (phase: Phase) => void): Promise<Endpoint> {
    const worker = new Worker(workerFile(), { workerData: scenario });
    worker.on("message", (message: ServerMessage) => {
      const phase = message.kind === "phase" ? scenario[message.index] : undefined;
      if (phase !== undefined) onPhase(phase);
    });
    const { port } = await nextMessage(worker, "listening");
    return new Endpoint(worker, port);
  }

  /** The first phase begins. */
  begin(): void {
    this.#send("begin");
  }

  /** What the server had to bear so far, by phase. */
  async counts(): Promise<readonly PhaseCount[]> {
    const message = nextMessage(this.#worker, "counts");
    this.#send("count");
    return (await message).counts;
  }

  async close(): Promise<void> {
    const exit = once(this.#worker, "exit");
    this.#send("close");
    await exit;
  }

  #send(order: ServerCommand): void {
    this.#worker.postMessage(order);
  }
}

/** The next message of that kind. Rejects when the thread ends with an error. */
function nextMessage<Kind extends ServerMessage["kind"]>(
  worker: Worker,
  kind: Kind,
): Promise<Extract<ServerMessage, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    const listen = (message: ServerMessage): void => {
      if (message.kind !== kind) return;
      worker.off("message", listen);
      worker.off("error", reject);
      resolve(message as Extract<ServerMessage, { kind: Kind }>);
    };
    worker.on("message", listen);
    worker.on("error", reject);
  });
}

/** Beside this file, in the sources and in what is built of them. */
function workerFile(): URL {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./worker.${ending}`, import.meta.url);
}
