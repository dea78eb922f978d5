import { describe, expect, it } from "vitest";
import {
  type CircuitBreakerOptions,
  CircuitBreakerRegistry,
  isCircuitOpenError,
} from "../../src/entry/main.ts";
import { manualClock, recordEvents } from "../../src/features/testing.ts";

const HUNG_AFTER_MS = 2_000;
const BUCKET_MS = 250;
const TIMEOUT_MS = 30_000;

/** A window of ten seconds, in slices of a quarter of one. */
const OPTIONS: CircuitBreakerOptions = {
  detector: {
    kind: "success_rate_over_time_window",
    windowMs: 10_000,
    buckets: 40,
    hungAfterMs: HUNG_AFTER_MS,
  },
  backoff: { kind: "constant", delayMs: 60_000 },
};

/** An endpoint that stops to answer when it is told to, and what became of its calls. */
class Endpoint {
  readonly waiting: (() => void)[] = [];
  hangs = false;

  readonly call = (): Promise<string> => {
    if (!this.hangs) return Promise.resolve("answer");
    return new Promise((resolve) => this.waiting.push(() => resolve("answer")));
  };
}

function stage() {
  const clock = manualClock(1_000_000);
  const breaker = new CircuitBreakerRegistry({ clock, seed: 1 }).get("endpoint", OPTIONS);
  const { events } = recordEvents(breaker);
  return { clock, breaker, events, endpoint: new Endpoint() };
}

describe("an endpoint that stops to answer", () => {
  it("trips the breaker after hungAfterMs and not after the first timeout of thousands of calls", async () => {
    const { clock, breaker, events, endpoint } = stage();
    endpoint.hangs = true;
    let refused = 0;
    const calls: Promise<unknown>[] = [];
    for (let ms = 0; ms < 2 * HUNG_AFTER_MS; ms++) {
      const call = breaker.execute(endpoint.call, { timeoutMs: TIMEOUT_MS });
      calls.push(
        call.catch((error: unknown) => {
          if (isCircuitOpenError(error) && error.openedBy === "hung_calls") refused++;
        }),
      );
      await clock.advance(1);
    }
    // The calls of the first slice have hung when HUNG_AFTER_MS has passed since it ended.
    const openedMs = 1_000_000 + BUCKET_MS + HUNG_AFTER_MS;
    expect(events).toMatchObject([
      { kind: "opened", cause: "hung_calls", atMs: openedMs, calls: BUCKET_MS, failures: BUCKET_MS },
    ]);
    expect(endpoint.waiting).toHaveLength(BUCKET_MS + HUNG_AFTER_MS);
    await clock.advance(TIMEOUT_MS);
    await Promise.all(calls);
    expect(refused).toBe(2 * HUNG_AFTER_MS - endpoint.waiting.length);
    expect(breaker.snapshot()).toMatchObject({ late: endpoint.waiting.length, pending: 0 });
  });

  it("is forgiven when it answers after all: its calls count as what they were", async () => {
    const { clock, breaker, events, endpoint } = stage();
    for (let call = 0; call < 1_000; call++) await breaker.execute(endpoint.call);
    endpoint.hangs = true;
    const calls = Array.from({ length: 200 }, () => breaker.execute(endpoint.call));
    await clock.advance(BUCKET_MS + HUNG_AFTER_MS);
    breaker.check();
    expect(breaker.snapshot()).toMatchObject({ state: "closed", calls: 1_000, pending: 200, hung: 200 });
    for (const answer of endpoint.waiting) answer();
    await Promise.all(calls);
    expect(breaker.snapshot()).toMatchObject({ calls: 1_200, failures: 0, pending: 0, hung: 0 });
    expect(events).toEqual([]);
  });

  it("is told from one that its callers leave: a cancelled call counts as nothing", async () => {
    const { clock, breaker, endpoint } = stage();
    endpoint.hangs = true;
    const controller = new AbortController();
    const calls = Array.from({ length: 100 }, () =>
      breaker.execute(endpoint.call, { signal: controller.signal }).catch(() => {}),
    );
    controller.abort();
    await Promise.all(calls);
    await clock.advance(BUCKET_MS + HUNG_AFTER_MS);
    breaker.check();
    expect(breaker.snapshot()).toMatchObject({ state: "closed", calls: 0, pending: 0, hung: 0 });
  });
});
