/** In Vercel's edge runtime: what the tests call, as a global. */
import * as library from "bluesmoke";
import { guardFetch } from "bluesmoke/fetch";
import { conform } from "../conform.mjs";
import { runRequests } from "../http.mjs";
import { runScenarios } from "../scenarios.mjs";

globalThis.edge = {
  where: () => ({
    runtime: globalThis.EdgeRuntime,
    process: typeof globalThis.process,
    compiles: attempt(() => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))),
  }),
  conform,
  /** Timers that calls without a timeout start, where their duration is judged. */
  timers: () => {
    const startTimer = globalThis.setTimeout;
    let timers = 0;
    globalThis.setTimeout = (...values) => startTimer(...values, timers++);
    const detector = { kind: "success_rate_over_count_window", slowCallMs: 1_000 };
    const breaker = new library.CircuitBreaker("a", { detector });
    for (let call = 0; call < 100; call++) breaker.execute(() => call);
    globalThis.setTimeout = startTimer;
    return timers;
  },
  scenarios: () => runScenarios(library),
  requests: (origin) => runRequests(library, (options) => guardFetch(fetch, options), origin),
};

function attempt(run) {
  try {
    run();
    return "yes";
  } catch (error) {
    return error.message;
  }
}
