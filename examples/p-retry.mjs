/**
 * Retries by p-retry within a budget: an endpoint that is down gets a tenth more calls, not four times as many.
 *
 *   npm install p-retry
 *   node examples/p-retry.mjs
 */
import { createServer } from "node:http";
import { CircuitBreaker, mayRetry } from "bluesmoke";
import pRetry from "p-retry";

let requests = 0;
let failsAt = (_request) => true; // down
const server = createServer((_, response) => {
  response.statusCode = failsAt(++requests) ? 503 : 200;
  response.end();
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/`;

// It never opens, to show what the budget does by itself.
const breaker = new CircuitBreaker("search", {
  detector: { kind: "consecutive_failures", failures: 1_000_000 },
});

async function search({ signal }) {
  const response = await fetch(url, { signal });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`answer ${response.status}`);
}

/** The breaker counts every attempt, and the budget is asked before each retry. */
function call() {
  return pRetry(() => breaker.execute(search), {
    retries: 3,
    minTimeout: 1,
    shouldRetry: () => mayRetry(breaker),
  });
}

async function show(what, calls) {
  requests = 0;
  let done = 0;
  for (let first = 0; first < calls; first += 10) {
    const ends = await Promise.allSettled(Array.from({ length: 10 }, call));
    done += ends.filter(({ status }) => status === "fulfilled").length;
  }
  console.log(`${what}: ${calls} calls, ${requests} requests, ${done} succeeded`);
}

await show("down", 400);
failsAt = (request) => request % 50 === 0;
await show("2 % fail", 400);
server.close();
server.closeAllConnections();
