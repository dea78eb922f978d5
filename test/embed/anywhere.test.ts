import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";

const EMBED = pathToFileURL(join(import.meta.dirname, "../../dist/esm/embed.js")).href;

/** What a page or an edge worker has not; a worker thread without them can still load a module and post a message. */
const PROGRAM = `
  const { parentPort } = require("node:worker_threads");
  for (const name of ["process", "Buffer", "setImmediate", "clearImmediate", "global"]) delete globalThis[name];
  import(${JSON.stringify(EMBED)}).then(async ({ deploy, toTransformStream }) => {
    const guarded = [
      "define qos::circuit_breaker operator cb;",
      "create operator cb;",
      "select event from in into cb;",
      "select event from cb into out;",
    ].join("\\n");
    const seen = [];
    const feed = Array.from({ length: 2_000 }, (_, n) => n);
    const { finished } = deploy(guarded, { sources: { feed }, sinks: { out: async (n) => seen.push(n) } });
    const { delivered } = await finished;
    const { readable, writable } = toTransformStream("select event + 1 from in into out;");
    const writer = writable.getWriter();
    void writer.write(1).then(() => writer.close());
    const reader = readable.getReader();
    parentPort.postMessage({ delivered, seen: seen.length, value: (await reader.read()).value, node: typeof process });
  });
`;

it("embedding needs nothing of Node: no import, no global", async () => {
  const worker = new Worker(PROGRAM, { eval: true });
  const [message] = await once(worker, "message");
  await worker.terminate();
  expect(message).toEqual({ delivered: 2_000, seen: 2_000, value: 2, node: "undefined" });
});
