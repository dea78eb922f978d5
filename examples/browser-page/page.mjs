/** Calls an origin behind a breaker, and shows how each call ended. */
import { CircuitBreaker, isCircuitOpenError } from "bluesmoke";

const element = (id) => document.querySelector(`#${id}`);
const say = (text) => element("log").append(`${text}\n`);

const origin = new CircuitBreaker("origin", {
  detector: { kind: "consecutive_failures", failures: 3 },
  backoff: { kind: "constant", delayMs: 1_000 },
});

for (const kind of ["opened", "half_opened", "closed"]) {
  origin.on(kind, ({ to, cause }) => {
    element("state").textContent = to;
    say(`-- ${kind}: ${cause}`);
  });
}

/** An answer of status 500 and more is a failure: thrown, the breaker counts it as one. */
async function ask({ signal }) {
  const response = await fetch("/flaky", { signal });
  if (response.status >= 500) throw new Error(`status ${response.status}`);
  return response.text();
}

element("call").addEventListener("click", async () => {
  try {
    say(await origin.execute(ask, { timeoutMs: 2_000 }));
  } catch (error) {
    say(
      isCircuitOpenError(error)
        ? `refused, retry in ${Math.ceil(error.retryAfterMs)} ms`
        : `failed: ${error.message}`,
    );
  }
});
for (const change of ["down", "up"]) {
  element(change).addEventListener("click", () => fetch(`/flaky/${change}`, { method: "POST" }));
}
