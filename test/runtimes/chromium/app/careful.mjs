/** Opens a breaker of the flavour that the page allows. */
import { load } from "bluesmoke/auto";

async function work() {
  const { flavour, CircuitBreaker } = await load();
  const breaker = new CircuitBreaker("payments", { detector: "consecutive_failures" });
  while (breaker.state === "closed") breaker.onFailure(breaker.tryAcquire());
  return { flavour, state: breaker.state };
}

globalThis.outcome = work();
