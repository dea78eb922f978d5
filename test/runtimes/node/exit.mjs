/** In Node, Deno and Bun: everything of the library that waits for something, none of which may hold the process. */
import { CircuitBreaker, events } from "bluesmoke";
import { createSharedRegistry } from "bluesmoke/threads";

const detector = {
  kind: "success_rate_over_time_window",
  windowMs: 600_000,
  slowCallMs: 60_000,
  hungAfterMs: 60_000,
};
const breaker = new CircuitBreaker("a", { detector });
for (let call = 0; call < 1_000; call++) await breaker.execute(async () => call); // the coarse clock and the loop watch have timers
for (let call = 0; call < 10; call++) {
  await breaker.execute(async () => call, { timeoutMs: 60_000, signal: new AbortController().signal });
}
breaker.tryAcquire(); // is never reported
new CircuitBreaker("b").execute(() => new Promise(() => {})); // never ends
const shared = createSharedRegistry({ threads: 1 });
shared.on("opened", () => {}); // waits for other threads
events(breaker).next();
console.log("done");
