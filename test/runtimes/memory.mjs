/** What the garbage collector takes and what it must leave. Run with a global `gc`. */
const FRAGILE = { detector: { kind: "consecutive_failures", failures: 2 } };
const COUNT = 1_000;

/** Garbage collections, with turns of the event loop between them: weak references and finalizers need both. */
async function collect(gc) {
  for (let round = 0; round < 8; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Results by name: true, or what went wrong. */
export async function checkMemory(library, gc) {
  const results = {};
  for (const [name, run] of Object.entries(CHECKS)) {
    const finish = run(library); // in a frame of its own, so that nothing but its results refers to what it made
    await collect(gc);
    results[name] = await finish();
  }
  return results;
}

const CHECKS = {
  "a breaker in use keeps its listeners"({ CircuitBreaker }) {
    const opened = [];
    const breaker = new CircuitBreaker("a");
    breaker.on("opened", ({ endpoint }) => opened.push(endpoint));
    return () => {
      breaker.forceOpen();
      return opened.join() === "a" || opened.join();
    };
  },

  "a pending call keeps its breaker, and the listeners of that"({ CircuitBreaker }) {
    const opened = [];
    let fail;
    const calls = start();
    return async () => {
      fail(new Error("down"));
      await calls;
      return opened.join() === "a" || `opened: ${opened.join()}`;
    };

    function start() {
      const breaker = new CircuitBreaker("a", FRAGILE);
      breaker.on("opened", ({ endpoint }) => opened.push(endpoint));
      const down = new Promise((_, reject) => {
        fail = reject;
      });
      return Promise.allSettled([1, 2].map(() => breaker.execute(() => down)));
    }
  },

  "a call with a timeout keeps its breaker"({ CircuitBreaker }) {
    const opened = [];
    const calls = start();
    return async () => {
      await calls;
      return opened.join() === "a" || `opened: ${opened.join()}`;
    };

    function start() {
      const breaker = new CircuitBreaker("a", FRAGILE);
      breaker.on("opened", ({ endpoint }) => opened.push(endpoint));
      const never = () => new Promise(() => {});
      return Promise.allSettled([1, 2].map(() => breaker.execute(never, { timeoutMs: 100 })));
    }
  },

  "a wrapped function keeps its breaker"({ CircuitBreaker, isCircuitOpenError }) {
    const wrapped = new CircuitBreaker("a", FRAGILE).wrap(async () => {
      throw new Error("down");
    });
    return async () => {
      await wrapped().catch(() => {});
      await wrapped().catch(() => {});
      const error = await wrapped().catch((refusal) => refusal);
      return isCircuitOpenError(error) || String(error);
    };
  },

  "a registry keeps its breakers, and the listeners of each"({ CircuitBreakerRegistry }) {
    const opened = [];
    const registry = new CircuitBreakerRegistry();
    for (let n = 0; n < COUNT; n++) {
      const breaker = registry.get(`endpoint ${n}`);
      breaker.onFailure(breaker.tryAcquire());
      if (n === 7) breaker.on("opened", ({ endpoint }) => opened.push(endpoint));
    }
    return () => {
      const failures = [...registry].reduce((sum, breaker) => sum + breaker.snapshot().failures, 0);
      registry.get("endpoint 7").forceOpen();
      return (failures === COUNT && opened.length === 1) || `${failures} failures, ${opened.length} events`;
    };
  },

  "memory of breakers that are garbage is used again"({ CircuitBreaker }) {
    const addresses = new Set(makeAddresses());
    return () => {
      const again = makeAddresses().filter((address) => addresses.has(address)).length;
      return again > COUNT / 2 || `${again} of ${COUNT}`;
    };

    function makeAddresses() {
      return Array.from({ length: COUNT }, () => new CircuitBreaker("a").id);
    }
  },
};
