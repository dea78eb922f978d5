import { execFileSync } from "node:child_process";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type CircuitBreakerEvent, CircuitBreakerRegistry, ThreadError } from "../../src/entry/shared.ts";
import { dismiss, gateOf, Mate, recruit } from "./crew.ts";

const KINDS = ["opened", "half_opened", "closed"] as const;
const FRAIL = {
  detector: { kind: "consecutive_failures", failures: 1 },
  backoff: { kind: "constant", delayMs: 5 },
} as const;

let mates: Mate[] = [];
afterEach(async () => {
  await dismiss(mates);
  mates = [];
});

function share(threads: number, defaults: object = FRAIL) {
  return CircuitBreakerRegistry.shared({ threads, defaults, seed: 1, clock: () => 1_000 });
}

describe("a registry that threads share", () => {
  it.each([
    ["woken", false],
    ["by looking now and then", true],
  ])("tells every thread every event once (%s)", async (_, polls) => {
    const registry = share(3);
    mates = await recruit(() => registry.handle(), 3, { polls });
    const heard: CircuitBreakerEvent[] = [];
    registry.on("opened", (event) => heard.push(event));
    await Promise.all(mates.map((mate) => mate.get("listen", { kinds: ["opened"] })));
    await mates[0]!.get("fail", { name: "a", nowMs: 1_000, calls: 1 });
    registry.get("b").onFailure(registry.get("b").tryAcquire(1_001), 1_001);
    await vi.waitFor(async () => {
      expect(heard.map(({ endpoint }) => endpoint)).toEqual(["a", "b"]);
    });
    for (const mate of mates) {
      const seen: string[] = [];
      await vi.waitFor(async () => {
        const { events } = await mate.get<{ events: CircuitBreakerEvent[] }>("heard");
        seen.push(...events.map(({ endpoint }) => endpoint));
        expect(seen).toEqual(["a", "b"]);
      });
      expect(await mate.get("state", { name: "a" })).toBe("open");
    }
  });

  it("writes one record for a transition, however many threads see its cause", async () => {
    const registry = share(4);
    const names = ["a", "b"];
    for (const name of names) registry.get(name); // at generation 1, which a block that was used before would not be
    const heard: CircuitBreakerEvent[] = [];
    mates = await recruit(() => registry.handle(), 4);
    for (const kind of KINDS) registry.on(kind, (event) => heard.push(event));
    const until = Date.now() + 500;
    const flapping = Promise.all(mates.map((mate) => mate.get("flap", { names, until })));
    const reading = setInterval(() => registry.poll(), 1);
    await flapping;
    clearInterval(reading);
    registry.poll();
    expect(heard.length).toBeGreaterThan(100);
    let transitions = 0;
    for (const name of names) {
      const generations = heard
        .filter(({ endpoint }) => endpoint === name)
        .map(({ generation }) => generation);
      // In order, and none twice. All that are left out were counted as missed.
      expect(generations).toEqual([...new Set(generations)].sort((one, other) => one - other));
      transitions += registry.get(name).snapshot().generation - 1;
    }
    expect(heard.length + registry.missed).toBe(transitions);
  });

  it("admits exactly the share of a gradual return, whoever asks", async () => {
    const ramp = { shares: [0.25], stepMs: 5_000 };
    const registry = share(4, { ...FRAIL, halfOpen: { ramp } });
    const breaker = registry.get("a");
    mates = await recruit(() => registry.handle(), 4);
    breaker.onFailure(breaker.tryAcquire(1_000), 1_000);
    breaker.onSuccess(breaker.tryAcquire(1_005), 1_005);
    const order = { name: "a", gate: gateOf(1), threads: 4, calls: 250, nowMs: 1_010 };
    const admitted = await Promise.all(mates.map((mate) => mate.get<number>("ask", order)));
    expect(admitted.reduce((sum, count) => sum + count, 0)).toBe(250);
    expect(breaker.snapshot(1_010)).toMatchObject({ state: "half_open", refused: 750 });
  });

  it("knows the calls of all threads that are out, and opens when they hang", async () => {
    const detector = { kind: "success_rate_over_time_window", windowMs: 1_000, hungAfterMs: 200 };
    const registry = share(4, { detector });
    const breaker = registry.get("a");
    mates = await recruit(() => registry.handle(), 4);
    const order = { name: "a", gate: gateOf(1), threads: 4, calls: 10_000, nowMs: 1_000 };
    await Promise.all(mates.map((mate) => mate.get("ask", order)));
    expect(breaker.snapshot(1_299)).toMatchObject({ state: "closed", pending: 40_000, hung: 0 });
    expect(breaker.snapshot(1_300)).toMatchObject({ pending: 40_000, hung: 40_000 });
    expect(await mates[0]!.get("tryAcquire", { name: "a", nowMs: 1_300 })).toBe(0);
    expect(breaker.state).toBe("open");
  });

  it("tells a thread that did not listen in time how many transitions it missed", () => {
    const told: number[] = [];
    const registry = CircuitBreakerRegistry.shared({
      threads: 1,
      defaults: FRAIL,
      clock: () => 1_000,
      onMissed: (count) => told.push(count),
    });
    const heard: CircuitBreakerEvent[] = [];
    registry.on("opened", (event) => heard.push(event));
    // Two threads as far as the memory is concerned, so that the one certainly reads nothing meanwhile.
    const other = CircuitBreakerRegistry.attach(registry.handle(), { clock: () => 1_000 });
    for (let n = 0; n < 600; n++)
      other.get(`endpoint ${n}`).onFailure(other.get(`endpoint ${n}`).tryAcquire());
    registry.poll();
    expect(heard.length).toBeGreaterThan(200);
    expect(heard.at(-1)?.endpoint).toBe("endpoint 599");
    expect(registry.missed).toBe(600 - heard.length);
    expect(told).toEqual([registry.missed]);
    expect(other.missed).toBe(0);
  });

  it("tells whoever begins to listen nothing of what was before", () => {
    const registry = share(1);
    const other = CircuitBreakerRegistry.attach(registry.handle(), { clock: () => 1_000 });
    const heard: string[] = [];
    other.get("before").onFailure(other.get("before").tryAcquire());
    const off = registry.get("after").on("opened", ({ endpoint }) => heard.push(endpoint));
    registry.on("opened", ({ endpoint }) => heard.push(endpoint));
    other.get("after").onFailure(other.get("after").tryAcquire());
    off();
    registry.poll();
    expect(heard).toEqual(["after"]);
  });

  it("keeps no process alive by listening", () => {
    const entry = new URL("../../dist/src/entry/shared.js", import.meta.url).href;
    const program = `
      import { CircuitBreakerRegistry } from ${JSON.stringify(entry)};
      if (process.argv[1] === "polls") Atomics.waitAsync = undefined;
      CircuitBreakerRegistry.shared({ threads: 1 }).on("opened", () => {});
      console.log("listens");`;
    for (const how of ["waits", "polls"]) {
      const args = ["--input-type=module", "-e", program, how];
      expect(execFileSync(process.execPath, args, { timeout: 10_000, encoding: "utf8" })).toBe("listens\n");
    }
  });

  it("never lets out more probes at once than there are, whichever threads ask", async () => {
    const [threads, rounds, probes] = [3, 400, 2];
    const registry = share(threads, { ...FRAIL, halfOpen: { probes, probeTimeoutMs: 60_000 } });
    for (let round = 0; round < rounds; round++) {
      const breaker = registry.get(`endpoint ${round}`);
      breaker.onFailure(breaker.tryAcquire());
    }
    mates = await recruit(() => registry.handle(), threads);
    const gate = gateOf(rounds);
    const all = { gate, rounds, threads, nowMs: 2_000 };
    const got = await Promise.all(mates.map((mate) => mate.get<Uint8Array>("probe", all)));
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
    mates = await recruit(() => registry.handle(), threads);
    const all = { name: "a", gate: gateOf(1), threads, calls: 50_000 };
    const counted = await Promise.all(
      mates.map((mate, seed) => mate.get<{ calls: number; failures: number }>("count", { ...all, seed })),
    );
    const sum = (field: "calls" | "failures") => counted.reduce((total, mate) => total + mate[field], 0);
    expect(registry.get("a").snapshot()).toMatchObject({ calls: sum("calls"), failures: sum("failures") });
    expect(sum("calls")).toBe(threads * 50_000);
  });

  it("has each breaker once, though all threads make it at the same time", async () => {
    const [threads, count] = [4, 20_000];
    const registry = share(threads);
    mates = await recruit(() => registry.handle(), threads);
    const gate = gateOf(1);
    const ids = await Promise.all(
      mates.map((mate, n) => mate.get<Uint32Array>("get", { gate, threads, count, first: n * 50 })),
    );
    expect(registry.size).toBe(count);
    for (const other of ids) expect(other).toEqual(ids[0]);
    expect(new Set(ids[0]).size).toBe(count);
    expect(registry.get("name 77").id).toBe(ids[0]![77]);
    expect([...registry].length).toBe(count);
  });

  it("lets an object go on whose breaker another thread deleted or evicted: it is made anew", () => {
    const registry = share(1);
    const other = CircuitBreakerRegistry.attach(registry.handle(), { clock: () => 1_000 });
    const breaker = registry.get("a", { decayMs: 77 });
    breaker.onFailure(breaker.tryAcquire());
    expect(breaker.tryAcquire()).toBe(0);
    expect(other.delete("a")).toBe(true);
    expect(registry.has("a")).toBe(false);
    other.get("b").onFailure(other.get("b").tryAcquire()); // has the memory that was that of "a"
    expect(breaker.tryAcquire()).toBeGreaterThan(0);
    expect(other.get("a").options.decayMs).toBe(77);
    expect(other.evictIdle(1_000, { overridden: true })).toBe(1);
    expect(breaker.state).toBe("closed");
    expect(registry.size).toBe(2);
  });

  it("has the options that another thread gives it, from the next call on, with what it counted", () => {
    const registry = share(1);
    const other = CircuitBreakerRegistry.attach(registry.handle(), { clock: () => 1_000 });
    const row = (failures: number) => ({ kind: "consecutive_failures", failures }) as const;
    const here = registry.get("a", { detector: row(5) });
    const there = other.get("a");
    for (let call = 0; call < 2; call++) here.onFailure(here.tryAcquire());
    const early = here.tryAcquire();
    there.configure({ detector: row(4) });
    expect(here.options.detectors).toEqual([row(4)]);
    here.onFailure(early);
    there.configure({ halfOpen: { probes: 2 } }); // lies elsewhere from now on
    expect([here.id === there.id, here.options.halfOpen.probes, registry.size]).toEqual([true, 2, 1]);
    here.onFailure(early); // late: of an earlier generation
    expect(there.snapshot()).toMatchObject({ state: "closed", consecutiveFailures: 3, late: 1 });
    here.onFailure(here.tryAcquire());
    expect(there.state).toBe("open");
  });

  it("knows the options of a breaker that another thread made", async () => {
    const registry = share(1);
    const other = CircuitBreakerRegistry.attach(registry.handle());
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
    expect(other.get("b", options).options).toEqual(registry.get("b").options);
    expect(registry.get("b").mode).toBe("shadow");
  });
});

describe("places for threads", () => {
  it("are as many as were asked for; a thread too many is told so", async () => {
    const registry = share(2);
    mates = await recruit(() => registry.handle(), 2);
    const third = new Mate(registry.handle());
    mates.push(third);
    const { error } = await third.ask("attach");
    expect(error).toMatchObject({ code: "ERR_NO_STRIPE" });
    expect(error?.message).toMatch(/as many threads are attached .* as it has room for/);
    await mates[0]!.get("detach");
    await third.get("attach");
    expect(registry.threads).toBe(2);
  });

  it("leave what they have counted, and nothing works in a thread that has detached", () => {
    const registry = share(1);
    const handle = registry.handle();
    const other = CircuitBreakerRegistry.attach(handle, { clock: () => 1_000 });
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
      () => other.evictIdle(),
    ]) {
      expect(use).toThrow(ThreadError);
      expect(use).toThrow(/has detached/);
    }
    expect(registry.get("a").snapshot().consecutiveFailures).toBe(1);
    const again = CircuitBreakerRegistry.attach(handle, { clock: () => 1_000 });
    again.get("a").onFailure(again.get("a").tryAcquire());
    expect(registry.get("a").snapshot().consecutiveFailures).toBe(2);
  });

  it("are refused to what is no handle, and options out of range are named", () => {
    const registry = share(1);
    for (const bad of [undefined, null, {}, { ...registry.handle(), layout: 0 }]) {
      expect(() => CircuitBreakerRegistry.attach(bad as never)).toThrow(/a handle must come from handle\(\)/);
    }
    expect(() => CircuitBreakerRegistry.shared({ threads: 0 })).toThrow(
      /threads must be a whole number from 1 to 62/,
    );
    expect(() => CircuitBreakerRegistry.shared({ threads: 1, size: 3 } as never)).toThrow(
      /size is no option/,
    );
  });

  it("are taken back from workers that end", async () => {
    const registry = share(1);
    for (let round = 0; round < 3; round++) {
      const handle = registry.handle();
      const mate = new Mate(handle);
      registry.adopt(mate.worker, handle);
      await mate.get("attach");
      await mate.get("fail", { name: `endpoint ${round}`, nowMs: 1_000, calls: 1 });
      await mate.worker.terminate();
    }
    expect(registry.size).toBe(3);
  });
});

describe("a thread that is killed", () => {
  it("leaves nothing broken, wherever it was; its place is used again", { timeout: 60_000 }, async () => {
    const registry = share(2);
    const until = Date.now() + 6_000;
    let rounds = 0;
    for (; rounds < 40 && Date.now() < until; rounds++) {
      const handles = [registry.handle(), registry.handle()];
      const crew = handles.map((handle) => new Mate(handle, { clockMs: 1_000 + rounds * 1_000_000 }));
      mates = crew;
      await Promise.all(crew.map((mate) => mate.get("attach")));
      for (const [n, mate] of crew.entries()) mate.order("churn", { seed: rounds * 2 + n });
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 30));
      await dismiss(crew);
      for (const handle of handles) expect(registry.reclaim(handle)).toBe(1);
      inspect(registry, 1_000 + rounds * 1_000_000 + 900_000);
    }
    expect(rounds).toBeGreaterThan(5);
    expect(registry.reclaim(registry.handle())).toBe(0);
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
