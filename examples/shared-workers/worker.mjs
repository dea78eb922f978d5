/** Calls the origin twenty times a second, behind a breaker that it shares with the page and the other workers. */
import { isCircuitOpenError } from "/dist/esm/main.js";
import { attachRegistry } from "/dist/esm/threads.js";

const count = { answered: 0, failed: 0, refused: 0 };

async function ask({ signal }) {
  const response = await fetch("/flaky", { signal });
  if (response.status >= 500) throw new Error(`status ${response.status}`);
}

addEventListener("message", ({ data: handle }) => {
  const origin = attachRegistry(handle).get("origin");
  setInterval(async () => {
    await origin.execute(ask, { timeoutMs: 2_000 }).then(
      () => count.answered++,
      (error) => count[isCircuitOpenError(error) ? "refused" : "failed"]++,
    );
    postMessage(count);
  }, 50);
});
