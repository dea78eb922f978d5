/** What tests do on the main thread of a page. Imports the package by the names of its entries. */
import {
  acquireBatch,
  CircuitBreaker,
  CircuitBreakerRegistry,
  coarseClock,
  createBatch,
  isCallTimeoutError,
  reportBatch,
  SUCCESS,
  systemClock,
} from "bluesmoke";

const FRAGILE = { detector: "consecutive_failures", backoff: { kind: "constant", delayMs: 250 } };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

/** A breaker opens and closes on the page's own clock; its events, and the error of a refused call. */
export async function openAndClose() {
  const breaker = new CircuitBreaker("payments", FRAGILE);
  const kinds = [];
  for (const kind of ["opened", "half_opened", "closed"]) breaker.on(kind, ({ kind }) => kinds.push(kind));
  const down = async () => {
    throw new Error("down");
  };
  for (let call = 0; call < 5; call++) await breaker.execute(down).catch(() => {});
  const refusal = await breaker.execute(down).catch(({ code, retryAfterMs }) => {
    return { code, comesSoon: retryAfterMs > 0 && retryAfterMs <= 250 };
  });
  await later(260);
  const answer = await breaker.execute(() => "up again");
  return { kinds, refusal, answer, state: breaker.state };
}

/** The four ways in which a call of a fetch ends. */
export async function fetchEnds(url, silent) {
  const breaker = new CircuitBreaker("server", FRAGILE);
  const cancelled = new AbortController();
  const get =
    (address) =>
    ({ signal }) =>
      fetch(address, { signal }).then((response) => response.text());
  const answered = await breaker.execute(get(url), { timeoutMs: 5_000 });
  const timedOut = await breaker.execute(get(silent), { timeoutMs: 30 }).catch(isCallTimeoutError);
  setTimeout(() => cancelled.abort(new Error("no longer wanted")), 20);
  const gone = await breaker
    .execute(get(silent), { signal: cancelled.signal, timeoutMs: 5_000 })
    .catch(({ message }) => message);
  const { calls, failures, consecutiveFailures } = breaker.snapshot();
  return { answered, timedOut, gone, calls, failures, consecutiveFailures };
}

/** Makes so many breakers that memory grows again and again, and reports one call of each in a batch. */
export function fill(count) {
  const registry = new CircuitBreakerRegistry();
  const batch = createBatch(registry, count);
  const ids = Array.from({ length: count }, (_, n) => registry.get(`endpoint ${n}`).id);
  batch.breakers.set(ids);
  const admitted = acquireBatch(batch, count, 1_000);
  batch.outcomes.fill(SUCCESS);
  reportBatch(batch, count, 1_000);
  const last = registry.get(`endpoint ${count - 1}`).snapshot(1_000).calls;
  return { size: registry.size, admitted, last };
}

/** A listener that throws, and one after it. */
export function throwInListener() {
  const breaker = new CircuitBreaker("mail");
  const causes = [];
  breaker.on("opened", () => {
    throw new Error("a listener's own fault");
  });
  breaker.on("opened", ({ cause }) => causes.push(cause));
  breaker.forceOpen();
  return { causes, state: breaker.state };
}

/** How far the default clock is behind at most, and whether it went back, while it is read all the time, ms. */
export function lagOfClock(forMs) {
  const end = systemClock() + forMs;
  let lagMs = 0;
  let latest = 0;
  let wentBack = false;
  while (latest < end) {
    const before = systemClock();
    const now = coarseClock();
    lagMs = Math.max(lagMs, before - now);
    wentBack ||= now < latest;
    latest = now;
  }
  return { lagMs, wentBack };
}

/** Calls that are answered in time while the page's own loop stands still. */
export async function stall(url, forMs) {
  const detector = { kind: "success_rate_over_time_window", slowCallMs: 60 };
  const breaker = new CircuitBreaker("server", { detector });
  const get = () => fetch(url).then((response) => response.text());
  await get();
  const calls = Array.from({ length: 5 }, () => breaker.execute(get, { timeoutMs: 50 }).catch(() => "late"));
  const end = performance.now() + forMs;
  while (performance.now() < end);
  const answers = await Promise.all(calls);
  const { failures, slow } = breaker.snapshot();
  return { answers, failures, slow };
}

/** A call of so many ms on a hidden page; how many were slow. */
export async function callHidden(takesMs, slowCallMs) {
  const detector = { kind: "success_rate_over_time_window", slowCallMs };
  const breaker = new CircuitBreaker("server", { detector });
  await breaker.execute(() => answerAfter(takesMs));
  return breaker.snapshot().slow;
}

/** A call that hangs on a hidden page; ms until it times out, and how many timers that takes. */
export async function hangHidden(timeoutMs) {
  const breaker = new CircuitBreaker("server");
  await later(0); // from one of the moments at which timers run to another
  const startMs = performance.now();
  const startTimer = globalThis.setTimeout;
  let timers = 0;
  globalThis.setTimeout = (...values) => startTimer(...values, timers++);
  await breaker.execute(() => new Promise(() => {}), { timeoutMs }).catch(() => {});
  globalThis.setTimeout = startTimer;
  return { tookMs: performance.now() - startMs, timers };
}

/** As a fetch does: without a timer of the page. */
async function answerAfter(ms) {
  const { port1, port2 } = new MessageChannel();
  const end = performance.now() + ms;
  await new Promise((resolve) => {
    port1.onmessage = () => (performance.now() < end ? port2.postMessage(0) : resolve());
    port2.postMessage(0);
  });
  port1.close();
}
