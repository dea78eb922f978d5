/** In workerd: answers what the tests ask. At module scope nothing but imports and one registry happens. */
import * as library from "bluesmoke";
import { conform } from "../conform.mjs";
import { tour } from "../tour.mjs";
import { standStill } from "./frozen.mjs";

/** As most workers keep it: for all requests of this isolate, made before any request has come. */
const breakers = new library.CircuitBreakerRegistry({
  defaults: {
    detector: { kind: "consecutive_failures", failures: 2 },
    backoff: { kind: "constant", delayMs: 150 },
  },
});
const told = [];
for (const kind of ["opened", "half_opened", "closed"]) {
  breakers.on(kind, ({ endpoint, atMs }) => told.push({ kind, endpoint, atMs }));
}

const ROUTES = {
  where: () => ({
    userAgent: navigator.userAgent,
    compiles: attempt(() => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))),
    waitsAsync: typeof Atomics.waitAsync,
    sharedMemory: typeof SharedArrayBuffer,
  }),
  conformance: async (request) => conform(await request.text()),
  tour: () => tour(library),
  clock: async () => {
    const { systemClock, coarseClock } = library;
    const before = [systemClock(), coarseClock()];
    await new Promise((resolve) => setTimeout(resolve, 25));
    return { before, after: [systemClock(), coarseClock()], day: Date.now() };
  },
  frozen: () => standStill(library),
  /** A call of the endpoint in the query, guarded. */
  guarded: async (request) => {
    const url = new URL(request.url).searchParams.get("url");
    const breaker = breakers.get(new URL(url).host);
    const call = async (signal) => {
      const response = await fetch(url, { signal });
      if (response.status >= 500) throw new Error(`status ${response.status}`);
      return response.text();
    };
    try {
      return { answer: await breaker.execute(call, { timeoutMs: 100 }), state: breaker.state };
    } catch (error) {
      const refused = library.isCircuitOpenError(error);
      const { state } = breaker;
      return { error: error.name, refused, state, retryAfterMs: refused ? error.retryAfterMs : 0 };
    }
  },
  /** A listener that throws. */
  uncaught: () => {
    const breaker = new library.CircuitBreaker("a");
    breaker.on("opened", () => {
      throw new Error("of the listener");
    });
    breaker.forceOpen();
    return breaker.state;
  },
  told: () => told.splice(0),
};

export default {
  async fetch(request) {
    const route = new URL(request.url).pathname.slice(1);
    try {
      return Response.json(await ROUTES[route](request));
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
