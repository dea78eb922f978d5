/** The demo's server as the command sees it. It runs in a thread, so that neither slows the other down. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { PhaseCount } from "./flaky.ts";
import type { Phase, Scenario } from "./scenario.ts";
import type { News, Order } from "./worker.ts";

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
    worker.on("message", (news: News) => {
      const phase = news.kind === "phase" ? scenario[news.index] : undefined;
      if (phase !== undefined) onPhase(phase);
    });
    const { port } = await newsOf(worker, "listening");
    return new Endpoint(worker, port);
  }

  /** The first phase begins. */
  begin(): void {
    this.#order("begin");
  }

  /** What the server had to bear so far, by phase. */
  async counts(): Promise<readonly PhaseCount[]> {
    const news = newsOf(this.#worker, "counts");
    this.#order("count");
    return (await news).counts;
  }

  async close(): Promise<void> {
    const exit = once(this.#worker, "exit");
    this.#order("close");
    await exit;
  }

  #order(order: Order): void {
    this.#worker.postMessage(order);
  }
}

/** The next news of that kind. Rejects when the thread ends with an error. */
function newsOf<Kind extends News["kind"]>(
  worker: Worker,
  kind: Kind,
): Promise<Extract<News, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    const listen = (news: News): void => {
      if (news.kind !== kind) return;
      worker.off("message", listen);
      worker.off("error", reject);
      resolve(news as Extract<News, { kind: Kind }>);
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
