import { execFileSync } from "node:child_process";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { CircuitBreakerEvent } from "../../src/breaker/events.ts";
import {
  attachRegistry,
  createSharedRegistry,
  reclaim,
  ThreadError,
  watchWorker,
} from "../../src/entry/threads.ts";
import { configure, evictIdle } from "../../src/features/index.ts";
import { createBarrier, endThreads, startThreads, TestThread } from "./thread.ts";

const KINDS = ["opened", "half_opened", "closed"] as const;
const FRAIL = {
  detector: { kind: "consecutive_failures", failures: 1 },
  backoff: { kind: "constant", delayMs: 5 },
} as const;

let workers: TestThread[] = [];
afterEach(async () => {
  await endThreads(workers);
  workers = [];
});

function share(threads: number, defaults: object = FRAIL) {
  return createSharedRegistry({ threads, defaults, seed: 1, clock: () => 1_000 });
}

describe("a registry that threads share", () => {
  it.each([
    ["notified", false],
    ["polling", true],
  ])("emits every event once in every thread (%s)", async (_, polls) => {
    const registry = share(3);
    workers = await startThreads(() => registry.handle(), 3, { polls });
    const received: CircuitBreakerEvent[] = [];
    registry.on("opened", (event) => received.push(event));
    await Promise.all(workers.map((thread) => thread.run("listen", { kinds: ["opened"] })));
    await workers[0]!.run("fail", { name: "a", nowMs: 1_000, calls: 1 });
    registry.get("b").onFailure(registry.get("b").tryAcquire(1_001), 1_001);
    await vi.waitFor(async () => {
      expect(received.map(({ endpoint }) => endpoint)).toEqual(["a", "b"]);
    });
    for (const thread of workers) {
      const seen: string[] = [];
      await vi.waitFor(async () => {
        const { events } = await thread.run<{ events: CircuitBreakerEvent[] }>("received");
        seen.push(...events.map(({ endpoint }) => endpoint));
        expect(seen).toEqual(["a", "b"]);
      });
      expect(await thread.run("state", { name: "a" })).toBe("open");
    }
  });

  it("writes one record for a transition, however many threads see its cause", async () => {
    const registry = share(4);
    const names = ["a", "b"];
    for (const name of names) registry.get(name); // at generation 1, which a block that was used before would not be
    const received: CircuitBreakerEvent[] = [];
    workers = await startThreads(() => registry.handle(), 4);
    for (const kind of KINDS) registry.on(kind, (event) => received.push(event));
    const until = Date.now() + 500;
    const flapping = Promise.all(workers.map((thread) => thread.run("flap", { names, until })));
    const reading = setInterval(() => registry.poll(), 1);
    await flapping;
    clearInterval(reading);
    registry.poll();
    expect(received.length).toBeGreaterThan(100);
    let transitions = 0;
    for (const name of names) {
      const generations = received
        .filter(({ endpoint }) => endpoint === name)
        .map(({ generation }) => generation);
      // In order, and none twice. All that are left out were counted as missed.
      expect(generations).toEqual([...new Set(generations)].sort((one, other) => one - other));
      transitions += registry.get(name).snapshot().generation - 1;
    }
    expect(received.length + registry.missed).toBe(transitions);
  });

  it("admits exactly the share of a gradual return, whoever asks", async () => {
    const ramp = { shares: [0.25], stepMs: 5_000 };
    const registry = share(4, { ...FRAIL, halfOpen: { ramp } });
    const breaker = registry.get("a");
    workers = await startThreads(() => registry.handle(), 4);
    breaker.onFailure(breaker.tryAcquire(1_000), 1_000);
    breaker.onSuccess(breaker.tryAcquire(1_005), 1_005);
    const order = { name: "a", barrier: createBarrier(1), threads: 4, calls: 250, nowMs: 1_010 };
    const admitted = await Promise.all(workers.map((thread) => thread.run<number>("ask", order)));
    expect(admitted.reduce((sum, count) => sum + count, 0)).toBe(250);
    expect(breaker.snapshot(1_010)).toMatchObject({ state: "half_open", refused: 750 });
  });

  it("counts the pending calls of all threads, and opens when they hang", async () => {
    const detector = { kind: "success_rate_over_time_window", windowMs: 1_000, hungAfterMs: 200 };
    const registry = share(4, { detector });
    const breaker = registry.get("a");
    workers = await startThreads(() => registry.handle(), 4);
    const order = { name: "a", barrier: createBarrier(1), threads: 4, calls: 10_000, nowMs: 1_000 };
    await Promise.all(workers.map((thread) => thread.run("ask", order)));
    expect(breaker.snapshot(1_299)).toMatchObject({ state: "closed", pending: 40_000, hung: 0 });
    expect(breaker.snapshot(1_300)).toMatchObject({ pending: 40_000, hung: 40_000 });
    expect(await workers[0]!.run("tryAcquire", { name: "a", nowMs: 1_300 })).toBe(0);
    expect(breaker.state).toBe("open");
  });

  it("gives a thread that read too late the number of missed transitions", () => {
    const missed: number[] = [];
    const registry = createSharedRegistry({
      threads: 1,
      defaults: FRAIL,
      clock: () => 1_000,
      onMissed: (count) => missed.push(count),
    });
    const received: CircuitBreakerEvent[] = [];
    registry.on("opened", (event) => received.push(event));
    // Two threads as far as the memory is concerned, so that the one certainly reads nothing meanwhile.
    const other = attachRegistry(registry.handle(), { clock: () => 1_000 });
    for (let n = 0; n < 600; n++)
      other.get(`endpoint ${n}`).onFailure(other.get(`endpoint ${n}`).tryAcquire());
    registry.poll();
    expect(received.length).toBeGreaterThan(200);
    expect(received.at(-1)?.endpoint).toBe("endpoint 599");
    expect(registry.missed).toBe(600 - received.length);
    expect(missed).toEqual([registry.missed]);
    expect(other.missed).toBe(0);
  });

  it("emits nothing of what was before a listener was added", () => {
    const registry = share(1);
    const other = attachRegistry(registry.handle(), { clock: () => 1_000 });
    const received: string[] = [];
    other.get("before").onFailure(other.get("before").tryAcquire());
    const off = registry.get("after").on("opened", ({ endpoint }) => received.push(endpoint));
    registry.on("opened", ({ endpoint }) => received.push(endpoint));
    other.get("after").onFailure(other.get("after").tryAcquire());
    off();
    registry.poll();
    expect(received).toEqual(["after"]);
  });

  it("keeps no process alive by waiting", () => {
    const entry = new URL("../../dist/esm/threads.js", import.meta.url).href;
    const program = `
      import { createSharedRegistry } from ${JSON.stringify(entry)};
      if (process.argv[1] === "polls") Atomics.waitAsync = undefined;
      createSharedRegistry({ threads: 1 }).on("opened", () => {});
      console.log("listens");`;
    for (const how of ["waits", "polls"]) {
      const args = ["--input-type=module", "-e", program, how];
      expect(execFileSync(process.execPath, args, { timeout: 10_000, encoding: "utf8" })).toBe("listens\n");
    }
  });

  it("never has more probes out at once than there are, whichever threads ask", async () => {
    const [threads, rounds, probes] = [3, 400, 2];
    const registry = share(threads, { ...FRAIL, halfOpen: { probes, probeTimeoutMs: 60_000 } });
    for (let round = 0; round < rounds; round++) {
      const breaker = registry.get(`endpoint ${round}`);
      breaker.onFailure(breaker.tryAcquire());
    }
    workers = await startThreads(() => registry.handle(), threads);
    const barrier = createBarrier(rounds);
    const all = { barrier, rounds, threads, nowMs: 2_000 };
    const got = await Promise.all(workers.map((thread) => thread.run<Uint8Array>("probe", all)));
    for (let round = 0; round < rounds; round++) {
      const out = got.reduce((sum, tickets) => sum + tickets[round]!, 0);
      expect(out).toBeLessThanOrEqual(probes);
      expect(registry.get(`endpoint ${round}`).snapshot(2_000).generation).toBe(3);
    }
    const total = got.reduce((sum, tickets) => sum + tickets.reduce((one, other) => one + other), 0);
    expect(total).toBe(rounds * probes);
  });

  it.each([2, 4, 8])("has counted what %i threads reported when they have stopped", async (threads) => {
    const registry = share(threads, {
      detector: { kind: "success_rate_over_time_window", requiredSuccessRate: 0, minimumCalls: 1 },
    });
    workers = await startThreads(() => registry.handle(), threads);
    const all = { name: "a", barrier: createBarrier(1), threads, calls: 50_000 };
    const counted = await Promise.all(
      workers.map((thread, seed) =>
        thread.run<{ calls: number; failures: number }>("count", { ...all, seed }),
      ),
    );
    const sum = (field: "calls" | "failures") => counted.reduce((total, thread) => total + thread[field], 0);
    expect(registry.get("a").snapshot()).toMatchObject({ calls: sum("calls"), failures: sum("failures") });
    expect(sum("calls")).toBe(threads * 50_000);
  });

  it("has each breaker once, though all threads create it at the same time", async () => {
    const [threads, count] = [4, 20_000];
    const registry = share(threads);
    workers = await startThreads(() => registry.handle(), threads);
    const barrier = createBarrier(1);
    const ids = await Promise.all(
      workers.map((thread, n) => thread.run<Uint32Array>("get", { barrier, threads, count, first: n * 50 })),
    );
    expect(registry.size).toBe(count);
    for (const other of ids) expect(other).toEqual(ids[0]);
    expect(new Set(ids[0]).size).toBe(count);
    expect(registry.get("name 77").id).toBe(ids[0]![77]);
    expect([...registry].length).toBe(count);
  });

  it("creates a breaker anew for an object whose breaker another thread deleted or evicted", () => {
    const registry = share(1);
    const other = attachRegistry(registry.handle(), { clock: () => 1_000 });
    const breaker = registry.get("a", { decayMs: 77 });
    breaker.onFailure(breaker.tryAcquire());
    expect(breaker.tryAcquire()).toBe(0);
    expect(other.delete("a")).toBe(true);
    expect(registry.has("a")).toBe(false);
    other.get("b").onFailure(other.get("b").tryAcquire()); // has the memory that was that of "a"
    expect(breaker.tryAcquire()).toBeGreaterThan(0);
    expect(other.get("a").options.decayMs).toBe(77);
    expect(evictIdle(other, 1_000, { overridden: true })).toBe(1);
    expect([breaker.state, registry.size]).toEqual(["closed", 1]); // reading creates nothing
    expect(breaker.tryAcquire()).toBeGreaterThan(0);
    expect(registry.size).toBe(2);
  });

  it("takes the options that another thread configures, from the next call on, and keeps its counts", () => {
    const registry = share(1);
    const other = attachRegistry(registry.handle(), { clock: () => 1_000 });
    const row = (failures: number) => ({ kind: "consecutive_failures", failures }) as const;
    const here = registry.get("a", { detector: row(5) });
    const there = other.get("a");
    for (let call = 0; call < 2; call++) here.onFailure(here.tryAcquire());
    const early = here.tryAcquire();
    configure(there, { detector: row(4) });
    expect(here.options.detector).toEqual([row(4)]);
    here.onFailure(early);
    configure(there, { halfOpen: { probes: 2 } }); // lies elsewhere from now on
    expect([here.id === there.id, here.options.halfOpen.probes, registry.size]).toEqual([true, 2, 1]);
    here.onFailure(early); // late: of an earlier generation
    expect(there.snapshot()).toMatchObject({ state: "closed", consecutiveFailures: 3, late: 1 });
    here.onFailure(here.tryAcquire());
    expect(there.state).toBe("open");
  });

  it("shows the options of a breaker that another thread created", async () => {
    const registry = share(1);
    const other = attachRegistry(registry.handle());
    const options = {
      detector: [
        { kind: "consecutive_failures", failures: 3 },
        { kind: "success_rate_over_time_window", windowMs: 10_000.1, buckets: 7, slowCallMs: 12.5 },
        { kind: "success_rate_over_count_window", calls: 50, minimumCalls: 7 },
      ],
      backoff: { kind: "exponential", initialMs: 3, factor: 1.7, maximumMs: 900, jitter: "decorrelated" },
      decayMs: 0,
      halfOpen: { probes: 3, successesToClose: 2, probeTimeoutMs: 7 },
      mode: "shadow",
    } as const;
    expect(other.get("a").options).toEqual(registry.get("a").options);
    const made = other.get("b", options).options;
    const steps = { kind: "steps", delaysMs: expect.arrayContaining([3, 5.1, 900]), jitter: "decorrelated" };
    expect(registry.get("b").options).toEqual({ ...made, backoff: steps });
    expect(registry.get("b").mode).toBe("shadow");
  });
});

describe("the stripes of a shared registry", () => {
  it("are one for each thread of the option; one thread more gets an error", async () => {
    const registry = share(2);
    workers = await startThreads(() => registry.handle(), 2);
    const third = new TestThread(registry.handle());
    workers.push(third);
    const { error } = await third.ask("attach");
    expect(error).toMatchObject({ code: "ERR_NO_STRIPE" });
    expect(error?.message).toMatch(/as many threads are attached .* as its option `threads` allows/);
    await workers[0]!.run("detach");
    await third.run("attach");
    expect(registry.threads).toBe(2);
  });

  it("keep their counts, and nothing works in a thread that has detached", () => {
    const registry = share(1);
    const handle = registry.handle();
    const other = attachRegistry(handle, { clock: () => 1_000 });
    const breaker = other.get("a", { detector: { kind: "consecutive_failures", failures: 9 } });
    const ticket = breaker.tryAcquire();
    breaker.onFailure(breaker.tryAcquire());
    other.detach();
    other.detach();
    for (const use of [
      () => breaker.tryAcquire(),
      () => breaker.onFailure(ticket),
      () => breaker.snapshot(),
      () => breaker.forceOpen(),
      () => other.get("b"),
      () => other.delete("a"),
      () => evictIdle(other),
    ]) {
      expect(use).toThrow(ThreadError);
      expect(use).toThrow(/has detached/);
    }
    expect(registry.get("a").snapshot().consecutiveFailures).toBe(1);
    const again = attachRegistry(handle, { clock: () => 1_000 });
    again.get("a").onFailure(again.get("a").tryAcquire());
    expect(registry.get("a").snapshot().consecutiveFailures).toBe(2);
  });

  it("need a handle and valid options", () => {
    const registry = share(1);
    for (const bad of [undefined, null, {}, { ...registry.handle(), layout: 0 }]) {
      expect(() => attachRegistry(bad as never)).toThrow(/handle must come from handle\(\)/);
    }
    expect(() => createSharedRegistry({ threads: 0 })).toThrow(/threads must be a whole number from 1 to 62/);
    expect(() => createSharedRegistry({ threads: 1, size: 3 } as never)).toThrow(/unknown option "size"/);
  });

  it("are reclaimed from workers that end", async () => {
    const registry = share(1);
    for (let round = 0; round < 3; round++) {
      const handle = registry.handle();
      const thread = new TestThread(handle);
      watchWorker(registry, thread.worker, handle);
      await thread.run("attach");
      await thread.run("fail", { name: `endpoint ${round}`, nowMs: 1_000, calls: 1 });
      await thread.worker.terminate();
    }
    expect(registry.size).toBe(3);
  });
});

describe("a thread that is killed", () => {
  it("leaves nothing broken, wherever it was; its stripe is used again", { timeout: 60_000 }, async () => {
    const registry = share(2);
    const until = Date.now() + 6_000;
    let rounds = 0;
    for (; rounds < 40 && Date.now() < until; rounds++) {
      const handles = [registry.handle(), registry.handle()];
      const pair = handles.map((handle) => new TestThread(handle, { clockMs: 1_000 + rounds * 1_000_000 }));
      workers = pair;
      await Promise.all(pair.map((thread) => thread.run("attach")));
      for (const [n, thread] of pair.entries()) thread.post("churn", { seed: rounds * 2 + n });
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 30));
      await endThreads(pair);
      for (const handle of handles) expect(reclaim(registry, handle)).toBe(1);
      inspect(registry, 1_000 + rounds * 1_000_000 + 900_000);
    }
    expect(rounds).toBeGreaterThan(5);
    expect(reclaim(registry, registry.handle())).toBe(0);
  });
});

/** Every breaker can be found and lives: it opens, probes and closes. */
function inspect(registry: ReturnType<typeof share>, nowMs: number): void {
  const all = [...registry];
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  expect(registry.size).toBe(all.length);
  for (const breaker of all) {
    expect(registry.get(breaker.name).id).toBe(breaker.id);
    breaker.reset(nowMs);
    breaker.onFailure(breaker.tryAcquire(nowMs), nowMs);
    expect(breaker.state).toBe("open");
    const probe = breaker.tryAcquire(nowMs + 5);
    expect(probe).toBeGreaterThan(0);
    breaker.onSuccess(probe, nowMs + 5);
    expect(breaker.state).toBe("closed");
  }
}
