/** Real threads that share a registry with the test. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { RegistryHandle } from "../../src/entry/shared.ts";

export interface Answer {
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/** One thread. */
export class Mate {
  readonly worker: Worker;

  constructor(handle: RegistryHandle, options: { readonly clockMs?: number; readonly polls?: boolean } = {}) {
    this.worker = new Worker(new URL("worker.mjs", import.meta.url), { workerData: { handle, ...options } });
    this.worker.setMaxListeners(0);
  }

  /** Gives an order and waits for the answer. */
  async ask(task: string, values: object = {}): Promise<Answer> {
    const answer = once(this.worker, "message");
    this.order(task, values);
    return (await answer)[0] as Answer;
  }

  /** The value of an answer. @throws Error when the thread failed. */
  async get<T>(task: string, values: object = {}): Promise<T> {
    const { value, error } = await this.ask(task, values);
    if (error !== undefined) throw new Error(`${task}: ${error.message}`);
    return value as T;
  }

  /** Gives an order that has no answer to wait for. */
  order(task: string, values: object = {}): void {
    this.worker.postMessage({ task, ...values });
  }
}

/** That many threads, attached. */
export async function recruit(
  handle: () => RegistryHandle,
  count: number,
  options?: ConstructorParameters<typeof Mate>[1],
): Promise<Mate[]> {
  const mates = Array.from({ length: count }, () => new Mate(handle(), options));
  await Promise.all(mates.map((mate) => mate.get("attach")));
  return mates;
}

export async function dismiss(mates: readonly Mate[]): Promise<void> {
  await Promise.all(mates.map(({ worker }) => worker.terminate()));
}

/** Where threads meet: a cell for each time that they do. */
export function gateOf(meetings: number): SharedArrayBuffer {
  return new SharedArrayBuffer(meetings * 4);
}
