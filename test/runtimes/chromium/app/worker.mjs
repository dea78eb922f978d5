/** Opens a breaker of the page's registry. */
import { attachRegistry } from "bluesmoke/threads";

addEventListener("message", ({ data: handle }) => {
  const payments = attachRegistry(handle).get("payments");
  while (payments.state === "closed") payments.onFailure(payments.tryAcquire());
});
