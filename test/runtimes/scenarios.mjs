/** First uses of the library, on the clock and the timers of the runtime. */
import { deploy } from "bluesmoke/embed";
import { metricsText } from "bluesmoke/metrics";

/** Longer than a busy machine stops a script for. */
const WAIT_MS = 250;
const FRAGILE = {
  detector: { kind: "consecutive_failures", failures: 2 },
  backoff: { kind: "constant", delayMs: WAIT_MS },
};

const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const never = () => new Promise(() => {});

/** Results by the name of the scenario: true, or what went wrong. */
export async function runScenarios(library) {
  const results = {};
  for (const [name, run] of Object.entries(SCENARIOS)) {
    results[name] = await Promise.resolve(run(library)).catch((error) => `${error?.stack ?? error}`);
  }
  return results;
}

const SCENARIOS = {
  async "execute returns what the call returns, and throws what it throws"({ CircuitBreaker }) {
    const breaker = new CircuitBreaker("a", FRAGILE);
    const fault = new Error("endpoint");
    const caught = await breaker.execute(() => Promise.reject(fault)).catch((error) => error);
    return (await breaker.execute(async () => 7)) === 7 && caught === fault;
  },

  async "a call without a timeout has a signal that is not aborted"({ CircuitBreaker }) {
    const breaker = new CircuitBreaker("a");
    const signal = await breaker.execute(async (call) => call.signal);
    return (signal instanceof AbortSignal && !signal.aborted) || String(signal);
  },

  async "a timeout ends a call that hangs, and aborts its signal"({ CircuitBreaker, isCallTimeoutError }) {
    let reason;
    const hang = ({ signal }) => {
      signal.addEventListener("abort", () => {
        reason = signal.reason;
      });
      return never();
    };
    const breaker = new CircuitBreaker("a", FRAGILE);
    const error = await breaker.execute(hang, { timeoutMs: 20 }).catch((thrown) => thrown);
    await later(0);
    const { consecutiveFailures } = breaker.snapshot();
    return (
      (isCallTimeoutError(error) && reason === error && consecutiveFailures === 1) || `${error}, ${reason}`
    );
  },

  async "a timeout ends a call that does not read its signal"({ CircuitBreaker, isCallTimeoutError }) {
    const breaker = new CircuitBreaker("a", FRAGILE);
    const error = await breaker.execute(never, { timeoutMs: 20 }).catch((thrown) => thrown);
    return isCallTimeoutError(error) || String(error);
  },

  async "calls with the same timeout end apart: by their answers, and each at its own time"(library) {
    const breaker = new library.CircuitBreaker("a", {
      detector: { kind: "consecutive_failures", failures: 9 },
    });
    const startMs = performance.now();
    const run = (fn) =>
      breaker.execute(fn, { timeoutMs: 80 }).catch((error) => {
        return library.isCallTimeoutError(error) ? performance.now() - startMs : String(error);
      });
    const [answered, first] = [run(() => later(10, "answered")), run(never)];
    await later(40);
    const [second, last] = [run(never), run(() => "at once")];
    const [a, b, c, d] = await Promise.all([answered, first, second, last]);
    // Timers of some runtimes are early by a millisecond.
    return (a === "answered" && b >= 78 && c >= 116 && d === "at once") || [a, b, c, d].join();
  },

  async "the caller's signal ends a call at once, and the breaker counts nothing"({ CircuitBreaker }) {
    const breaker = new CircuitBreaker("a", FRAGILE);
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    setTimeout(() => controller.abort(reason), 10);
    const options = { signal: controller.signal, timeoutMs: 10_000 };
    const error = await breaker.execute(never, options).catch((thrown) => thrown);
    return (error === reason && breaker.snapshot().consecutiveFailures === 0) || String(error);
  },

  async "a breaker opens, emits events, refuses, lets a probe pass and closes"(library) {
    const breaker = new library.CircuitBreaker("a", FRAGILE);
    const kinds = [];
    for (const kind of ["opened", "half_opened", "closed"])
      breaker.on(kind, (event) => kinds.push(event.kind));
    const fail = () => breaker.execute(() => Promise.reject(new Error("down"))).catch(() => {});
    await fail();
    await fail();
    const refusal = await breaker.execute(() => 7).catch((error) => error);
    const after = library.isCircuitOpenError(refusal) ? refusal.retryAfterMs : "no refusal";
    if (!(after > 0 && after <= WAIT_MS)) return `retryAfterMs ${after}`;
    if (refusal.lastError?.message !== "down") return `lastError ${refusal.lastError?.message}`;
    await later(WAIT_MS + 10);
    if ((await breaker.execute(async () => 7)) !== 7) return "no probe";
    return kinds.join() === "opened,half_opened,closed" || kinds.join();
  },

  async "a loop over events gets them"({ CircuitBreakerRegistry, events }) {
    const registry = new CircuitBreakerRegistry();
    const opened = events(registry, { kinds: ["opened"] });
    registry.get("支払い").forceOpen();
    for await (const { endpoint } of opened) return endpoint === "支払い" || endpoint;
    return "no event";
  },

  async "state that one registry exports is imported by another one"(library) {
    const from = new library.CircuitBreakerRegistry({ defaults: FRAGILE });
    from.get("a").trip();
    const data = JSON.parse(JSON.stringify(library.exportState(from)));
    const to = new library.CircuitBreakerRegistry();
    library.importState(to, data);
    const { state, options } = to.get("a");
    return (state === "open" && options.backoff.delayMs === WAIT_MS) || state;
  },

  async "the default clock never goes back and is near the time of day"({ coarseClock }) {
    let latest = coarseClock();
    for (let reading = 0; reading < 10_000; reading++) {
      const now = coarseClock();
      if (!(now >= latest)) return `${now} after ${latest}`;
      latest = now;
    }
    const offMs = Math.abs(Date.now() - coarseClock());
    if (offMs >= 60_000) return `${offMs} ms off`;
    await later(20);
    return coarseClock() - latest >= 10 || `moved by ${coarseClock() - latest} ms`;
  },

  async "a batch acquires and reports many calls at once"(library) {
    const registry = new library.CircuitBreakerRegistry();
    const batch = library.createBatch(registry, 3);
    const ids = ["a", "b", "c"].map((name) => registry.get(name).id); // memory that grows replaces the columns
    batch.breakers.set(ids);
    const admitted = library.acquireBatch(batch, 3);
    batch.outcomes.fill(library.SUCCESS);
    library.reportBatch(batch, 3);
    const { calls } = registry.get("c").snapshot();
    return (admitted === 3 && calls === 1) || `${admitted} admitted, ${calls} calls`;
  },

  async "a pipeline runs"({ CircuitBreakerRegistry }) {
    const out = [];
    const { finished } = deploy('select { "twice": event.id * 2 } from in where event.id > 1 into out;', {
      registry: new CircuitBreakerRegistry(), // where bytes are not compiled, `deploy` cannot make one of its own
      sources: { numbers: [{ id: 1 }, { id: 2 }, { id: 3 }] },
      sinks: { out: (data) => out.push(data) },
    });
    const { read, delivered } = await finished;
    const text = JSON.stringify([read, delivered, out]);
    return text === '[3,2,[{"twice":4},{"twice":6}]]' || text;
  },

  async "a call that takes long is slow"({ CircuitBreaker }) {
    const detector = { kind: "success_rate_over_count_window", slowCallMs: WAIT_MS, calls: 5 };
    const breaker = new CircuitBreaker("a", { detector });
    await breaker.execute(() => later(WAIT_MS * 3)); // stalls of a busy machine are taken off
    await breaker.execute(() => later(0));
    const { calls, slow } = breaker.snapshot();
    return (calls === 2 && slow === 1) || `${slow} of ${calls} calls slow`;
  },

  async "metrics, collect and explain tell of a registry"({ CircuitBreakerRegistry, collect, explain }) {
    const registry = new CircuitBreakerRegistry();
    registry.get("idle");
    registry.get("down").trip();
    registry.get("well").executeSync(() => 7);
    const { breakers, idle } = collect(registry);
    const lines = metricsText(registry).split("\n");
    const wanted = [
      'bluesmoke_circuit_breaker_state{name="down",state="open"} 1',
      'bluesmoke_circuit_breaker_calls_total{name="well",outcome="success"} 1',
    ];
    const missing = wanted.filter((line) => !lines.includes(line));
    const told = [breakers.map(({ name }) => name).join(), idle, explain(registry.get("down")).slice(0, 10)];
    return (
      (missing.length === 0 && told.join(" ") === "down,well 1 open since") ||
      [...missing, ...told].join("; ")
    );
  },

  async "a throttle refuses a part of the calls of an overloaded endpoint"({ CircuitBreaker }) {
    const breaker = new CircuitBreaker("a", { overload: "throttle", detector: { minimumCalls: 4 } });
    for (let call = 0; call < 8; call++) {
      const ticket = breaker.tryAcquire();
      if (call % 2 === 0) breaker.onSuccess(ticket);
      else if (ticket !== 0) breaker.onFailure(ticket);
    }
    const { share, state, totals } = breaker.snapshot();
    const refused = totals.refusedBy.throttled;
    return (share < 1 && state === "closed" && refused > 0) || `${share} ${state} ${refused}`;
  },

  async "an observer is told of calls, and a retry budget runs out"(library) {
    const registry = new library.CircuitBreakerRegistry();
    const breaker = registry.get("a");
    const outcomes = [];
    const stop = library.observeCalls(registry, ({ outcome }) => outcomes.push(outcome));
    await breaker.execute(async () => 7);
    await breaker.execute(() => Promise.reject(new Error("down"))).catch(() => {});
    stop();
    let retries = 0;
    while (retries < 1_000 && library.mayRetry(breaker)) retries++;
    return (outcomes.join() === "success,failure" && retries < 1_000) || `${outcomes.join()} ${retries}`;
  },
};
