/** An endpoint that answers at once even while the thread of the test does nothing. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { onTestFinished } from "vitest";

const SERVER = `
  const { parentPort } = require("node:worker_threads");
  const server = require("node:http").createServer((request, response) => {
    request.resume().on("end", () => response.end());
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

/** Returns its URL; it is gone when the test ends. */
export async function serveElsewhere(): Promise<string> {
  const worker = new Worker(SERVER, { eval: true });
  onTestFinished(async () => void (await worker.terminate()));
  const [port] = await once(worker, "message");
  return `http://127.0.0.1:${port}/`;
}
