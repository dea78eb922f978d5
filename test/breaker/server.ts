/** An HTTP server in a thread of its own, which answers whatever our own event loop does. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

const SOURCE = `
  const { createServer } = require("node:http");
  const { parentPort, workerData } = require("node:worker_threads");
  const server = createServer((request, response) => setTimeout(() => response.end("ok"), workerData));
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

/** Starts one that answers after `answerMs`; returns where it is and how to stop it. */
export async function startServer(answerMs: number): Promise<{ url: string; stop: () => Promise<number> }> {
  const worker = new Worker(SOURCE, { eval: true, workerData: answerMs });
  const [port] = (await once(worker, "message")) as [number];
  return { url: `http://127.0.0.1:${port}/`, stop: () => worker.terminate() };
}
