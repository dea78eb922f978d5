/** Kafka against the mock cluster of librdkafka. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKafkaSink } from "../../../src/brokers/kafka/kafka-sink.ts";
import { openKafkaSource } from "../../../src/brokers/kafka/kafka-source.ts";
import { extent } from "../support/extent.ts";
import { compare, Memory, Numbers, ship } from "../support/flow.ts";
import { hasKafkaMock, KafkaMock } from "../support/kafka.ts";
import { until } from "../support/servers.ts";

const COUNT = extent(2_000, 10_000);
/** Events that are shipped while the broker is down, up and slow. */
const OUTAGE_COUNT = extent(4_000, 100_000);
/** ms that the broker is down, and that it is slow. */
const OUTAGE_MS = extent(700, 2_000);
/** After so many ms a consumer that was killed has left its group. */
const SESSION_MS = extent(5_000, 6_000);
const LIMIT_MS = extent(60_000, 900_000);
const PROGRAM = join(import.meta.dirname, "../support/ship.mjs");

describe.skipIf(!hasKafkaMock())("Kafka", () => {
  let mock: KafkaMock;
  let url: string;
  let admin: ReturnType<Kafka["admin"]>;

  beforeAll(async () => {
    mock = await KafkaMock.start();
    url = `kafka://${mock.address}`;
    admin = new Kafka({ brokers: [mock.address], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  }, 30_000);
  afterAll(async () => {
    await admin.disconnect();
    mock.end();
  });

  async function create(partitions: number, ...names: string[]): Promise<void> {
    for (const name of names) await mock.tell(`topic ${name} ${partitions}`);
  }

  async function sizeOf(topic: string): Promise<number> {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.reduce((sum, { high }) => sum + Number(high), 0);
  }

  async function committedOf(topic: string): Promise<number> {
    const [{ partitions } = { partitions: [] }] = await admin.fetchOffsets({
      groupId: `of-${topic}`,
      topics: [topic],
    });
    return partitions.reduce((sum, { offset }) => sum + Math.max(Number(offset), 0), 0);
  }

  /** Numbers in a topic, in the order of its partitions. */
  async function numbersIn(topic: string): Promise<number[]> {
    const memory = new Memory();
    await ship(await openKafkaSource(`${url}/${topic}?group=reader-${topic}&endAfterMs=1500`), memory);
    return memory.events.map((event) => (event as { n: number }).n);
  }

  async function fill(topic: string, count = COUNT): Promise<void> {
    await ship(new Numbers(count), openKafkaSink(`${url}/${topic}`));
  }

  it("carries every event once and in order, and commits what was acked", async () => {
    await create(1, "one", "two");
    await fill("one");
    const source = await openKafkaSource(`${url}/one?group=of-one&endAfterMs=1500`);
    const accounting = await ship(source, openKafkaSink(`${url}/two`));
    expect(accounting).toMatchObject({ read: COUNT, delivered: COUNT, failed: 0 });
    expect(await numbersIn("two")).toEqual(Array.from({ length: COUNT }, (_, n) => n));
    expect(await committedOf("one")).toBe(COUNT);
  }, 90_000);

  it("gives all events of one key to one partition, in order", async () => {
    await create(4, "keyed");
    await ship(new Numbers(400), openKafkaSink(`${url}/keyed?key=n`));
    await ship(new Numbers(400), openKafkaSink(`${url}/keyed?key=n`));
    const memory = new Memory();
    const source = await openKafkaSource(`${url}/keyed?group=keys&endAfterMs=1500`);
    const places = new Map<number, Set<number>>();
    const pull = source.pull.bind(source);
    source.pull = async () => {
      const items = await pull();
      for (const item of items ?? []) {
        if (!("data" in item)) continue;
        const { partition } = item.meta!.kafka as { partition: number };
        const { n } = item.data as { n: number };
        places.set(n, (places.get(n) ?? new Set()).add(partition));
      }
      return items;
    };
    await ship(source, memory);
    expect(memory.events).toHaveLength(800);
    expect([...places.values()].every(({ size }) => size === 1)).toBe(true);
    expect(new Set([...places.values()].flatMap((partitions) => [...partitions])).size).toBe(4);
  }, 60_000);

  it(
    "loses nothing while the broker is down, up and slow in the middle",
    async () => {
      await create(1, "down", "shipped");
      await fill("down", OUTAGE_COUNT);
      const source = await openKafkaSource(
        `${url}/down?group=of-down&sessionMs=${SESSION_MS}&endAfterMs=${extent(2_500, 8_000)}&batch=200`,
      );
      const running = ship(source, openKafkaSink(`${url}/shipped?batch=200`));
      const isAt = (part: number) =>
        until(
          `${part} of the events`,
          async () => (await sizeOf("shipped").catch(() => 0)) > OUTAGE_COUNT * part,
          LIMIT_MS,
        );
      await isAt(0.2);
      await mock.tell("down");
      await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
      await mock.tell("up");
      await isAt(0.4);
      await mock.tell("rtt 300");
      await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
      await mock.tell("rtt 0");
      await running;
      const { missing, doubles } = compare(await numbersIn("shipped"), OUTAGE_COUNT);
      console.log(`kafka: down, up, slow: ${missing} missing, ${doubles} doubles of ${OUTAGE_COUNT}`);
      expect(missing).toBe(0);
      expect(doubles).toBeLessThanOrEqual(400);
      expect(await committedOf("down")).toBe(OUTAGE_COUNT);
    },
    LIMIT_MS * 2,
  );

  it("loses nothing of a process that is killed between produce and commit, and doubles only what came after", async () => {
    await create(1, "kill", "killed");
    await fill("kill");
    const start = () =>
      fork(PROGRAM, [
        `${url}/kill?group=of-kill&endAfterMs=${extent(2_500, 3_000)}&sessionMs=${SESSION_MS}&batch=100&open=500`,
        `${url}/killed?batch=50`,
      ]);
    const first = start();
    first.on("exit", (code, signal) => console.log(`kafka: the first process ended with ${code ?? signal}`));
    await until("a quarter", async () => (await sizeOf("killed")) > COUNT / 4, 60_000);
    first.kill("SIGKILL");
    const committed = await committedOf("kill");
    const produced = await sizeOf("killed");
    await new Promise((resolve) => start().once("exit", resolve));
    const { missing, doubles } = compare(await numbersIn("killed"), COUNT);
    console.log(
      `kafka: killed: ${missing} missing, ${doubles} doubles; ${produced} produced, ${committed} committed`,
    );
    expect(missing).toBe(0);
    expect(doubles).toBeLessThanOrEqual(1_000);
  }, 120_000);

  it("is shared by two processes with a rebalance between, one of which is killed", async () => {
    await create(4, "share", "shared");
    await fill("share");
    const source = `${url}/share?group=of-share&endAfterMs=${SESSION_MS + 2_500}&sessionMs=${SESSION_MS}&batch=100&open=500`;
    const start = () => fork(PROGRAM, [source, `${url}/shared?batch=50`]);
    const first = start();
    await until("a start", async () => (await sizeOf("shared")) > COUNT / 20, 60_000);
    const second = start();
    await until("the half", async () => (await sizeOf("shared")) > COUNT / 2, 60_000);
    first.kill("SIGKILL");
    await new Promise((resolve) => second.once("exit", resolve));
    const { missing, doubles } = compare(await numbersIn("shared"), COUNT);
    console.log(`kafka: two processes, one killed: ${missing} missing, ${doubles} doubles of ${COUNT}`);
    expect(missing).toBe(0);
    expect(doubles).toBeLessThanOrEqual(3_000);
  }, 120_000);

  it("that is wrong says what and where in one message", async () => {
    const message = (spec: string) => openKafkaSource(spec).then(String, (error) => error.message);
    expect(await message(`${url}/one`)).toBe(`${url}/one: needs a group\nadd ?group=name`);
    expect(await message(`${url}/one?group=g&start=now`)).toMatch(
      /start must be earliest or latest, got "now"/,
    );
    expect(await message("kafka://127.0.0.1:1/x?group=g")).toMatch(/cannot be reached: /);
  }, 30_000);
});
