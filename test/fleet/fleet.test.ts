import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry, type RegistryOptions } from "../../src/entry/main.ts";
import { attachRegistry, createSharedRegistry } from "../../src/entry/threads.ts";
import { manualClock } from "../../src/features/testing.ts";
import { joinFleet } from "../../src/fleet/fleet.ts";
import { memoryStore } from "../../src/fleet/memory-store.ts";
import type { FleetOpening, FleetOptions } from "../../src/fleet/options.ts";
import { encodeReport, hashOf } from "../../src/fleet/report.ts";
import type { FleetStore } from "../../src/fleet/store.ts";

const ROUND_MS = 1_000;

/** Machines of one fleet on one clock. */
function setUp(machines: number, options: Partial<FleetOptions> = {}, registryOptions: RegistryOptions = {}) {
  const clock = manualClock();
  const store = memoryStore(clock);
  const all = Array.from({ length: machines }, (_, at) => {
    const registry = new CircuitBreakerRegistry({ clock, seed: at, ...registryOptions });
    const fleet = joinFleet(registry, { store, everyMs: 0, machine: `m${at}`, ...options });
    return { registry, fleet, breaker: registry.get("a") };
  });
  const exchange = async (rounds = 1) => {
    for (let round = 0; round < rounds; round++) {
      for (const { fleet } of all) await fleet.exchange();
      await clock.advance(ROUND_MS);
    }
  };
  return { clock, store, all, exchange };
}

type Breaker = ReturnType<CircuitBreakerRegistry["get"]>;

function report(breaker: Breaker, successes: number, failures: number): void {
  for (let n = 0; n < successes; n++) breaker.onSuccess(breaker.tryAcquire());
  for (let n = 0; n < failures; n++) breaker.onFailure(breaker.tryAcquire());
}

describe("machines of one fleet", () => {
  it("open together where each alone has too few calls, and say how many they are", async () => {
    const openings: FleetOpening[] = [];
    const { all, exchange } = setUp(5, { onOpened: (opening) => openings.push(opening) });
    const events: unknown[] = [];
    all[0]!.registry.on("opened", ({ cause, lastError }) => events.push(cause, lastError));
    for (const { breaker } of all) report(breaker, 1, 5);
    await exchange(2);
    expect(all.map(({ breaker }) => breaker.state)).toEqual(Array(5).fill("open"));
    expect(openings).toHaveLength(5);
    const opening = openings.find(({ machines }) => machines === 5);
    expect(opening).toMatchObject({ endpoint: "a", sick: 5, machines: 5, calls: 30, failures: 25 });
    expect(events[0]).toBe("tripped");
    expect(events[1]).toMatchObject({
      name: "FleetVerdict",
      message: expect.stringContaining("machines see it fail"),
    });
    expect(all[0]!.fleet.status()).toMatchObject({ opened: 1, failed: 0, refused: 0, machines: 4 });
  });

  it("tell the caller of a refused call what the fleet saw", async () => {
    const { all, exchange } = setUp(5);
    for (const { breaker } of all) report(breaker, 0, 5);
    await exchange();
    await expect(all[4]!.breaker.execute(() => 1)).rejects.toMatchObject({
      openedBy: "tripped",
      lastError: { name: "FleetVerdict" },
    });
  });

  it("stay closed where one has no failures of its own", async () => {
    const { all, exchange } = setUp(5);
    for (const { breaker } of all.slice(1)) report(breaker, 0, 10);
    report(all[0]!.breaker, 10, 1);
    await exchange(3);
    expect(all.map(({ breaker }) => breaker.state)).toEqual(["closed", ...Array(4).fill("open")]);
  });

  it("read reports only where they have failures", async () => {
    let reads = 0;
    const { store, all, exchange } = setUp(3);
    const { reports } = store;
    const countedReports = () => {
      reads++;
      return reports();
    };
    Object.assign(store, { reports: countedReports });
    for (const { breaker } of all) report(breaker, 50, 1);
    await exchange(3);
    expect(reads).toBe(0);
    report(all[1]!.registry.get("b"), 0, 3);
    await exchange();
    expect(reads).toBe(1);
  });

  it("ignore what a machine said more than two rounds ago, and what the store has forgotten", async () => {
    const { clock, all } = setUp(5);
    for (const { breaker } of all.slice(1)) report(breaker, 0, 5);
    for (const { fleet } of all.slice(1)) await fleet.exchange();
    await clock.advance(3_001);
    report(all[0]!.breaker, 0, 5);
    await all[0]!.fleet.exchange();
    expect(all[0]!.breaker.state).toBe("closed");
    expect(all[0]!.fleet.status().machines).toBe(0);
  });

  it("share nothing of count windows and of failures in a row", async () => {
    const { all, exchange } = setUp(
      3,
      {},
      { defaults: { detector: { kind: "consecutive_failures", failures: 9 } } },
    );
    for (const { breaker } of all) report(breaker, 0, 8);
    await exchange(2);
    expect(all.map(({ breaker }) => breaker.state)).toEqual(["closed", "closed", "closed"]);
  });

  it("do the same in a registry that threads share, over the calls of all its threads", async () => {
    const clock = manualClock();
    const store = memoryStore(clock);
    const shared = createSharedRegistry({ threads: 2, clock, seed: 1 });
    const other = attachRegistry(shared.handle(), { clock });
    const fleet = joinFleet(shared, { store, everyMs: 0 });
    const peer = encodeReport({ sequence: 1, counts: new Map([[hashOf("a"), { calls: 30, failures: 30 }]]) });
    report(shared.get("a"), 0, 1);
    report(other.get("a"), 0, 9);
    for (const machine of ["x", "y", "z"]) await store.publish(machine, peer, 3_000);
    await fleet.exchange();
    expect(other.get("a").state).toBe("open");
  });
});

describe("the probe of a fleet", () => {
  const constant: RegistryOptions = { defaults: { backoff: { kind: "constant", delayMs: 5_000 } } };

  async function open(machines: number) {
    const fleet = setUp(machines, {}, constant);
    for (const { breaker } of fleet.all) report(breaker, 0, 10);
    await fleet.exchange(2);
    expect(fleet.all.every(({ breaker }) => breaker.state === "open")).toBe(true);
    return fleet;
  }

  it("is one machine's: the others stay open until it has succeeded, and then probe for themselves", async () => {
    const { all, exchange } = await open(4);
    await exchange(5);
    const admitted = all.map(({ breaker }) => breaker.tryAcquire());
    expect(admitted.filter((ticket) => ticket > 0)).toHaveLength(1);
    const at = admitted.findIndex((ticket) => ticket > 0);
    all[at]!.breaker.onSuccess(admitted[at]!);
    expect(all[at]!.breaker.state).toBe("closed");
    await exchange(3);
    const next = all.map(({ breaker }) => breaker.tryAcquire());
    expect(next.every((ticket) => ticket > 0)).toBe(true);
  });

  it("keeps the others open for the delay of the policy when it fails", async () => {
    const { all, exchange } = await open(4);
    await exchange(5);
    const prober = all.find(({ breaker }) => {
      const ticket = breaker.tryAcquire();
      if (ticket) breaker.onFailure(ticket);
      return ticket > 0;
    });
    expect(prober).toBeDefined();
    await exchange(4);
    expect(all.map(({ breaker }) => breaker.tryAcquire())).toEqual([0, 0, 0, 0]);
    await exchange(3);
    expect(all.filter(({ breaker }) => breaker.tryAcquire() > 0)).toHaveLength(1);
  });

  it("passes to another machine when the one that has it makes no call", async () => {
    const { all, exchange } = await open(3);
    const callers = all.slice(1); // those whose turn it is not at first
    await exchange(20);
    const first = all[0]!.breaker.state;
    expect(first).toBe("open");
    expect(callers.filter(({ breaker }) => breaker.tryAcquire() > 0).length).toBeGreaterThan(0);
  });

  it("is each machine's own when the store does not answer", async () => {
    const { store, all, exchange } = await open(4);
    Object.assign(store, { claim: () => Promise.reject(new Error("gone")) });
    await exchange(6);
    expect(all.every(({ breaker }) => breaker.tryAcquire() > 0)).toBe(true);
    expect(all[0]!.fleet.status()).toMatchObject({ lastError: new Error("gone") });
  });
});

describe("switches of a fleet", () => {
  it("force a breaker open on all machines, also where it is not yet, and enable it again", async () => {
    const { all, exchange } = setUp(3);
    await all[0]!.fleet.forceOpen("b");
    await exchange();
    expect(all.map(({ registry }) => registry.get("b").mode)).toEqual(Array(3).fill("forced_open"));
    await all[1]!.fleet.enable("b");
    await exchange();
    expect(all.map(({ registry }) => registry.get("b").mode)).toEqual(Array(3).fill("enabled"));
  });

  it("are applied once each time: a later switch on one machine stays until the fleet is switched again", async () => {
    const { all, exchange } = setUp(2);
    await all[0]!.fleet.forceOpen("a");
    await exchange();
    all[1]!.breaker.enable();
    await exchange();
    expect(all[1]!.breaker.mode).toBe("enabled");
    await all[0]!.fleet.forceOpen("a");
    await exchange();
    expect(all[1]!.breaker.mode).toBe("forced_open");
  });

  it("that make no sense are refused and counted", async () => {
    const { store, all, exchange } = setUp(1);
    await store.setSwitch("a", "explode");
    await store.setSwitch("", "enabled");
    await exchange();
    expect(all[0]!.breaker.mode).toBe("enabled");
    expect(all[0]!.fleet.status()).toMatchObject({ refused: 1, failed: 0 });
  });

  it("reject when the store does not take them", async () => {
    const { store, all } = setUp(1);
    Object.assign(store, { setSwitch: () => Promise.reject(new Error("gone")) });
    await expect(all[0]!.fleet.forceOpen("a")).rejects.toThrow("gone");
  });
});

describe("a machine that lies", () => {
  const forged = (calls: number, failures: number) =>
    encodeReport({ sequence: 1, counts: new Map([[hashOf("a"), { calls, failures }]]) });

  it("with a billion failures counts as one machine of the median size", async () => {
    const { store, all, exchange } = setUp(4);
    await store.publish("liar", forged(1e9, 1e9), 60_000);
    for (const { breaker } of all.slice(1)) report(breaker, 50, 3);
    await exchange();
    report(all[0]!.breaker, 9, 3);
    await exchange(2);
    expect(all.map(({ breaker }) => breaker.state)).toEqual(Array(4).fill("closed"));
  });

  it("with bytes that are no report is refused and counted", async () => {
    const { store, all } = setUp(1);
    await store.publish("x", new Uint8Array([1, 2, 3]), 60_000);
    await store.publish("y", "text" as unknown as Uint8Array, 60_000);
    report(all[0]!.breaker, 0, 5);
    await all[0]!.fleet.exchange();
    expect(all[0]!.fleet.status()).toMatchObject({ refused: 2, machines: 0, failed: 0 });
  });

  it("opens no machine that has fewer than two failures of its own, whatever the messages", async () => {
    const counts = fc.record({ calls: fc.nat(2 ** 32 - 1), failures: fc.nat(2 ** 32 - 1) });
    const message = fc.oneof(
      counts.map(({ calls, failures }) => forged(calls, Math.min(failures, calls))),
      fc.uint8Array({ maxLength: 80 }),
    );
    const lease = fc.constantFrom("probing 0 x", "failed 9 x", "failed NaN", "closed 0 x", "", "\0");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(message, { maxLength: 30 }), { minLength: 1, maxLength: 5 }),
        lease,
        fc.nat(40),
        fc.nat(1),
        async (rounds, held, successes, failures) => {
          const { store, all, exchange } = setUp(1);
          Object.assign(store, { claim: async () => held });
          const { breaker } = all[0]!;
          report(breaker, successes, failures);
          for (const messages of rounds) {
            for (const [at, bytes] of messages.entries()) await store.publish(`peer ${at}`, bytes, 3_000);
            await exchange();
            expect(breaker.state).toBe("closed");
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("an exchange", () => {
  it("is left out while the one before hangs, and goes on when that ends", async () => {
    const { store, all } = setUp(1, { everyMs: 50 });
    all[0]!.fleet.leave(); // this one has a timer
    let answer: (() => void) | undefined;
    const registry = new CircuitBreakerRegistry();
    const hanging: FleetStore = {
      ...store,
      publish: () => new Promise((resolve) => (answer = resolve)),
    };
    const errors: unknown[] = [];
    const fleet = joinFleet(registry, {
      store: hanging,
      everyMs: 50,
      onError: (error) => errors.push(error),
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { skipped, failed, exchanges } = fleet.status();
    expect(exchanges).toBe(0);
    expect(failed).toBeLessThanOrEqual(2);
    expect(skipped).toBeGreaterThan(0);
    expect(errors[0]).toMatchObject({ code: "ERR_FLEET_STORE_TIMEOUT" });
    hanging.publish = async () => {};
    answer!();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(fleet.status().exchanges).toBeGreaterThan(0);
    fleet.leave();
    const { exchanges: last } = fleet.status();
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(fleet.status().exchanges).toBe(last);
  });

  it("outlives handlers that throw", async () => {
    const warnings: unknown[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on("warning", listen);
    const { store, all, exchange } = setUp(1, {
      onError: () => {
        throw new Error("of the handler");
      },
    });
    Object.assign(store, { switches: () => Promise.reject(new Error("gone")) });
    await exchange();
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", listen);
    expect(all[0]!.fleet.status().failed).toBe(1);
    expect(warnings).toEqual(["of the handler"]);
  });
});

describe("options of a fleet", () => {
  const registry = new CircuitBreakerRegistry();
  const store = memoryStore();

  it.each([
    [{ store: {} }, "store.publish must be a function, got undefined"],
    [{ store, everyMs: 10 }, "everyMs must be 50 to 60000, got 10"],
    [{ store, machines: 0 }, "machines must be 0.1 to 1, got 0"],
    [{ store, machine: "" }, "machine must be 1 to 128 characters, got 0"],
    [{ store, maximumEndpoints: 1.5 }, "maximumEndpoints must be a whole number from 1 to 65536, got 1.5"],
    [{ store, onOpened: 1 }, "onOpened must be a function, got 1"],
    [{ store, every: 1 }, /unknown option "every"; expected one of store, everyMs/],
  ])("are checked: %#", (options, message) => {
    expect(() => joinFleet(registry, options as unknown as FleetOptions)).toThrow(message);
  });

  it("need a registry", () => {
    expect(() => joinFleet({} as CircuitBreakerRegistry, { store })).toThrow(
      "registry must be a CircuitBreakerRegistry, got an object",
    );
  });
});
