/** Threads that score options. */
import { Worker } from "node:worker_threads";
import type { CircuitBreakerOptions } from "../../breaker/options.ts";
import type { Score } from "../../replay/tune/evaluate.ts";
import type { TuneReply, TuneRequest, TuneWork } from "./tune-worker.ts";

/** Options that a thread gets at once: few, so that all end together. An exact score takes long. */
const CHUNK = { runs: 4, seen: 1, unseen: 1 };

interface Task {
  readonly by: TuneRequest["by"];
  readonly options: readonly CircuitBreakerOptions[];
  resolve(scores: readonly Score[]): void;
  reject(error: unknown): void;
}

/** Give it back by `close`. */
export class ScorePool {
  readonly #workers: readonly Worker[];
  readonly #idle: Worker[];
  readonly #waiting: Task[] = [];
  readonly #running = new Map<Worker, Task>();
  #id = 0;

  constructor(work: TuneWork, threads: number) {
    const parts = Object.entries(work.parts).map(([part, trace]) => [part, sharedColumns(trace)]);
    const shared = { ...work, runs: sharedColumns(work.runs), parts: Object.fromEntries(parts) };
    this.#workers = Array.from({ length: threads }, () => this.#start(shared));
    this.#idle = [...this.#workers];
  }

  /** Scores in the order of the options. */
  async scoreAll(
    by: TuneRequest["by"],
    options: readonly CircuitBreakerOptions[],
  ): Promise<readonly Score[]> {
    const parts: Promise<readonly Score[]>[] = [];
    for (let at = 0; at < options.length; at += CHUNK[by]) {
      const part = options.slice(at, at + CHUNK[by]);
      parts.push(
        new Promise((resolve, reject) => this.#waiting.push({ by, options: part, resolve, reject })),
      );
    }
    this.#assign();
    return (await Promise.all(parts)).flat();
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(workerData: TuneWork): Worker {
    const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const worker = new Worker(new URL(`./tune-worker.${ending}`, import.meta.url), { workerData });
    worker.on("message", ({ scores }: TuneReply) => {
      this.#running.get(worker)?.resolve(scores);
      this.#running.delete(worker);
      this.#idle.push(worker);
      this.#assign();
    });
    worker.on("error", (error) => {
      this.#running.get(worker)?.reject(error);
      for (const task of this.#waiting.splice(0)) task.reject(error);
    });
    return worker;
  }

  #assign(): void {
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const worker = this.#idle.pop()!;
      const task = this.#waiting.shift()!;
      this.#running.set(worker, task);
      worker.postMessage({ id: this.#id++, by: task.by, options: task.options } satisfies TuneRequest);
    }
  }
}

/** The columns in memory that all threads read. */
function sharedColumns<T extends object>(table: T): T {
  const columns = Object.entries(table).map(([name, column]) => [
    name,
    ArrayBuffer.isView(column) ? shared(column) : column,
  ]);
  return Object.fromEntries(columns) as T;
}

function shared(column: ArrayBufferView): ArrayBufferView {
  const given = column as Float64Array;
  const copy = new (given.constructor as Float64ArrayConstructor)(new SharedArrayBuffer(given.byteLength));
  copy.set(given);
  return copy;
}
