/**
 * A clock that stands still between I/O, as in Cloudflare's production, where it is a defence against timing attacks.
 * `workerd serve` lets it run, so it is stopped by hand here: time moves only when a timer fires.
 */
const FAILURES = 3;
const WAIT_MS = 30;

/** What a breaker does on such a clock: each fact true, or what there was instead. */
export async function standStill(library) {
  const running = performance.now.bind(performance);
  const startTimer = globalThis.setTimeout;
  let nowMs = running();
  Object.defineProperty(performance, "now", { configurable: true, value: () => nowMs });
  globalThis.setTimeout = (run, ...rest) =>
    startTimer(
      () => {
        nowMs = running();
        run();
      },
      ...rest,
    );
  try {
    return await look(library, running);
  } finally {
    globalThis.setTimeout = startTimer;
    delete performance.now;
  }
}

async function look({ CircuitBreaker, coarseClock, systemClock, isCallTimeoutError }, running) {
  const startedMs = running();
  const breaker = new CircuitBreaker("a", {
    detector: { kind: "success_rate_over_time_window", minimumCalls: FAILURES, windowMs: 100 },
    backoff: { kind: "constant", delayMs: WAIT_MS },
  });
  const first = [systemClock(), coarseClock()].join();
  for (let call = 0; call < FAILURES; call++)
    await breaker.execute(() => Promise.reject(new Error("down"))).catch(() => {});
  let refused = 0;
  while (running() - startedMs < WAIT_MS * 2) refused += breaker.tryAcquire() === 0 ? 1 : 0;
  const facts = {
    "no reading differs until I/O": [systemClock(), coarseClock()].join() === first,
    "opens by calls that all come at one instant": breaker.state === "open" || breaker.state,
    "refuses until I/O, however long that is": breaker.snapshot().refused === refused && refused > 0,
    "has as long to wait as at first": breaker.retryAfterMs() === WAIT_MS || breaker.retryAfterMs(),
  };
  await new Promise((resolve) => setTimeout(resolve, 1));
  facts["lets a probe through after I/O, and closes"] =
    (await breaker.execute(async () => 7)) === 7 && breaker.state === "closed";
  const late = await breaker.execute(() => new Promise(() => {}), { timeoutMs: 20 }).catch((error) => error);
  facts["gives up a call that hangs"] = isCallTimeoutError(late) || `${late}`;
  return facts;
}
