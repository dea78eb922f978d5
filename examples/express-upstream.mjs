/**
 * Middleware for Express: upstreams guarded by host, 503 with `Retry-After` while a breaker refuses, `/health`, which
 * recovers by itself, and `/metrics`. `node examples/express-upstream.mjs http://127.0.0.1:8080` serves it in front of an upstream.
 */
import { CircuitBreakerRegistry, isCircuitOpenError } from "bluesmoke";
import { guardFetch } from "bluesmoke/fetch";
import { metricsText, PROMETHEUS_CONTENT_TYPE } from "bluesmoke/metrics";
import express from "express";

/** Gives each request `request.upstream(url, init)`, a guarded `fetch`. */
export function upstreams(breakers) {
  const upstream = guardFetch(fetch, { breakers });
  return (request, _response, next) => {
    request.upstream = upstream;
    next();
  };
}

/** Answers refusals; the last middleware of an app. */
export function answerRefusals() {
  return (error, _request, response, next) => {
    if (!isCircuitOpenError(error)) return next(error);
    const { retryAfterMs, message } = error;
    if (retryAfterMs < Infinity)
      response.set("retry-after", String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
    response.status(503).json({ error: message });
  };
}

/** Says which upstreams are down. */
export function health(breakers) {
  return (_request, response) => {
    // `check` half-opens a breaker whose delay has ended, so health comes back before the first request does.
    for (const breaker of breakers) breaker.check();
    const open = [...breakers].filter(({ state }) => state === "open").map(({ name }) => name);
    response.status(open.length > 0 ? 503 : 200).json({ open });
  };
}

/** What Prometheus scrapes. */
export function metrics(breakers) {
  metricsText(breakers); // counts transitions from here on
  return (_request, response) => response.type(PROMETHEUS_CONTENT_TYPE).send(metricsText(breakers));
}

/** A small app with them. */
export function createApp(upstream, { breakers = new CircuitBreakerRegistry() } = {}) {
  const app = express();
  app.use(upstreams(breakers));
  app.get("/health", health(breakers));
  app.get("/metrics", metrics(breakers));
  app.get("/orders/:id", async (request, response) => {
    const answer = await request.upstream(new URL(`/orders/${request.params.id}`, upstream));
    response.status(answer.status).send(await answer.text());
  });
  app.use(answerRefusals());
  return app;
}

if (process.argv[1] === import.meta.filename) {
  createApp(process.argv[2]).listen(3000, () => console.log("http://127.0.0.1:3000"));
}
