/**
 * Requests through a guarded fetch, in whatever runtime this runs. `origin` is the address of a server as test/http/origin.ts
 * starts it; `guard` makes a guarded fetch of options.
 */
const COUNTING = {
  detector: { kind: "success_rate_over_time_window", minimumCalls: 1_000_000, hungAfterMs: 7_000 },
};
const FRAGILE = {
  detector: { kind: "consecutive_failures", failures: 2 },
  backoff: { kind: "constant", delayMs: 60_000 },
};
const BIG = 1_000_000;

/**
 * Results by the name of the scenario: true, or what went wrong.
 * @param isByDispatcher each hop of a redirect is a request of its own
 */
export async function runRequests(library, guard, origin, isByDispatcher = false) {
  const results = {};
  for (const [name, run] of Object.entries(SCENARIOS)) {
    const start = (options = {}, defaults = COUNTING) => {
      const breakers = new library.CircuitBreakerRegistry({ defaults });
      const guarded = guard({ breakers, ...options });
      return {
        breaker: breakers.get(origin),
        get: (path, init) => guarded(`${origin}/${path}`, init),
        counts: () => {
          const { calls, failures, pending } = breakers.get(origin).snapshot();
          return `${calls - failures} ${failures} ${pending}`;
        },
      };
    };
    try {
      results[name] = await run(start, { library, isByDispatcher });
    } catch (error) {
      results[name] = `${error?.stack ?? error}`;
    }
  }
  return results;
}

const SUCCESS = "1 0 0";
const FAILURE = "0 1 0";
const PENDING = "0 0 1";
const NOTHING = "0 0 0";

/** Where the runtime lets a program do that. */
function collectGarbage() {
  if (globalThis.Bun) globalThis.Bun.gc(true);
  else globalThis.gc?.();
}

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Whether the counts become these within a second; else what they are. */
async function become(counts, wanted) {
  for (let turn = 0; turn < 100 && counts() !== wanted; turn++) await later(10);
  return counts() === wanted || `${counts()}, not ${wanted}`;
}

/** Waits for an end, and compares what was counted. */
async function afterEnd(counts, wanted, answer) {
  const end = await answer.then(
    () => "no error",
    (error) => error?.name,
  );
  const result = await become(counts, wanted);
  return result === true || `${result}; ${end}`;
}

const text = (response) => response.text();

const SCENARIOS = {
  async "a response is a success at the end of its body"(start) {
    const { get, counts } = start();
    const response = await get("big");
    const before = counts();
    const { length } = await response.text();
    return (before === PENDING && length === BIG && counts() === SUCCESS) || `${before}, then ${counts()}`;
  },
  async "a short response is a success without being read"(start) {
    const { get, counts } = start();
    const response = await get("ok");
    const result = await become(counts, SUCCESS);
    return result === true ? (await response.text()) === "all is well" : result;
  },
  async "its status says whether it is a failure"(start) {
    const { get, counts } = start();
    for (const path of ["status/404", "status/204", "status/501", "status/500", "status/429"]) {
      await get(path).then(text);
    }
    return become(counts, "3 2 0");
  },
  async "a connection that breaks before the headers is a failure"(start) {
    const { get, counts } = start();
    return afterEnd(counts, FAILURE, get("cut", { method: "POST", body: "not to be repeated" }).then(text));
  },
  async "a body of known length that breaks off is a failure"(start) {
    const { get, counts } = start();
    return afterEnd(counts, FAILURE, get("cut-body").then(text));
  },
  async "a body in chunks that breaks off is a failure"(start) {
    const { get, counts } = start();
    return afterEnd(counts, FAILURE, get("cut-chunks").then(text));
  },
  async "an abort before the headers is neither"(start) {
    const { get, counts } = start();
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    return afterEnd(counts, NOTHING, get("silent", { signal: abort.signal }).then(text));
  },
  async "an abort in the body is neither"(start) {
    const { get, counts } = start();
    const abort = new AbortController();
    const response = await get("drip", { signal: abort.signal });
    const before = counts();
    setTimeout(() => abort.abort(), 20);
    const result = await afterEnd(counts, NOTHING, response.text());
    return (before === PENDING && result) || `${before}; ${result}`;
  },
  async "a deadline is a failure"(start) {
    const { get, counts } = start();
    // Longer than it takes to connect: a fetch of Node forgets the reason of an abort that comes before.
    await afterEnd(counts, FAILURE, get("silent", { signal: AbortSignal.timeout(150) }).then(text));
    return afterEnd(counts, "0 2 0", get("drip", { signal: AbortSignal.timeout(150) }).then(text));
  },
  async "an abort reaches a body whose response is garbage"(start) {
    const { get, counts } = start();
    const answer = get("drip", { signal: AbortSignal.timeout(150) }).then(text);
    answer.catch(() => {}); // looked at below
    for (let round = 0; round < 6; round++) {
      for (let litter = 0; litter < 200; litter++) new Uint8Array(10_000);
      collectGarbage();
      await later(20);
    }
    return afterEnd(counts, FAILURE, answer);
  },
  async "a body that is cancelled is neither"(start) {
    const { get, counts } = start();
    const response = await get("drip");
    await response.body.cancel();
    return become(counts, NOTHING);
  },
  async "wrong arguments are neither"(start) {
    const { get, counts } = start();
    const answer = get("ok", { method: "GET", headers: { "no token": "x" } });
    return afterEnd(counts, NOTHING, answer.then(text));
  },
  async "HEAD is a success at the headers"(start) {
    const { get, counts } = start();
    const { status } = await get("ok", { method: "HEAD" });
    return status === 200 && become(counts, SUCCESS);
  },
  async "a redirect is followed, and shows"(start, { isByDispatcher }) {
    const { get, counts } = start();
    const response = await get("redirect/ok");
    const isShown = !globalThis.EdgeRuntime; // its own fetch does not say so either
    const shown = [response.redirected === isShown, response.url.endsWith("/ok"), await response.text()];
    if (`${shown}` !== "true,true,all is well") return `${shown}`;
    return become(counts, isByDispatcher ? "2 0 0" : SUCCESS);
  },
  async "a clone counts once with its response"(start) {
    const { get, counts } = start();
    const response = await get("redirect/ok");
    const clone = response.clone();
    const texts = await Promise.all([response.text(), clone.text()]);
    if (`${texts}` !== "all is well,all is well") return `${texts}`;
    return (clone.url === response.url && counts().endsWith(" 0 0")) || `${clone.url} ${counts()}`;
  },
  async "a packed body is unpacked"(start) {
    const { get, counts } = start();
    const { length } = await get("gzip").then(text);
    return length === 7_000 ? become(counts, SUCCESS) : `${length} characters`;
  },
  async "a body that is sent arrives"(start) {
    const { get, counts } = start();
    const answer = await get("echo", { method: "POST", body: "from here" }).then(text);
    return answer === "from here" ? become(counts, SUCCESS) : answer;
  },
  async "a response can be the body of another one"(start) {
    const { get, counts } = start();
    const first = await get("ok").then(text);
    const passedOn = await new Response((await get("ok")).body).text();
    return first === passedOn ? become(counts, "2 0 0") : `${first} ${passedOn}`;
  },
  async "a body is not garbage while it is read"(start) {
    const { get, counts } = start();
    const readers = [];
    for (let n = 0; n < 10; n++) readers.push((await get("big")).body.getReader());
    let bytes = 0;
    for (const reader of readers) {
      for (let litter = 0; litter < 100; litter++) new Uint8Array(10_000);
      collectGarbage();
      await later(1);
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        bytes += value.byteLength;
      }
    }
    return bytes === 10 * BIG ? become(counts, "10 0 0") : `${bytes} bytes`;
  },
  async "a body is whole where nothing holds its response while it is read"(start) {
    const { get, counts } = start();
    const texts = [];
    for (let n = 0; n < 10; n++) texts.push(get("dripping").then(text));
    for (let round = 0; round < 20; round++) {
      for (let litter = 0; litter < 200; litter++) new Uint8Array(10_000);
      collectGarbage();
      await later(20);
    }
    const lengths = (await Promise.all(texts)).map(({ length }) => length);
    return lengths.every((length) => length === 26) ? become(counts, "10 0 0") : lengths.join();
  },
  async "a refusal is a TypeError in which the CircuitOpenError is found"(start, { library }) {
    const { get, breaker } = start();
    breaker.trip();
    const error = await get("ok").catch((reason) => reason);
    const isIt = error instanceof TypeError && library.isCircuitOpenError(error);
    return (isIt && error.cause.retryAfterMs > 0) || `${error?.stack ?? error}`;
  },
  async "a refusal may be a response with Retry-After"(start) {
    const { get, breaker } = start({ refuse: "response" });
    breaker.trip(undefined, 20_000);
    const response = await get("ok");
    const answer = `${response.status} ${response.headers.get("retry-after")} ${await response.text()}`;
    return /^503 20 circuit of "http:.*" is open \(tripped\)/.test(answer) || answer;
  },
  async "Retry-After holds the breaker open"(start) {
    const { get, breaker } = start({}, FRAGILE);
    for (let call = 0; call < 2; call++) await get("later/503/600").then(text);
    const forMs = breaker.retryAfterMs();
    return (forMs > 590_000 && forMs <= 601_000) || `${forMs} ms, ${breaker.state}`;
  },
};
