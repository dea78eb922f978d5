/**
 * A program with 1,000 breakers, traffic and a dashboard below /breakers/, for tests of the page. Prints its origin.
 *
 *   /down?NAME, /up?NAME   calls of that breaker fail from now on, or no longer
 *   /fast                  from now on a second passes every 25 ms
 *   /seconds               how many have passed since
 */
import { createServer } from "node:http";
import { CircuitBreakerRegistry } from "bluesmoke";
import { dashboard, nodeListener } from "bluesmoke/dashboard";

const BREAKERS = 1_000;
const FAST_MS = 25;
const STEP_MS = 100;
const startTimer = setInterval;

/** What a second is for the program: replaced by /fast. */
const time = { skippedMs: 0, seconds: 0, waiting: [] };
const realNow = Date.now;
const realTimeout = setTimeout;

const breakers = new CircuitBreakerRegistry({ clock: () => Date.now() });
const down = new Set();
for (let n = 0; n < BREAKERS; n++) breakers.get(`service-${String(n).padStart(3, "0")}.example`);

function step() {
  for (const breaker of breakers) {
    for (let calls = 1 + (breaker.name.charCodeAt(10) % 3); calls > 0; calls--) {
      const ticket = breaker.tryAcquire();
      if (ticket === 0) continue;
      if (down.has(breaker.name))
        breaker.onFailure(ticket, undefined, undefined, 1, 0, new Error("connect ECONNREFUSED"));
      else breaker.onSuccess(ticket);
    }
  }
}

/** Time runs 40 times as fast: the clock is moved on by hand, and timers of the dashboard wait for it. */
function beFast() {
  clearInterval(traffic);
  Date.now = () => realNow() + time.skippedMs;
  const { now } = performance;
  performance.now = () => now.call(performance) + time.skippedMs;
  globalThis.setTimeout = (run, delayMs = 0) =>
    delayMs >= STEP_MS ? time.waiting.push([performance.now() + delayMs, run]) : realTimeout(run, delayMs);
  startTimer(() => {
    time.skippedMs += 1_000 - FAST_MS;
    time.seconds++;
    step();
    const nowMs = performance.now();
    const due = time.waiting.filter(([dueMs]) => dueMs <= nowMs);
    time.waiting = time.waiting.filter(([dueMs]) => dueMs > nowMs);
    for (const [, run] of due) run();
  }, FAST_MS);
}

const page = nodeListener(
  dashboard(breakers, { title: "Test", controls: true, latency: () => ({ p50Ms: 12, p99Ms: 90 }) }),
);
const TASKS = {
  "/down": (name) => void down.add(name),
  "/up": (name) => void down.delete(name),
  "/fast": beFast,
  "/seconds": () => time.seconds,
};
const traffic = setInterval(step, STEP_MS);
const server = createServer((request, response) => {
  const [path, name = ""] = request.url.split("?");
  if (path in TASKS) response.end(String(TASKS[path](name)));
  else page(request, response);
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
