/** Redis Streams against Redis of Debian. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedisSink } from "../../../src/brokers/redis/redis-sink.ts";
import { openRedisSource } from "../../../src/brokers/redis/redis-source.ts";
import { compare, Memory, Numbers, ship } from "../support/flow.ts";
import { isInstalled, type Server, startRedis, until } from "../support/servers.ts";

const COUNT = 20_000;

describe.skipIf(!isInstalled("redis-server"))("Redis Streams", () => {
  let server: Server;
  let client: ReturnType<typeof createClient>;
  let url: string;

  beforeAll(async () => {
    server = await startRedis(true);
    url = `redis://127.0.0.1:${server.port}`;
    client = createClient({ url, RESP: 2 });
    client.on("error", () => {});
    await client.connect();
  }, 30_000);
  afterAll(async () => {
    client.destroy();
    await server.end();
  });

  /** Numbers in a stream, in its order. */
  async function numbersIn(key: string): Promise<number[]> {
    const entries = await client.xRange(key, "-", "+");
    return (entries ?? []).map(({ message }) => JSON.parse(message.data!).n);
  }

  async function fill(key: string, count = COUNT): Promise<void> {
    await ship(new Numbers(count), openRedisSink(`${url}/${key}`));
  }

  const pendingOf = async (key: string) => (await client.xPending(key, "g")).pending;

  it("carry every event once and in order, and commit what was acked", async () => {
    await fill("one");
    expect(await numbersIn("one")).toEqual(Array.from({ length: COUNT }, (_, n) => n));
    const source = await openRedisSource(`${url}/one?group=g&endAfterMs=300`);
    const accounting = await ship(source, openRedisSink(`${url}/two`));
    expect(accounting).toMatchObject({ read: COUNT, delivered: COUNT, failed: 0 });
    expect(await numbersIn("two")).toEqual(Array.from({ length: COUNT }, (_, n) => n));
    expect(await pendingOf("one")).toBe(0);
  }, 60_000);

  it("give an entry with a bad JSON to err, an entry of other fields as an object, and commit both", async () => {
    await client.xAdd("bad", "*", { data: "{broken" });
    await client.xAdd("bad", "*", { a: "1", b: "x" });
    const [out, err] = [new Memory(), new Memory()];
    await ship(await openRedisSource(`${url}/bad?group=g&endAfterMs=200`), out, { err });
    expect(out.events).toEqual([{ a: "1", b: "x" }]);
    expect(err.events).toMatchObject([
      { text: "{broken", redis: { id: expect.stringMatching(/^\d+-\d+$/) } },
    ]);
    expect(await pendingOf("bad")).toBe(0);
  });

  it("lose nothing when the server is killed and started again in the middle, and double less than one batch", async () => {
    await fill("kill");
    const source = await openRedisSource(`${url}/kill?group=g&endAfterMs=1500`);
    const running = ship(source, openRedisSink(`${url}/killed?batch=200`));
    await until("a quarter", async () => (await client.xLen("killed")) > COUNT / 4);
    await server.kill();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.start();
    await running;
    await until("a connection", async () => client.isReady);
    const { missing, doubles } = compare(await numbersIn("killed"), COUNT);
    console.log(`redis: killed in the middle: ${missing} missing, ${doubles} doubles of ${COUNT}`);
    expect(missing).toBe(0);
    expect(doubles).toBeLessThanOrEqual(200);
    expect(await pendingOf("kill")).toBe(0);
  }, 90_000);

  it("wait while the server hangs, and go on without a double", async () => {
    await fill("hang", 5_000);
    const source = await openRedisSource(`${url}/hang?group=g&endAfterMs=3000`);
    const running = ship(source, openRedisSink(`${url}/hung`));
    await until("a start", async () => (await client.xLen("hung")) > 0);
    server.signal("SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    server.signal("SIGCONT");
    await running;
    expect(compare(await numbersIn("hung"), 5_000)).toEqual({ missing: 0, doubles: 0 });
  }, 60_000);

  it.each([1, 4])(
    "are shared by %i processes, one of which is killed: its entries go to the others",
    async (count) => {
      const [from, to] = [`share-${count}`, `shared-${count}`];
      await fill(from);
      const source = `${url}/${from}?group=g&endAfterMs=4000&claimAfterMs=1500&batch=100&open=1000`;
      const program = join(import.meta.dirname, "../support/ship.mjs");
      const start = (name: string) => fork(program, [`${source}&consumer=${name}`, `${url}/${to}`]);
      const processes = Array.from({ length: count }, (_, at) => start(`c${at}`));
      await until("a quarter", async () => (await client.xLen(to)) > COUNT / 4, 60_000);
      processes[0]!.kill("SIGKILL");
      if (count === 1) processes.push(start("c0"));
      await Promise.all(
        processes.slice(1).map((child) => new Promise((resolve) => child.once("exit", resolve))),
      );
      const { missing, doubles } = compare(await numbersIn(to), COUNT);
      console.log(
        `redis: ${count} processes, one killed: ${missing} missing, ${doubles} doubles of ${COUNT}`,
      );
      expect(missing).toBe(0);
      expect(doubles).toBeLessThanOrEqual(1_000);
      expect(await pendingOf(from)).toBe(0);
    },
    120_000,
  );

  it("that are wrong say what and where in one message", async () => {
    const message = (spec: string) => openRedisSource(spec).then(String, (error) => error.message);
    expect(await message(`${url}/nowhere?group=g`)).toBe(
      `${url}/nowhere?group=g: no stream "nowhere"\nwrite to it first, or add &create=true`,
    );
    expect(await message(`${url}/one`)).toBe(`${url}/one: needs a group\nadd ?group=name`);
    expect(await message(`${url}/one?group=g&grope=1`)).toMatch(
      /unknown option "grope"; expected one of group, /,
    );
    expect(await message(`${url}/one?group=g&batch=0`)).toMatch(
      /batch must be a whole number from 1 to 10000, got "0"/,
    );
    expect(await message(`redis://u:secret@127.0.0.1:${server.port}`)).toBe(
      `redis://u:***@127.0.0.1:${server.port}: must be redis://host:port/name?option=value`,
    );
    expect(await message("redis://127.0.0.1:1/x?group=g")).toMatch(/cannot be reached: .*ECONNREFUSED/);
  });
});
