/**
 * Measures the memory of the dashboard: `node --expose-gc scripts/dashboard/memory.mjs [SECONDS]`, after a build and after the tests
 * in Chromium have installed it; 300 s unless given. 1,000 breakers have traffic, one endpoint dies and returns every 40 s, and a page
 * shows the table and one breaker. Prints the heap after garbage collection of page and server, nodes and listeners of the page, and
 * the bytes of the streams.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { dashboard, nodeListener } from "../../dist/esm/dashboard.js";
import { openBrowser } from "./browser.mjs";
import { createScene, errorOf, run } from "./scene.mjs";

const REPORTS = 10;
const OUTAGE = "payments.eu-west-1";
const CYCLE_MS = 40_000;
const MB = 1_048_576;

async function main(seconds) {
  const scene = createScene();
  const stop = run(scene);
  let isDown = false;
  const weather = setInterval(() => {
    isDown = !isDown;
    scene.fail(OUTAGE, isDown ? 0.9 : 0, errorOf("ECONNREFUSED", "connect ECONNREFUSED 10.4.1.9:8443"));
  }, CYCLE_MS / 2);
  const handler = dashboard(scene.registry, { latency: scene.latency });
  const bytes = { stream: 0 };
  const server = createServer((request, response) => {
    const { write } = response;
    response.write = (chunk, ...rest) => {
      bytes.stream += chunk.length;
      return write.call(response, chunk, ...rest);
    };
    nodeListener(handler)(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`http://127.0.0.1:${server.address().port}/#/${OUTAGE}`);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  console.log("     s   page MB   nodes   listeners   server MB   kB/s   events");
  let before = { bytes: bytes.stream, atMs: performance.now() };
  const pause = (seconds * 1_000) / REPORTS;
  for (let report = 0; report <= REPORTS; report++) {
    await page.waitForTimeout(report === 0 ? 3_000 : pause);
    await session.send("HeapProfiler.collectGarbage");
    globalThis.gc?.();
    const { metrics } = await session.send("Performance.getMetrics");
    const metric = (name) => metrics.find((one) => one.name === name).value;
    const events = await page.evaluate("document.querySelectorAll('.history .events li').length");
    const now = { bytes: bytes.stream, atMs: performance.now() };
    const rate = (now.bytes - before.bytes) / (now.atMs - before.atMs);
    before = now;
    const cells = [
      [Math.round((report * pause) / 1_000), 6],
      [(metric("JSHeapUsedSize") / MB).toFixed(2), 10],
      [metric("Nodes"), 8],
      [metric("JSEventListeners"), 12],
      [(process.memoryUsage().heapUsed / MB).toFixed(1), 12],
      [rate.toFixed(1), 7],
      [events, 9],
    ];
    console.log(cells.map(([value, width]) => String(value).padStart(width)).join(""));
  }
  console.log(complaints.length === 0 ? "the console is empty" : complaints.join("\n"));
  await browser.close();
  clearInterval(weather);
  stop();
  handler.close();
  server.close();
  server.closeAllConnections();
}

await main(Number(process.argv[2] ?? 300));
