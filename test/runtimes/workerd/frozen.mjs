/**
 * A clock that stands still between I/O, as in Cloudflare's production, where it is a defence against timing attacks.
 * The clock of `workerd serve` does not stop, so it is replaced here: time moves only when a timer fires.
 */
const FAILURES = 3;
const WAIT_MS = 30;

/** Results by name on such a clock: true, or what there was instead. */
export async function checkFrozen(library) {
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
    return await check(library, running);
  } finally {
    globalThis.setTimeout = startTimer;
    delete performance.now;
  }
}

async function check({ CircuitBreaker, coarseClock, systemClock, isCallTimeoutError }, running) {
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
  const results = {
    "all readings are equal until I/O": [systemClock(), coarseClock()].join() === first,
    "calls that all come at one instant open it": breaker.state === "open" || breaker.state,
    "it refuses until I/O, however long that is": breaker.snapshot().refused === refused && refused > 0,
    "its delay has not begun to pass": breaker.retryAfterMs() === WAIT_MS || breaker.retryAfterMs(),
  };
  await new Promise((resolve) => setTimeout(resolve, 1));
  results["it lets a probe pass after I/O, and closes"] =
    (await breaker.execute(async () => 7)) === 7 && breaker.state === "closed";
  const hang = () => breaker.execute(() => new Promise(() => {}), { timeoutMs: 20 }).catch((error) => error);
  const late = await hang();
  results["a call that hangs times out"] = isCallTimeoutError(late) || `${late}`;
  const all = await Promise.all([hang(), breaker.execute(async () => 7, { timeoutMs: 20 }), hang()]);
  results["calls at one instant end apart"] =
    (isCallTimeoutError(all[0]) && all[1] === 7 && isCallTimeoutError(all[2])) || all.join();
  return results;
}
