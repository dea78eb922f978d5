/** Opens a breaker of the page's registry. */
import { CircuitBreakerRegistry } from "bluesmoke/shared";

addEventListener("message", ({ data: handle }) => {
  const payments = CircuitBreakerRegistry.attach(handle).get("payments");
  while (payments.state === "closed") payments.onFailure(payments.tryAcquire());
});
