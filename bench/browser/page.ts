/** The page on which cases have their workers: passes messages on. */
import { ANSWER_TIMEOUT_MS, type Answer, type Assignment, type Order } from "../worker-protocol.ts";

const workers = new Map<number, Worker>();

/** Starts a worker under a number of the caller's choice; its first answer. */
export function start(number: number, assignment: Assignment): Promise<Answer> {
  workers.set(number, new Worker(new URL("./case.js", import.meta.url), { type: "module" }));
  return ask(number, assignment);
}

/** The answer of a worker to a message. */
export function ask(number: number, message: Assignment | Order): Promise<Answer> {
  const worker = workers.get(number);
  return new Promise((resolve, reject) => {
    if (worker === undefined) throw new Error(`there is no worker ${number}`);
    const patience = setTimeout(
      () => reject(new Error(`it gave no answer in ${ANSWER_TIMEOUT_MS / 1_000} s`)),
      ANSWER_TIMEOUT_MS,
    );
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      clearTimeout(patience);
      resolve(data);
    };
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(message);
  });
}

/** Ends a worker, and those that it has started. */
export function end(number: number): void {
  workers.get(number)?.terminate();
  workers.delete(number);
}
