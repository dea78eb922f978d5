import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Agent, Dispatcher, request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guardFetch } from "../../src/entry/fetch.ts";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { circuitBreaker } from "../../src/entry/undici.ts";
import { Generator } from "../random/generator.ts";
import { COUNTING, countsOf } from "./fixture.ts";
import { type Origin, startOrigin } from "./origin.ts";

const SEED = Number(process.env.BLUESMOKE_SEED ?? Date.now() % 1_000_000_000);
const MB = 1_000_000;

const collectGarbage = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

/** A registry whose time stands still: calls that are out stay in the window. */
function timeless(): CircuitBreakerRegistry {
  return new CircuitBreakerRegistry({ clock: () => 1_000, defaults: COUNTING });
}

async function usedBytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(setImmediate);
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

/** Runs batches of `each`; bytes of the heap that the second half has left behind. */
async function growthOf(count: number, each: () => Promise<unknown>): Promise<number> {
  const run = async (from: number, to: number) => {
    for (let n = from; n < to; n += 500) await Promise.all(Array.from({ length: 500 }, each));
  };
  await run(0, count / 2);
  const before = await usedBytes();
  await run(count / 2, count);
  return (await usedBytes()) - before;
}

type Handler = Dispatcher.DispatchHandler;

class Controller implements Dispatcher.DispatchController {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  rawHeaders = [];
  readonly #handler: Handler;

  constructor(handler: Handler) {
    this.#handler = handler;
  }

  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#handler.onResponseError?.(this, reason);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }
}

const END = Buffer.from("end");
const broken = () => Object.assign(new Error("broken"), { code: "ECONNRESET" });

/** How a request without a network ends. */
const ENDS: readonly ((handler: Handler, controller: Controller) => void)[] = [
  (handler, controller) => {
    handler.onResponseStart?.(controller, 103, {}, "");
    handler.onResponseStart?.(controller, 200, {}, "");
    handler.onResponseData?.(controller, END);
    handler.onResponseEnd?.(controller, {});
  },
  (handler, controller) => {
    handler.onResponseStart?.(controller, 503, { "retry-after": "1" }, "");
    handler.onResponseEnd?.(controller, {});
  },
  (handler, controller) => handler.onResponseError?.(controller, broken()),
  (handler, controller) => {
    handler.onResponseStart?.(controller, 200, {}, "");
    handler.onResponseData?.(controller, END);
    handler.onResponseError?.(controller, broken());
  },
  (_, controller) => controller.abort(new Error("of the caller")),
  (handler, controller) => {
    handler.onResponseStart?.(controller, 200, {}, "");
    controller.abort(new Error("of the caller"));
  },
  // Twice, as no dispatcher should.
  (handler, controller) => {
    handler.onResponseError?.(controller, broken());
    handler.onResponseError?.(controller, broken());
  },
  (handler, controller) => {
    handler.onResponseStart?.(controller, 200, {}, "");
    handler.onResponseEnd?.(controller, {});
    handler.onResponseError?.(controller, broken());
  },
];

/** A dispatcher without a network, whose requests end by chance. */
class Random extends Dispatcher {
  readonly #random = new Generator(SEED);

  override dispatch(_: Dispatcher.DispatchOptions, handler: Handler): boolean {
    const number = this.#random.number();
    if (number < 10) throw new Error("wrong arguments");
    const controller = new Controller(handler);
    queueMicrotask(() => {
      handler.onRequestStart?.(controller, {});
      if (!controller.aborted) ENDS[number % ENDS.length]!(handler, controller);
    });
    return true;
  }
}

describe(`nothing leaks, BLUESMOKE_SEED=${SEED}`, () => {
  let origin: Origin;

  beforeAll(async () => {
    origin = await startOrigin();
  });

  afterAll(() => origin.stop());

  it("after 100,000 requests of undici with random ends", async () => {
    const breakers = timeless();
    const options = { breakers, key: ({ path }: { path: string }) => path, maximumKeys: 1 };
    const { dispatch } = new Random().compose(circuitBreaker(options));
    const request = { origin: "http://a.example", path: "/a", method: "GET" } as const;
    const handler: Handler = { onRequestStart() {}, onResponseError() {} };
    const growth = await growthOf(100_000, async () => {
      try {
        dispatch(request, handler);
      } catch {
        // Of the dispatcher.
      }
    });
    const { pending, succeeded, failed } = countsOf(breakers, "/a");
    expect(pending).toBe(0);
    expect(succeeded + failed).toBeGreaterThan(50_000);
    expect(growth).toBeLessThan(2 * MB);
    breakers.get("/a").reset();
    dispatch({ ...request, path: "/b" }, handler);
    expect([...breakers].map(({ name }) => name)).toEqual(["/b"]); // no request of /a is out
  });

  it("after 10,000 requests of a guarded fetch with random ends", async () => {
    const breakers = timeless();
    const random = new Generator(SEED);
    const abort = new AbortController();
    const { signal } = abort;
    const bodyOf = (isBroken: boolean) =>
      new ReadableStream({
        pull(controller) {
          if (isBroken) throw broken();
          controller.enqueue(new Uint8Array(10));
          controller.close();
        },
      });
    const answer = async (_: string, __: { readonly signal: AbortSignal }): Promise<Response> => {
      const number = random.number();
      if (number % 5 === 0) throw new TypeError("fetch failed", { cause: broken() });
      if (number % 5 === 1) return new Response(null, { status: number % 2 ? 204 : 503 });
      return new Response(bodyOf(number % 5 === 2));
    };
    const guarded = guardFetch(answer, { breakers });
    const growth = await growthOf(10_000, async () => {
      const response = await guarded("http://a.example/", { signal }).catch(() => undefined);
      const number = random.number();
      if (number % 4 === 0) await response?.body?.cancel().catch(() => {});
      else if (number % 4 > 1) await response?.text().catch(() => {});
    });
    const { pending, succeeded, failed } = countsOf(breakers, "http://a.example");
    expect(pending).toBe(0);
    expect(succeeded + failed).toBeGreaterThan(5_000);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(growth).toBeLessThan(2 * MB);
  });

  it("after 2,000 requests over loopback with random ends, of undici and of fetch", {
    timeout: 60_000,
  }, async () => {
    const [ofUndici, ofFetch] = [timeless(), timeless()];
    const agent = new Agent({ connections: 50 });
    const dispatcher = agent.compose(circuitBreaker({ breakers: ofUndici }));
    const guarded = guardFetch(fetch, { breakers: ofFetch });
    const random = new Generator(SEED);
    const paths = ["ok", "ok", "empty", "status/500", "cut", "cut-body", "gzip", "drip", "silent"];
    let signals: AbortSignal[] = [];
    const one = async (n: number) => {
      const path = paths[random.number() % paths.length]!;
      const how = random.number() % 4;
      const abort = new AbortController();
      if (n % 2) signals.push(abort.signal); // a fetch of Node leaves listeners of its own until they are garbage
      const url = `${origin.url}/${path}`;
      const { signal } = abort;
      const isEndless = path === "drip" || path === "silent";
      const timer = isEndless ? setTimeout(() => abort.abort(), 10) : undefined;
      if (n % 2) {
        const got = await request(url, { dispatcher, signal });
        got.body.on("error", () => {});
        if (how === 0) got.body.destroy();
        else if (how === 1) abort.abort();
        else await got.body.text();
      } else {
        const got = await guarded(url, { signal });
        if (how === 0) await got.body?.cancel();
        else if (how === 1) abort.abort();
        else await got.text();
      }
      clearTimeout(timer);
    };
    const isOver = () => [ofUndici, ofFetch].map((breakers) => countsOf(breakers, origin.url).pending);
    for (let batch = 0; batch < 40; batch++) {
      await Promise.allSettled(Array.from({ length: 50 }, (_, n) => one(n)));
      if (batch % 20 === 19) {
        await expect
          .poll(() => {
            collectGarbage(); // bodies that were not read
            return isOver();
          })
          .toEqual([0, 0]);
        const listeners = () => signals.flatMap((signal) => getEventListeners(signal, "abort"));
        await expect.poll(listeners).toHaveLength(0);
        signals = [];
      }
    }
    await agent.destroy();
    expect(countsOf(ofFetch, origin.url).failed).toBeGreaterThan(100);
    expect(countsOf(ofUndici, origin.url).failed).toBeGreaterThan(100);
  });
});
