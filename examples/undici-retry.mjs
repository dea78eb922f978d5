/**
 * Retries by undici within a budget. undici repeats a request inside one call of the breaker, so the breaker counts only how
 * the call ended in the end.
 *
 *   npm install undici
 *   node examples/undici-retry.mjs
 */
import { createServer } from "node:http";
import { CircuitBreaker, mayRetry } from "bluesmoke";
import { Agent, interceptors, request } from "undici";

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

/** Called for what undici would retry. `done(error)` gives up, `done(null)` sends the request again. */
function retry(error, { state }, done) {
  if (state.counter > 3 || !mayRetry(breaker)) done(error);
  else setTimeout(done, 2 ** state.counter, null);
}

const agent = new Agent();
const dispatcher = agent.compose(interceptors.retry({ retry, maxRetries: 3 }));

async function search({ signal }) {
  const { body } = await request(url, { dispatcher, signal });
  await body.dump();
}

async function show(what, calls) {
  requests = 0;
  let done = 0;
  for (let first = 0; first < calls; first += 10) {
    const ends = await Promise.allSettled(Array.from({ length: 10 }, () => breaker.execute(search)));
    done += ends.filter(({ status }) => status === "fulfilled").length;
  }
  console.log(`${what}: ${calls} calls, ${requests} requests, ${done} succeeded`);
}

await show("down", 400);
failsAt = (number) => number % 50 === 0;
await show("2 % fail", 400);
await agent.close();
server.close();
