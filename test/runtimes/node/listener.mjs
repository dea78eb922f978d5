/** In Node, Deno and Bun: a listener that throws. */
import { CircuitBreaker, CircuitBreakerRegistry } from "bluesmoke";

process.on("warning", ({ message }) => console.log(`warning: ${message}`));
const failing = () => {
  throw new Error("of the listener");
};

const breaker = new CircuitBreaker("a");
breaker.on("opened", failing);
breaker.forceOpen();
console.log(breaker.state);

const registry = new CircuitBreakerRegistry({ onError: ({ message }) => console.log(`onError: ${message}`) });
registry.on("opened", failing);
registry.get("a").forceOpen();
