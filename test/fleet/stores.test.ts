/** The stores against Redis and NATS of Debian. */
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { type Fleet, joinFleet } from "../../src/fleet/fleet.ts";
import { type NatsKvm, natsStore } from "../../src/fleet/nats-store.ts";
import { type RedisClient, redisStore, type StoreOptions } from "../../src/fleet/redis-store.ts";
import type { FleetStore } from "../../src/fleet/store.ts";
import { isInstalled, type Server, startNats, startRedis, until } from "../brokers/support/servers.ts";

interface Client {
  open(options?: StoreOptions): FleetStore;
  close(): Promise<void> | void;
}

const CLIENTS = [
  {
    name: "node-redis",
    program: "redis-server",
    start: startRedis,
    async connect(port: number): Promise<Client> {
      const client = createClient({ url: `redis://127.0.0.1:${port}`, disableOfflineQueue: true });
      client.on("error", () => {});
      await client.connect();
      return { open: (options) => redisStore(client as RedisClient, options), close: () => client.destroy() };
    },
  },
  {
    name: "ioredis",
    program: "redis-server",
    start: startRedis,
    async connect(port: number): Promise<Client> {
      const client = new Redis(port, "127.0.0.1", { enableOfflineQueue: false, lazyConnect: true });
      client.on("error", () => {});
      await client.connect();
      return {
        open: (options) => redisStore(client as RedisClient, options),
        close: () => client.disconnect(),
      };
    },
  },
  {
    name: "@nats-io/kv",
    program: "nats-server",
    start: startNats,
    async connect(port: number): Promise<Client> {
      const servers = `nats://127.0.0.1:${port}`;
      const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
      const kvm = new Kvm(connection) as unknown as NatsKvm;
      return { open: (options) => natsStore(kvm, options), close: () => connection.close() };
    },
  },
];

const bytes = (...values: number[]) => Uint8Array.from(values);

describe.each(CLIENTS)("the store over $name", ({ program, start, connect: connectTo }) => {
  describe.skipIf(!isInstalled(program))(`with ${program}`, () => {
    let server: Server;
    let client: Client;
    let runs = 0;
    const open = () => client.open({ prefix: `test-${++runs}` });

    beforeAll(async () => {
      server = await start();
      client = await connectTo(server.port);
    }, 30_000);
    afterAll(async () => {
      await client.close();
      await server.end();
    });

    it("returns the reports of all machines, byte for byte, the latest of each", async () => {
      const store = open();
      expect(await store.reports()).toEqual([]);
      const all = Uint8Array.from({ length: 20_000 }, (_, at) => at);
      await store.publish("one", bytes(1), 3_000);
      await store.publish("one", bytes(0, 255, 128), 3_000);
      await store.publish("two, with: signs *.>", all, 3_000);
      const reports = new Map((await store.reports()).map(([name, value]) => [name, Uint8Array.from(value)]));
      expect(reports).toEqual(
        new Map([
          ["one", bytes(0, 255, 128)],
          ["two, with: signs *.>", all],
        ]),
      );
    });

    it("forgets a report when its life has ended", async () => {
      const store = open();
      await store.publish("one", bytes(1), 2_000);
      expect(await store.reports()).toHaveLength(1);
      await until("it is gone", async () => (await store.reports()).length === 0, 10_000);
    });

    it("grants a lease to one of many that claim it at once, and to another one after its life", async () => {
      const store = open();
      const other = store;
      const claims = Array.from({ length: 10 }, (_, at) =>
        (at % 2 ? store : other).claim("x", `m ${at}`, 300),
      );
      const held = await Promise.all(claims);
      expect(new Set(held).size).toBe(1);
      await until("it is free", async () => (await store.claim("x", "next", 300)) === "next", 5_000);
      await store.renew("x", "renewed", 60_000);
      expect(await store.claim("x", "late", 300)).toBe("renewed");
    });

    it("keeps switches, with another version each time they are set", async () => {
      const store = open();
      expect(await store.switches()).toEqual([]);
      await store.setSwitch('a "b" ü', "forced_open");
      const [first] = await store.switches();
      expect(first).toMatchObject({ endpoint: 'a "b" ü', mode: "forced_open" });
      await store.setSwitch('a "b" ü', "forced_open");
      const again = await store.switches();
      expect(again).toHaveLength(1);
      expect(again[0]!.version).not.toBe(first!.version);
    });

    it("rejects a prefix that is none", () => {
      expect(() => client.open({ prefix: "a b" })).toThrow("prefix must be 1 to 64 letters, digits, _ and -");
    });

    describe("that is killed, hangs, and comes back empty", () => {
      const fleets: Fleet[] = [];
      afterAll(() => {
        for (const fleet of fleets) fleet.leave();
      });

      function join(store: FleetStore) {
        const registry = new CircuitBreakerRegistry();
        const fleet = joinFleet(registry, { store, everyMs: 300 });
        fleets.push(fleet);
        return { registry, fleet };
      }

      it("lets breakers act alone, delays no call, throws nothing, and is found again", async () => {
        const store = open();
        const machines = [join(store), join(store), join(store)];
        const exchanges = () => Math.min(...machines.map(({ fleet }) => fleet.status().exchanges));
        await until("exchanges", () => exchanges() > 2);
        for (const fault of ["kill", "hang"] as const) {
          if (fault === "kill") await server.kill();
          else server.signal("SIGSTOP");
          await until("failures", () =>
            machines.every(({ fleet }) => fleet.status().lastError !== undefined),
          );
          const breaker = machines[0]!.registry.get(fault);
          const startMs = performance.now();
          for (let n = 0; n < 1_000; n++) breaker.onSuccess(breaker.tryAcquire());
          expect(performance.now() - startMs).toBeLessThan(500);
          for (let n = 0; n < 1_000; n++) breaker.onFailure(breaker.tryAcquire());
          expect(breaker.state).toBe("open"); // by local counts
          if (fault === "kill") await server.start();
          else server.signal("SIGCONT");
          const before = exchanges();
          await until("exchanges again", () => exchanges() > before + 2);
          for (const { registry } of machines) {
            const shared = registry.get(`after ${fault}`);
            for (let n = 0; n < 8; n++) shared.onFailure(shared.tryAcquire());
          }
          await until("the fleet opens", () =>
            machines.every(({ registry }) => registry.get(`after ${fault}`).state !== "closed"),
          );
        }
      }, 60_000);
    });
  });
});

describe("the stores", () => {
  it("refuse what is no client", () => {
    expect(() => redisStore({} as RedisClient)).toThrow(
      "client must be a client of redis or ioredis, got an object",
    );
    expect(() => natsStore({} as NatsKvm)).toThrow("kvm must be a Kvm of @nats-io/kv, got an object");
  });
});
