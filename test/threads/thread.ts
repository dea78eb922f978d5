/** Real threads that share a registry with the test. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { RegistryHandle } from "../../src/entry/threads.ts";

export interface Answer {
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface ThreadOptions {
  /** What its clock shows, ms. */
  readonly clockMs?: number;
  /** It has no `Atomics.waitAsync`. */
  readonly polls?: boolean;
}

/** A worker that runs the tasks of worker.mjs. */
export class TestThread {
  readonly worker: Worker;

  constructor(handle: RegistryHandle, options: ThreadOptions = {}) {
    this.worker = new Worker(new URL("worker.mjs", import.meta.url), { workerData: { handle, ...options } });
    this.worker.setMaxListeners(0);
  }

  /** Runs a task and waits for its answer. */
  async ask(task: string, values: object = {}): Promise<Answer> {
    const answer = once(this.worker, "message");
    this.post(task, values);
    return (await answer)[0] as Answer;
  }

  /** The value of the answer. @throws Error when the task failed. */
  async run<T>(task: string, values: object = {}): Promise<T> {
    const { value, error } = await this.ask(task, values);
    if (error !== undefined) throw new Error(`${task}: ${error.message}`);
    return value as T;
  }

  /** Runs a task without waiting. */
  post(task: string, values: object = {}): void {
    this.worker.postMessage({ task, ...values });
  }
}

/** That many threads, attached. */
export async function startThreads(
  handle: () => RegistryHandle,
  count: number,
  options?: ThreadOptions,
): Promise<TestThread[]> {
  const threads = Array.from({ length: count }, () => new TestThread(handle(), options));
  await Promise.all(threads.map((thread) => thread.run("attach")));
  return threads;
}

export async function endThreads(threads: readonly TestThread[]): Promise<void> {
  await Promise.all(threads.map(({ worker }) => worker.terminate()));
}

/** Where threads wait for each other: a cell for each time that they do. */
export function createBarrier(rounds: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rounds * 4);
}
