/**
 * Guards what its pages fetch from an origin. While the breaker is open the origin is left alone, and the last good answer is
 * given from the cache. A browser stops a Service Worker that has nothing to do: its breakers start anew with it, closed.
 */
import { CircuitBreakerRegistry } from "/dist/esm/main.js";

const CACHE = "last good answers";
const breakers = new CircuitBreakerRegistry({
  defaults: {
    detector: { kind: "consecutive_failures", failures: 3 },
    backoff: { kind: "constant", delayMs: 1_000 },
  },
});

/** From the origin; a good answer is kept. */
async function fetchFresh(request, signal) {
  const response = await fetch(request, { signal });
  if (response.status >= 500) throw new Error(`status ${response.status}`);
  const cache = await caches.open(CACHE);
  await cache.put(request, response.clone());
  return response;
}

/** The last good answer, or none. */
async function recall(request, refused) {
  const cached = await caches.match(request, { cacheName: CACHE });
  const by = refused ? "the cache, the breaker is open" : "the cache, the origin failed";
  if (cached === undefined)
    return new Response("nothing yet", { status: 503, headers: { "x-answered-by": by } });
  return new Response(cached.body, { headers: { "x-answered-by": by } });
}

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (pathname !== "/flaky") return;
  const answer = breakers.get(origin).execute(({ signal }) => fetchFresh(request, signal), {
    timeoutMs: 2_000,
    fallback: (_, refused) => recall(request, refused),
  });
  event.respondWith(answer);
});
