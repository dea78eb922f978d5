/** In Node, Deno and Bun: everything of the library that waits for something, none of which may hold the process. */
import { CircuitBreaker } from "bluesmoke";
import { CircuitBreakerRegistry } from "bluesmoke/shared";

const detector = { kind: "success_rate_over_count_window", slowCallMs: 60_000 };
const breaker = new CircuitBreaker("a", { detector });
for (let call = 0; call < 1_000; call++) await breaker.execute(async () => call); // the clock is lent, the loop watched
const shared = CircuitBreakerRegistry.shared({ threads: 1 });
shared.on("opened", () => {}); // waits for other threads
breaker.events()[Symbol.asyncIterator]().next();
console.log("done");
