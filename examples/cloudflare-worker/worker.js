/**
 * A worker in front of an origin: while the origin is down it is left alone, and visitors get an answer at once.
 *
 *   npx wrangler dev    (in this folder, with `bluesmoke` installed; the origin stands in wrangler.jsonc)
 */
import { CircuitBreakerRegistry, isCircuitOpenError } from "bluesmoke";

/** One for all requests of this isolate; each isolate learns for itself. */
const breakers = new CircuitBreakerRegistry({
  defaults: {
    detector: {
      kind: "success_rate_over_time_window",
      requiredSuccessRate: 0.5,
      minimumCalls: 5,
      windowMs: 10_000,
    },
    backoff: { kind: "exponential", initialMs: 1_000, maximumMs: 30_000 },
  },
});

export default {
  async fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    const target = new URL(pathname + search, env.ORIGIN);
    try {
      return await breakers
        .get(target.host)
        .execute(({ signal }) => fetch(new Request(target, request), { signal }), {
          timeoutMs: 3_000,
          classify,
        });
    } catch (error) {
      if (!isCircuitOpenError(error)) return new Response("the origin does not answer\n", { status: 502 });
      const seconds = Math.ceil(error.retryAfterMs / 1_000);
      return new Response("the origin is down\n", { status: 503, headers: { "retry-after": `${seconds}` } });
    }
  },
};

/** An answer is no error, but 5xx is a failure of the origin. Visitors get it all the same. */
function classify(end) {
  return end.status === "fulfilled" && end.value.status >= 500 ? "failure" : undefined;
}
