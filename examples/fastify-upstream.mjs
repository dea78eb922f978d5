/**
 * A Fastify plugin: upstreams guarded by host, 503 with `Retry-After` while a breaker refuses, `/health`, which recovers by
 * itself, and `/metrics`. `node examples/fastify-upstream.mjs http://127.0.0.1:8080` serves it in front of an upstream.
 */
import { CircuitBreakerRegistry, isCircuitOpenError } from "bluesmoke";
import { guardFetch } from "bluesmoke/fetch";
import { metricsText, PROMETHEUS_CONTENT_TYPE } from "bluesmoke/metrics";
import Fastify from "fastify";

/** Gives the app `app.upstream(url, init)`, a guarded `fetch`, and what is above. */
export async function upstreams(app, { breakers = new CircuitBreakerRegistry() } = {}) {
  app.decorate("upstream", guardFetch(fetch, { breakers }));

  app.setErrorHandler((error, _request, reply) => {
    if (!isCircuitOpenError(error)) throw error; // Fastify's own handler
    const { retryAfterMs, message } = error;
    if (retryAfterMs < Infinity) reply.header("retry-after", Math.max(1, Math.ceil(retryAfterMs / 1_000)));
    return reply.code(503).send({ error: message });
  });

  app.get("/health", (_request, reply) => {
    // `check` half-opens a breaker whose delay has ended, so health comes back before the first request does.
    for (const breaker of breakers) breaker.check();
    const open = [...breakers].filter(({ state }) => state === "open").map(({ name }) => name);
    return reply.code(open.length > 0 ? 503 : 200).send({ open });
  });

  metricsText(breakers); // counts transitions from here on
  app.get("/metrics", (_request, reply) => reply.type(PROMETHEUS_CONTENT_TYPE).send(metricsText(breakers)));
}
upstreams[Symbol.for("skip-override")] = true; // for the whole app, as fastify-plugin does

/** A small app with it. */
export function createApp(upstream, options) {
  const app = Fastify();
  app.register(upstreams, options);
  app.get("/orders/:id", async (request, reply) => {
    const response = await app.upstream(new URL(`/orders/${request.params.id}`, upstream));
    return reply.code(response.status).send(await response.text());
  });
  return app;
}

if (process.argv[1] === import.meta.filename) {
  console.log(await createApp(process.argv[2]).listen({ port: 3000 }));
}
