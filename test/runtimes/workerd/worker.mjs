/** In workerd: a route for each test. */
import * as library from "bluesmoke";
import { guardFetch } from "bluesmoke/fetch";
import { conform } from "../conform.mjs";
import { checkDashboard } from "../dashboard.mjs";
import { runRequests } from "../http.mjs";
import { runScenarios } from "../scenarios.mjs";
import { checkFrozen } from "./frozen.mjs";

/** For all requests of this isolate, made before the first one, as most workers do. */
const breakers = new library.CircuitBreakerRegistry({
  defaults: {
    detector: { kind: "consecutive_failures", failures: 2 },
    backoff: { kind: "constant", delayMs: 600 },
  },
});
const events = [];
for (const kind of ["opened", "half_opened", "closed"]) {
  breakers.on(kind, ({ endpoint, atMs }) => events.push({ kind, endpoint, atMs }));
}

const counted = new library.CircuitBreakerRegistry();
const guarded = guardFetch((url) => fetch(url), { breakers: counted });

/** For all requests, and never open. */
const timed = new library.CircuitBreaker("timed", { mode: "disabled" });

async function time(request, fn, describe = () => "") {
  const timeoutMs = Number(new URL(request.url).searchParams.get("timeoutMs"));
  const startMs = performance.now();
  const end = await timed.execute(fn, { timeoutMs }).then(
    () => "answered",
    async (error) => {
      await Promise.resolve(); // the signal is aborted after the call has ended
      return error.name + describe();
    },
  );
  return { end, tookMs: performance.now() - startMs };
}

/** Calls before there is any request, where a timer would be refused: under load, and timed. */
const startedMs = library.systemClock();
const early = breakers.get("early", {
  detector: { kind: "success_rate_over_count_window", slowCallMs: 1_000, calls: 1_000 },
});
for (let call = 0; call < 1_000; call++) {
  if (call % 2 === 0) early.onSuccess(early.tryAcquire());
  else early.execute(() => call);
}

const ROUTES = {
  early: () => ({ startedMs, ...early.snapshot() }),
  where: () => ({
    userAgent: navigator.userAgent,
    compiles: attempt(() => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))),
    waitsAsync: typeof Atomics.waitAsync,
    sharedMemory: typeof SharedArrayBuffer,
  }),
  conformance: async (request) => conform(await request.text()),
  scenarios: () => runScenarios(library),
  requests: async (request) =>
    runRequests(library, (options) => guardFetch(fetch, options), await request.text()),
  dashboard: () => checkDashboard(library),
  clock: async () => {
    const { systemClock, coarseClock } = library;
    const before = [systemClock(), coarseClock()];
    await new Promise((resolve) => setTimeout(resolve, 25));
    return { before, after: [systemClock(), coarseClock()], day: Date.now() };
  },
  frozen: () => checkFrozen(library),
  /** A call of the URL in the query. */
  guarded: async (request) => {
    const query = new URL(request.url).searchParams;
    const url = query.get("url");
    const breaker = breakers.get(new URL(url).host);
    const call = async ({ signal }) => {
      const response = await fetch(url, { signal });
      if (response.status >= 500) throw new Error(`status ${response.status}`);
      return response.text();
    };
    try {
      return {
        answer: await breaker.execute(call, { timeoutMs: Number(query.get("timeoutMs")) }),
        state: breaker.state,
      };
    } catch (error) {
      const refused = library.isCircuitOpenError(error);
      const { state } = breaker;
      return { error: error.name, refused, state, retryAfterMs: refused ? error.retryAfterMs : 0 };
    }
  },
  /** Calls with a timeout: one that ends before it, and two that hang. */
  answered: (request) => time(request, () => new Promise((resolve) => setTimeout(resolve, 10))),
  unread: (request) => time(request, () => new Promise(() => {})),
  read: (request) => {
    let signal;
    return time(
      request,
      (call) => {
        signal = call.signal;
        return new Promise(() => {});
      },
      () => (signal.aborted ? ", signal aborted" : ", signal not aborted"),
    );
  },
  /** A call without a timeout that reads its signal. */
  plain: async (request) => {
    const url = new URL(request.url).searchParams.get("url");
    let signal;
    const answer = await timed.execute((call) => {
      signal = call.signal;
      return fetch(url, { signal }).then((response) => response.text());
    });
    return { answer, aborted: signal.aborted };
  },
  /** Listeners that throw. */
  listener: () => {
    const errors = [];
    const registry = new library.CircuitBreakerRegistry({ onError: ({ message }) => errors.push(message) });
    const breaker = new library.CircuitBreaker("a");
    for (const one of [registry.get("a"), breaker]) {
      one.on("opened", () => {
        throw new Error("of the listener");
      });
      one.forceOpen();
    }
    return { state: breaker.state, errors };
  },
  /** What a worker in front of an origin does, and what its breaker has counted then. */
  proxied: (request) => guarded(new URL(request.url).searchParams.get("url")),
  counted: (request) => {
    const { origin } = new URL(new URL(request.url).searchParams.get("url"));
    const { calls, failures } = counted.get(origin).snapshot();
    return { calls, failures };
  },
  events: () => events.splice(0),
};

export default {
  async fetch(request) {
    const route = new URL(request.url).pathname.slice(1);
    try {
      const answer = await ROUTES[route](request);
      return answer instanceof Response ? answer : Response.json(answer);
    } catch (error) {
      return new Response(`${error?.stack ?? error}`, { status: 500 });
    }
  },
};

function attempt(run) {
  try {
    run();
    return "yes";
  } catch (error) {
    return error.message;
  }
}
