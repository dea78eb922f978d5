/**
 * Middleware for Hono, in any runtime: upstreams guarded by host, 503 with `Retry-After` while a breaker refuses, `/health`,
 * which recovers by itself, and `/metrics`. `Bun.serve(createApp(upstream))`, `Deno.serve(createApp(upstream).fetch)`, or a worker's default export.
 */
import { CircuitBreakerRegistry, isCircuitOpenError } from "bluesmoke";
import { guardFetch } from "bluesmoke/fetch";
import { metricsText, PROMETHEUS_CONTENT_TYPE } from "bluesmoke/metrics";
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";

/** Gives each context `c.get("upstream")(url, init)`, a guarded `fetch`. */
export function upstreams(breakers) {
  const upstream = guardFetch(fetch, { breakers });
  return createMiddleware(async (c, next) => {
    c.set("upstream", upstream);
    await next();
  });
}

/** Answers refusals: `app.onError(answerRefusals)`. */
export function answerRefusals(error, c) {
  if (!isCircuitOpenError(error)) throw error;
  const { retryAfterMs, message } = error;
  if (retryAfterMs < Infinity) c.header("retry-after", String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
  return c.json({ error: message }, 503);
}

/** Says which upstreams are down. */
export function health(breakers) {
  return (c) => {
    // `check` half-opens a breaker whose delay has ended, so health comes back before the first request does.
    for (const breaker of breakers) breaker.check();
    const open = [...breakers].filter(({ state }) => state === "open").map(({ name }) => name);
    return c.json({ open }, open.length > 0 ? 503 : 200);
  };
}

/** What Prometheus scrapes. */
export function metrics(breakers) {
  metricsText(breakers); // counts transitions from here on
  return (c) => c.text(metricsText(breakers), 200, { "content-type": PROMETHEUS_CONTENT_TYPE });
}

/** A small app with them. */
export function createApp(upstream, { breakers = new CircuitBreakerRegistry() } = {}) {
  const app = new Hono();
  app.use(upstreams(breakers));
  app.onError(answerRefusals);
  app.get("/health", health(breakers));
  app.get("/metrics", metrics(breakers));
  // The response of the upstream is handed on as it is: its end is the end of the call.
  app.get("/orders/:id", (c) => c.get("upstream")(new URL(`/orders/${c.req.param("id")}`, upstream)));
  return app;
}
