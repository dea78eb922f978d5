/** What went wrong between threads once, each in a test of its own. */
import { describe, expect, it, vi } from "vitest";
import { OWNER_SHIFT, WORD_OFFSET } from "../../assembly/layout.ts";
import {
  attachRegistry,
  createSharedRegistry,
  reclaim,
  type SharedRegistry,
  ThreadError,
} from "../../src/entry/threads.ts";
import { configure, limitBreakers, setOverrides, snapshots } from "../../src/features/index.ts";
import { createCores, placeIn } from "./cores.ts";

const clock = () => 1_000;
const FRAIL = { detector: { kind: "consecutive_failures", failures: 1 } } as const;

function createPair(options: object = {}): [SharedRegistry, SharedRegistry] {
  const one = createSharedRegistry({ threads: 3, defaults: FRAIL, clock, ...options });
  return [one, attachRegistry(one.handle(), { clock })];
}

function fail(registry: SharedRegistry, name: string, error?: unknown): void {
  const breaker = registry.get(name);
  breaker.onFailure(breaker.tryAcquire(), undefined, undefined, 1, 0, error);
}

/** Another thread owns the breaker, and stops. */
function own(registry: SharedRegistry, name: string): () => void {
  const { u32 } = registry._core.memory;
  const at = (registry.get(name).id + WORD_OFFSET) >>> 2;
  const word = u32[at]!;
  u32[at] = word | (4 << OWNER_SHIFT);
  return () => {
    u32[at] = word;
  };
}

type WaitAsync = (
  cell: Int32Array,
  index: number,
  value: number,
) => { async: true; value: Promise<unknown> } | { async: false };

describe("onMissed", () => {
  it("that throws stops no event, and its error goes to onError", () => {
    const errors: unknown[] = [];
    const failure = new Error("metrics down");
    const [one, other] = createPair({
      onMissed: () => {
        throw failure;
      },
      onError: (error: unknown) => errors.push(error),
    });
    const received: string[] = [];
    one.on("opened", ({ endpoint }) => received.push(endpoint));
    for (let n = 0; n < 400; n++) fail(other, `${n}`);
    one.poll();
    expect(errors).toEqual([failure]);
    expect(one.missed).toBeGreaterThan(100);
    fail(other, "after");
    one.poll();
    expect(received.at(-1)).toBe("after");
  });
});

describe("why a breaker is open", () => {
  it("is that of its present opening, whichever thread opened it", () => {
    const [one, other] = createPair();
    fail(one, "x");
    expect(one.get("x").snapshot().opened).toMatchObject({ cause: "consecutive_failures", atMs: 1_000 });
    other.get("x").reset(5_000);
    other.get("x").trip(6_000);
    expect(one.get("x").snapshot().opened).toMatchObject({ cause: "tripped", atMs: 6_000 });
    expect(one.get("x")._refusal(6_000)).toMatchObject({ openedBy: "tripped", lastError: undefined });
    other.get("x").forceOpen(7_000);
    expect(one.get("x")._refusal(7_000)).toMatchObject({ openedBy: "mode", reason: "forced_open" });
  });

  it("is never that of another breaker that was in the same block", () => {
    const [one, other] = createPair();
    fail(one, "x");
    const { id } = one.get("x");
    other.delete("x");
    other.get("y").trip(2_000);
    expect(other.get("y").id).toBe(id);
    one._core.journal.skip();
    expect(one.get("y").snapshot().opened).toBeUndefined();
    expect(one.get("y")._refusal(2_000).openedBy).toBeUndefined();
  });

  it("emits no event late or twice when it was read before the event", () => {
    const [one, other] = createPair();
    const received: string[] = [];
    one.on("opened", ({ endpoint }) => received.push(endpoint));
    fail(other, "x");
    expect(one.get("x").snapshot().opened?.cause).toBe("consecutive_failures");
    one.poll();
    one.poll();
    expect(received).toEqual(["x"]);
  });
});

describe("a breaker that a stopped thread owns", () => {
  it("settles calls as their functions do, and drops what the error asks for", async () => {
    const [one] = createPair();
    const breaker = one.get("x");
    const failure = Object.assign(new Error("503"), { retryAfterMs: 9_000 });
    const startMs = performance.now();
    const disown = own(one, "x");
    await expect(breaker.execute(() => Promise.reject(failure))).rejects.toBe(failure);
    await expect(breaker.execute(async () => 7)).resolves.toBe(7);
    expect(performance.now() - startMs).toBeLessThan(500);
    disown();
  });

  it("is waited for, for a second: the error has a code and names what to do", () => {
    const [one] = createPair();
    const disown = own(one, "x");
    const startMs = performance.now();
    const expected = expect.objectContaining({ code: "ERR_OWNED" });
    expect(() => one.get("x").forceOpen()).toThrow(expected);
    expect(() => one.get("x").forceOpen()).toThrow(/breaker "x" is owned .* reclaim/);
    expect(performance.now() - startMs).toBeGreaterThan(1_000);
    disown();
    one.get("x").forceOpen();
    expect(one.get("x").mode).toBe("forced_open");
  });

  it("is deleted all the same, and found no more", () => {
    const [one] = createPair();
    own(one, "x");
    expect(one.delete("x")).toBe(true);
    expect(one.has("x")).toBe(false);
    expect(one.get("x").tryAcquire()).toBeGreaterThan(0);
  });
});

describe("options", () => {
  it("are in memory once, whichever threads place them", () => {
    const [one, other] = createCores(2);
    for (let n = 1; n < 200; n++) {
      const [first, second] = n % 2 ? [one!, other!] : [other!, one!];
      const placed = placeIn(first, { decayMs: n });
      expect(placeIn(second, { decayMs: n })).toEqual(placed);
    }
    const steps = placeIn(one!, { backoff: { kind: "steps", delaysMs: [1, 2, 3] } });
    expect(placeIn(other!, { backoff: { kind: "steps", delaysMs: [1, 2] } }).address).not.toBe(steps.address);
  });

  it("cost the same time each, however many different ones there are", () => {
    const [core] = createCores(1);
    const round = (from: number) => {
      const startMs = performance.now();
      for (let n = from; n < from + 1_000; n++) placeIn(core!, { decayMs: n });
      return performance.now() - startMs;
    };
    round(1);
    const first = Math.min(round(1_001), round(2_001));
    for (let n = 3; n < 14; n++) round(n * 1_000 + 1);
    const last = Math.min(round(20_001), round(21_001), round(22_001));
    expect(last).toBeLessThan(4 * first + 20); // with a search through all of them: 10 times
  });

  it("that another thread has given are shown as they were placed", () => {
    const [one, other] = createPair();
    const given = { halfOpen: { probes: 2, ramp: { shares: [0.1, 0.5], stepMs: 70 } }, decayMs: 0.1 };
    other.get("x", given);
    expect(one.get("x").options).toMatchObject({
      halfOpen: { probes: 2, ramp: { shares: [0.1, 0.5], stepMs: 70 } },
      decayMs: 0.1,
    });
    configure(one.get("x"), one.get("x").options);
    expect(other.get("x").id).toBe(one.get("x").id);
  });

  it("of the first thread hold in the others, without their functions", () => {
    const classify = () => "ignored" as const;
    const one = createSharedRegistry({ threads: 1, defaults: { decayMs: 3, timeoutMs: 50, classify } });
    const handle = structuredClone({ ...one.handle(), memory: undefined });
    const other = attachRegistry({ ...handle, memory: one.handle().memory });
    expect(other.get("x").options).toMatchObject({ decayMs: 3, timeoutMs: 50 });
    expect(other.get("x").options.classify).toBeUndefined();
  });

  it("of a shared registry name what is wrong", () => {
    const create = createSharedRegistry as (options?: unknown) => SharedRegistry;
    const attach = attachRegistry as (handle: unknown, options?: unknown) => SharedRegistry;
    const bad = expect.objectContaining({ code: "ERR_OPTION" });
    expect(() => create()).toThrow(/threads must be a whole number from 1 to 62, got undefined/);
    expect(() => create()).toThrow(bad);
    expect(() => create({ threads: 1, onMissed: 7 })).toThrow(/onMissed must be a function, got 7/);
    expect(() => create({ threads: 1, defaults: { decayMs: -1 } })).toThrow(/decayMs/);
    const one = create({ threads: 1 });
    for (const options of [{ clock: 7 }, { onMissed: 7 }, { onError: 7 }, { defaults: {} }]) {
      expect(() => attach(one.handle(), options)).toThrow(bad);
    }
    expect(() => attach(one.handle(), { clock: () => Number.NaN })).toThrow(RangeError);
    attach(one.handle()); // none of these has taken the stripe
    expect(() => attach(one.handle())).toThrow(expect.objectContaining({ code: "ERR_NO_STRIPE" }));
  });
});

describe("a thread that detaches", () => {
  it("settles the calls that are under way as their functions do", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue(undefined);
    const [, other] = createPair();
    const breaker = other.get("x");
    let end!: (value: number) => void;
    const value = new Promise<number>((resolve) => {
      end = resolve;
    });
    const failure = new Error("failed");
    const calls = [
      breaker.execute(() => value),
      breaker.execute(() => value, { timeoutMs: 10_000 }),
      breaker.execute(() => value, { signal: new AbortController().signal }),
      breaker.execute(() => value.then(() => Promise.reject(failure))),
      breaker.execute(() => value.then(() => Promise.reject(failure)), { timeoutMs: 10_000 }),
    ];
    other.detach();
    end(5);
    const results = await Promise.allSettled(calls);
    expect(results.map((result) => (result.status === "fulfilled" ? result.value : result.reason))).toEqual([
      5,
      5,
      5,
      failure,
      failure,
    ]);
    warn.mockRestore();
  });

  it("lets go of a wait for other threads, and of its listeners", async () => {
    const [one, other] = createPair();
    const waits: Promise<unknown>[] = [];
    const { waitAsync: real } = Atomics as unknown as { waitAsync: WaitAsync };
    const waitAsync: WaitAsync = (cell, ...values) => {
      const wait = real(cell, ...values);
      if (wait.async && cell.buffer === one._core.memory.heap.buffer) waits.push(wait.value);
      return wait;
    };
    Object.assign(Atomics, { waitAsync });
    try {
      other.on("opened", () => {
        throw new Error("not reached");
      });
      expect(waits.length).toBe(1);
      other.detach();
      expect(await Promise.all(waits)).toEqual(["ok"]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(waits.length).toBe(1);
      fail(one, "x");
    } finally {
      Object.assign(Atomics, { waitAsync: real });
    }
  });

  it("gives every error the same code", async () => {
    const [one, other] = createPair();
    const breaker = other.get("x");
    other.detach();
    other.poll();
    const uses = [
      () => breaker.tryAcquire(),
      () => breaker.reset(),
      () => breaker.trip(),
      () => configure(breaker, { decayMs: 5 }),
      () => [...other],
      () => other.handle(),
      () => reclaim(other, one.handle()),
      () => other.get("x2"),
    ];
    for (const use of uses) expect(use).toThrow(expect.objectContaining({ code: "ERR_DETACHED" }));
    await expect((async () => breaker.execute(() => 1))()).rejects.toBeInstanceOf(ThreadError);
  });
});

describe("the key of the hash of names", () => {
  it("does not follow from the seed", () => {
    const keys = [1, 2].map(() => {
      const { memory, registry } = createSharedRegistry({ threads: 1, seed: 7 })._core;
      return memory.u32.slice((registry + 28) >>> 2, (registry + 36) >>> 2).join();
    });
    expect(keys[0]).not.toBe(keys[1]);
  });
});

describe("a shared registry", () => {
  it("shows a breaker by its own name also while others come and go", () => {
    const [one, other] = createPair();
    for (let n = 0; n < 20; n++) one.get(`a${n}`);
    const { measure } = one._core;
    let n = 0;
    // Between the name and the state of each snapshot another thread deletes the breaker and shadows the next in its block.
    one._core.measure = (breaker, nowMs) => {
      const name = one._core.names.nameOf(breaker);
      if (name?.startsWith("a") && n % 2 === 0) {
        other.delete(name);
        other.get(`b${n}`).shadow();
      }
      n++;
      return measure.call(one._core, breaker, nowMs);
    };
    const wrong = [...snapshots(one)].filter(({ endpoint, mode }) => {
      return (mode === "shadow") !== endpoint.startsWith("b");
    });
    expect(wrong).toEqual([]);
    expect(n).toBeGreaterThan(10);
  });

  it("remembers no more objects than it has breakers, twice over", () => {
    const [one, other] = createPair();
    for (let n = 0; n < 20_000; n++) {
      one.get(`name ${n}`);
      other.delete(`name ${n - 100}`);
    }
    expect(one.size).toBeLessThan(200);
    expect(one._objects.size).toBeLessThan(2_500);
  });

  it("has overrides and a limit of each thread's own", () => {
    const [one, other] = createPair();
    setOverrides(one, { x: { decayMs: 77 } });
    limitBreakers(one, 3);
    expect([one.get("x").options.decayMs, other.get("x").options.decayMs]).toEqual([77, 77]);
    for (let n = 0; n < 10; n++) one.get(`one ${n}`);
    expect(one.size).toBe(3);
    for (let n = 0; n < 10; n++) other.get(`other ${n}`);
    expect(one.size).toBe(13);
    one.get("again");
    expect(one.size).toBeLessThan(13);
    const held = one.get("again");
    other.delete("again");
    expect(held.tryAcquire()).toBeGreaterThan(0);
  });

  it("evicts in one thread no breaker that another one moves at that moment", () => {
    const [one, other] = createPair();
    one.get("x");
    const { remove } = one._core.names;
    one._core.names.remove = (name, breaker) => {
      configure(other.get("x"), { halfOpen: { probes: 2 } });
      return remove.call(one._core.names, name, breaker);
    };
    limitBreakers(one, 1);
    expect(() => one.get("y")).toThrow(expect.objectContaining({ code: "ERR_REGISTRY_FULL" }));
    expect(other.get("x").options.halfOpen.probes).toBe(2);
    expect(one.get("x").id).toBe(other.get("x").id);
  });
});
