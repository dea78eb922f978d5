/** Lets the event loop go round once: timers and sockets get their turn. */

/**
 * Resolves after the loop has polled. A microtask would not do: a source that always has something ready
 * would keep the answers of the sinks waiting for ever. `setImmediate` where there is one (Node, Deno, Bun);
 * else a message, since nested timeouts of 0 take 4 ms in browsers.
 */
export function nextTurn(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  if (typeof MessageChannel === "function") return viaMessage();
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function viaMessage(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
