/** What every thread of the tests does with a registry that it shares. */

const LIMIT_MS = 5_000;

/**
 * Reports calls of one endpoint, every fourth a failure, and opens a breaker of its own. Resolves to "main" once the event of
 * the main thread's breaker arrives, to "nothing" if it does not.
 */
export function useRegistry(registry, number, calls) {
  const breaker = registry.get("shared");
  for (let call = 0; call < calls; call++) {
    const ticket = breaker.tryAcquire();
    if (call % 4 === 0) breaker.onFailure(ticket);
    else breaker.onSuccess(ticket);
  }
  const opened = new Promise((resolve) => {
    const limit = setTimeout(resolve, LIMIT_MS, "nothing");
    registry.on("opened", ({ endpoint }) => {
      if (endpoint !== "main") return;
      clearTimeout(limit);
      resolve(endpoint);
    });
  });
  registry.get(`worker ${number}`).forceOpen();
  return opened;
}
