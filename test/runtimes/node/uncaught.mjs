/** In Node: a listener that throws. */
import { CircuitBreaker } from "bluesmoke";

const breaker = new CircuitBreaker("a");
process.on("uncaughtException", (error) => console.log(`uncaught: ${error.message}`));
breaker.on("opened", () => {
  throw new Error("of the listener");
});
breaker.forceOpen();
console.log(breaker.state);
