/** NATS JetStream against the server of Debian. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openNatsSink } from "../../../src/brokers/nats/nats-sink.ts";
import { openNatsSource } from "../../../src/brokers/nats/nats-source.ts";
import { compare, Memory, Numbers, ship } from "../support/flow.ts";
import { isInstalled, type Server, startNats, until } from "../support/servers.ts";

const COUNT = 10_000;

describe.skipIf(!isInstalled("nats-server"))("NATS JetStream", () => {
  let server: Server;
  let connection: NatsConnection;
  let url: string;

  beforeAll(async () => {
    server = await startNats();
    url = `nats://127.0.0.1:${server.port}`;
    connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  }, 30_000);
  afterAll(async () => {
    await connection.close();
    await server.end();
  });

  async function create(...names: string[]): Promise<void> {
    const manager = await jetstreamManager(connection);
    for (const name of names) await manager.streams.add({ name, subjects: [name], storage: "file" });
  }

  async function sizeOf(name: string): Promise<number> {
    return (await (await jetstreamManager(connection)).streams.info(name)).state.messages;
  }

  /** Numbers in a stream, in its order. */
  async function numbersIn(name: string): Promise<number[]> {
    const memory = new Memory();
    await ship(await openNatsSource(`${url}/${name}?durable=reader&endAfterMs=500`), memory);
    return memory.events.map((event) => (event as { n: number }).n);
  }

  async function fill(name: string, count = COUNT): Promise<void> {
    await ship(new Numbers(count), openNatsSink(`${url}/${name}`));
  }

  const openOf = async (name: string) => {
    const { num_ack_pending, num_pending } = await (await jetstreamManager(connection)).consumers.info(
      name,
      "d",
    );
    return num_ack_pending + num_pending;
  };

  it("carries every event once and in order, and acks what was acked", async () => {
    await create("one", "two");
    await fill("one");
    const source = await openNatsSource(`${url}/one?durable=d&endAfterMs=500`);
    const accounting = await ship(source, openNatsSink(`${url}/two`));
    expect(accounting).toMatchObject({ read: COUNT, delivered: COUNT, failed: 0 });
    expect(await numbersIn("two")).toEqual(Array.from({ length: COUNT }, (_, n) => n));
    await until("all acks", async () => (await openOf("one")) === 0);
  }, 60_000);

  it("loses nothing when the server is killed and started again in the middle, and doubles nothing", async () => {
    await create("kill", "killed");
    await fill("kill");
    const source = await openNatsSource(`${url}/kill?durable=d&endAfterMs=3000`);
    const running = ship(source, openNatsSink(`${url}/killed?batch=100&timeoutMs=3000`));
    await until("a quarter", async () => (await sizeOf("killed")) > COUNT / 4);
    await server.kill();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.start();
    await running;
    const { missing, doubles } = compare(await numbersIn("killed"), COUNT);
    console.log(`nats: killed in the middle: ${missing} missing, ${doubles} doubles of ${COUNT}`);
    expect({ missing, doubles }).toEqual({ missing: 0, doubles: 0 });
  }, 90_000);

  it("waits while the server hangs, and goes on without a double", async () => {
    await create("hang", "hung");
    await fill("hang", 3_000);
    const source = await openNatsSource(`${url}/hang?durable=d&endAfterMs=4000&ackWaitMs=1000`);
    const running = ship(source, openNatsSink(`${url}/hung`));
    await until("a start", async () => (await sizeOf("hung")) > 0);
    server.signal("SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    server.signal("SIGCONT");
    await running;
    expect(compare(await numbersIn("hung"), 3_000)).toEqual({ missing: 0, doubles: 0 });
  }, 60_000);

  it.each([1, 4])(
    "is shared by %i processes, one of which is killed: its messages go to the others",
    async (count) => {
      const [from, to] = [`share-${count}`, `shared-${count}`];
      await create(from, to);
      await fill(from);
      const source = `${url}/${from}?durable=d&endAfterMs=6000&ackWaitMs=2000&batch=100&open=1000`;
      const program = join(import.meta.dirname, "../support/ship.mjs");
      const start = () => fork(program, [source, `${url}/${to}`]);
      const processes = Array.from({ length: count }, start);
      await until("a quarter", async () => (await sizeOf(to)) > COUNT / 4, 60_000);
      processes[0]!.kill("SIGKILL");
      if (count === 1) processes.push(start());
      await Promise.all(
        processes.slice(1).map((child) => new Promise((resolve) => child.once("exit", resolve))),
      );
      const { missing, doubles } = compare(await numbersIn(to), COUNT);
      console.log(`nats: ${count} processes, one killed: ${missing} missing, ${doubles} doubles of ${COUNT}`);
      expect(missing).toBe(0);
      expect(doubles).toBeLessThanOrEqual(1_000);
    },
    120_000,
  );

  it("that is wrong says what and where in one message", async () => {
    const message = (spec: string) => openNatsSource(spec).then(String, (error) => error.message);
    expect(await message(`${url}/nowhere?durable=d`)).toBe(
      `${url}/nowhere?durable=d: no stream "nowhere"\ncreate it first`,
    );
    expect(await message(`${url}/one`)).toBe(`${url}/one: needs a durable consumer\nadd ?durable=name`);
    expect(await message("nats://127.0.0.1:1/x?durable=d")).toMatch(
      /cannot be used: .*(ECONNREFUSED|refused)/i,
    );
  });

  it("rejects an event that is larger than the server takes, and delivers the others", async () => {
    await create("large");
    const source = new Numbers(3);
    const pull = source.pull.bind(source);
    Object.assign(source, {
      transactional: false,
      pull: async () =>
        (await pull())?.map((item) => (item.data.n === 1 ? { data: "x".repeat(2_000_000) } : item)),
    });
    const accounting = await ship(source, openNatsSink(`${url}/large`));
    expect(accounting).toMatchObject({ read: 3, delivered: 2, failed: 1 });
    expect(await numbersIn("large")).toEqual([0, 2]);
  }, 30_000);
});
