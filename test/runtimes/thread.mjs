/** What every thread of the tests does with a registry that it shares. */

const LIMIT_MS = 5_000;

/**
 * Reports calls of one endpoint, every fourth a failure, and opens one of its own. Resolves when it hears that "mine"
 * of the main thread has opened; "nothing" when it does not.
 */
export function takePart(registry, number, calls) {
  const breaker = registry.get("everybody's");
  for (let call = 0; call < calls; call++) {
    const ticket = breaker.tryAcquire();
    if (call % 4 === 0) breaker.onFailure(ticket);
    else breaker.onSuccess(ticket);
  }
  const heard = new Promise((resolve) => {
    const limit = setTimeout(resolve, LIMIT_MS, "nothing");
    registry.on("opened", ({ endpoint }) => {
      if (endpoint !== "mine") return;
      clearTimeout(limit);
      resolve(endpoint);
    });
  });
  registry.get(`of worker ${number}`).forceOpen();
  return heard;
}
