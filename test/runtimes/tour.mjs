/** What a user of the library does first, on the clock and the timers of the runtime: the facts, for a test to judge. */
import { deploy } from "bluesmoke/embed";

/** Longer than a busy machine stops a script for. */
const WAIT_MS = 250;
const QUICK = {
  detector: { kind: "consecutive_failures", failures: 2 },
  backoff: { kind: "constant", delayMs: WAIT_MS },
};

/** Every fact is true or the word that names what there was instead. */
export async function tour(library) {
  const facts = {};
  for (const [name, visit] of Object.entries(STATIONS)) {
    facts[name] = await Promise.resolve(visit(library)).catch((error) => `${error?.stack ?? error}`);
  }
  return facts;
}

const STATIONS = {
  async "gives what the call gives, and throws what it throws"({ CircuitBreaker }) {
    const breaker = new CircuitBreaker("a", QUICK);
    const fault = new Error("endpoint");
    const caught = await breaker.execute(() => Promise.reject(fault)).catch((error) => error);
    return (await breaker.execute(async () => 7)) === 7 && caught === fault;
  },

  async "gives up a call that hangs, and aborts it"({ CircuitBreaker, isCallTimeoutError }) {
    let aborted = false;
    const hang = (signal) =>
      new Promise(() => {
        signal.addEventListener("abort", () => {
          aborted = true;
        });
      });
    const breaker = new CircuitBreaker("a", QUICK);
    const error = await breaker.execute(hang, { timeoutMs: 20 }).catch((reason) => reason);
    return isCallTimeoutError(error) && aborted && breaker.snapshot().failures === 0; // no window in QUICK
  },

  async "opens, says so, refuses, lets a probe through and closes"(library) {
    const breaker = new library.CircuitBreaker("a", QUICK);
    const kinds = [];
    for (const kind of ["opened", "half_opened", "closed"])
      breaker.on(kind, (event) => kinds.push(event.kind));
    const fail = () => breaker.execute(() => Promise.reject(new Error("down"))).catch(() => {});
    await fail();
    await fail();
    const refusal = await breaker.execute(() => 7).catch((error) => error);
    const after = library.isCircuitOpenError(refusal) ? refusal.retryAfterMs : "no refusal";
    if (!(after > 0 && after <= WAIT_MS)) return `retryAfterMs ${after}`;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS + 10));
    if ((await breaker.execute(async () => 7)) !== 7) return "no probe";
    return kinds.join() === "opened,half_opened,closed" || kinds.join();
  },

  async "tells a loop over events"({ CircuitBreakerRegistry }) {
    const registry = new CircuitBreakerRegistry();
    const events = registry.events({ kinds: ["opened"] });
    registry.get("支払い").forceOpen();
    for await (const { endpoint } of events) return endpoint === "支払い" || endpoint;
    return "no event";
  },

  async "has a clock that never goes back and is near the time of day"({ coarseClock }) {
    let latest = coarseClock();
    for (let reading = 0; reading < 10_000; reading++) {
      const now = coarseClock();
      if (!(now >= latest)) return `${now} after ${latest}`;
      latest = now;
    }
    const offMs = Math.abs(Date.now() - coarseClock());
    return offMs < 60_000 || `${offMs} ms off`;
  },

  async "sees that a clock that was lent moves on"({ coarseClock }) {
    for (let reading = 0; reading < 1_000; reading++) coarseClock();
    const before = coarseClock();
    await new Promise((resolve) => setTimeout(resolve, 20));
    return coarseClock() - before >= 10 || `moved by ${coarseClock() - before} ms`;
  },

  async "runs a pipeline"({ CircuitBreakerRegistry }) {
    const out = [];
    const { finished } = deploy('select { "twice": event.id * 2 } from in where event.id > 1 into out;', {
      registry: new CircuitBreakerRegistry(), // where bytes are not compiled, `deploy` cannot make one of its own
      sources: { numbers: [{ id: 1 }, { id: 2 }, { id: 3 }] },
      sinks: { out: (data) => out.push(data) },
    });
    const { read, delivered } = await finished;
    const said = JSON.stringify([read, delivered, out]);
    return said === '[3,2,[{"twice":4},{"twice":6}]]' || said;
  },

  async "measures how long a call took"({ CircuitBreaker }) {
    const detector = { kind: "success_rate_over_count_window", slowCallMs: WAIT_MS, calls: 5 };
    const breaker = new CircuitBreaker("a", { detector });
    await breaker.execute(() => new Promise((resolve) => setTimeout(resolve, WAIT_MS + 50)));
    await breaker.execute(() => new Promise((resolve) => setTimeout(resolve, 0)));
    const { calls, slow } = breaker.snapshot();
    return (calls === 2 && slow === 1) || `${slow} of ${calls} calls slow`;
  },
};
