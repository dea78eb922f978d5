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
const TEST_MS = 2 * LIMIT_MS;
const PROGRAM = join(import.meta.dirname, "../support/ship.mjs");

/** A mock and what asks it. */
class Cluster {
  readonly mock: KafkaMock;
  readonly url: string;
  readonly #admin: ReturnType<Kafka["admin"]>;

  private constructor(mock: KafkaMock, admin: ReturnType<Kafka["admin"]>) {
    this.mock = mock;
    this.url = `kafka://${mock.address}`;
    this.#admin = admin;
  }

  static async start(): Promise<Cluster> {
    const mock = await KafkaMock.start();
    const admin = new Kafka({ brokers: [mock.address], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    return new Cluster(mock, admin);
  }

  async end(): Promise<void> {
    await this.#admin.disconnect();
    this.mock.end();
  }

  async create(partitions: number, ...names: string[]): Promise<void> {
    for (const name of names) await this.mock.tell(`topic ${name} ${partitions}`);
  }

  async sizeOf(topic: string): Promise<number> {
    const offsets = await this.#admin.fetchTopicOffsets(topic);
    return offsets.reduce((sum, { high }) => sum + Number(high), 0);
  }

  async committedOf(topic: string): Promise<number> {
    const [{ partitions } = { partitions: [] }] = await this.#admin.fetchOffsets({
      groupId: `of-${topic}`,
      topics: [topic],
    });
    return partitions.reduce((sum, { offset }) => sum + Math.max(Number(offset), 0), 0);
  }

  /** Numbers in a topic, in the order of its partitions. */
  async numbersIn(topic: string): Promise<number[]> {
    const memory = new Memory();
    await ship(await openKafkaSource(`${this.url}/${topic}?group=reader-${topic}&endAfterMs=1500`), memory);
    return memory.events.map((event) => (event as { n: number }).n);
  }

  async fill(topic: string, count = COUNT): Promise<void> {
    await ship(new Numbers(count), openKafkaSink(`${this.url}/${topic}`));
  }
}

// At the same time: they wait for their groups more than they work.
describe.skipIf(!hasKafkaMock())("Kafka", () => {
  let cluster: Cluster;
  let url: string;

  beforeAll(async () => {
    cluster = await Cluster.start();
    url = cluster.url;
  }, 30_000);
  afterAll(() => cluster.end());

  it.concurrent("carries every event once and in order, and commits what was acked", async () => {
    await cluster.create(1, "one", "two");
    await cluster.fill("one");
    const source = await openKafkaSource(`${url}/one?group=of-one&endAfterMs=1500`);
    const accounting = await ship(source, openKafkaSink(`${url}/two`));
    expect(accounting).toMatchObject({ read: COUNT, delivered: COUNT, failed: 0 });
    expect(await cluster.numbersIn("two")).toEqual(Array.from({ length: COUNT }, (_, n) => n));
    expect(await cluster.committedOf("one")).toBe(COUNT);
  }, 90_000);

  it.concurrent("gives all events of one key to one partition, in order", async () => {
    await cluster.create(4, "keyed");
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

  it.concurrent(
    "loses nothing while the broker is down, up and slow in the middle",
    async ({ onTestFinished }) => {
      const own = await Cluster.start();
      onTestFinished(() => own.end());
      await own.create(1, "down", "shipped");
      await own.fill("down", OUTAGE_COUNT);
      const source = await openKafkaSource(
        `${own.url}/down?group=of-down&sessionMs=${SESSION_MS}&endAfterMs=${extent(SESSION_MS + 1_500, 8_000)}&batch=200`,
      );
      const running = ship(source, openKafkaSink(`${own.url}/shipped?batch=200`));
      const isAt = (part: number) =>
        until(
          `${part} of the events`,
          async () => (await own.sizeOf("shipped").catch(() => 0)) > OUTAGE_COUNT * part,
          LIMIT_MS,
        );
      await isAt(0.2);
      await own.mock.tell("down");
      await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
      await own.mock.tell("up");
      await isAt(0.4);
      await own.mock.tell("rtt 300");
      await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
      await own.mock.tell("rtt 0");
      await running;
      const { missing, doubles } = compare(await own.numbersIn("shipped"), OUTAGE_COUNT);
      console.log(`kafka: down, up, slow: ${missing} missing, ${doubles} doubles of ${OUTAGE_COUNT}`);
      expect(missing).toBe(0);
      expect(doubles).toBeLessThanOrEqual(400);
      expect(await own.committedOf("down")).toBe(OUTAGE_COUNT);
    },
    TEST_MS,
  );

  it.concurrent("loses nothing of a process that is killed between produce and commit, and doubles only what came after", async () => {
    await cluster.create(1, "kill", "killed");
    await cluster.fill("kill");
    const start = () =>
      fork(PROGRAM, [
        `${url}/kill?group=of-kill&endAfterMs=${extent(2_500, 3_000)}&sessionMs=${SESSION_MS}&batch=100&open=500`,
        `${url}/killed?batch=50`,
      ]);
    const first = start();
    first.on("exit", (code, signal) => console.log(`kafka: the first process ended with ${code ?? signal}`));
    await until("a quarter", async () => (await cluster.sizeOf("killed")) > COUNT / 4, 60_000);
    first.kill("SIGKILL");
    const committed = await cluster.committedOf("kill");
    const produced = await cluster.sizeOf("killed");
    await new Promise((resolve) => start().once("exit", resolve));
    const { missing, doubles } = compare(await cluster.numbersIn("killed"), COUNT);
    console.log(
      `kafka: killed: ${missing} missing, ${doubles} doubles; ${produced} produced, ${committed} committed`,
    );
    expect(missing).toBe(0);
    expect(doubles).toBeLessThanOrEqual(1_000);
  }, 120_000);

  it.concurrent("is shared by two processes with a rebalance between, one of which is killed", async () => {
    await cluster.create(4, "share", "shared");
    await cluster.fill("share");
    const source = `${url}/share?group=of-share&endAfterMs=${SESSION_MS + 2_500}&sessionMs=${SESSION_MS}&batch=100&open=500`;
    const start = () => fork(PROGRAM, [source, `${url}/shared?batch=50`]);
    const first = start();
    await until("a start", async () => (await cluster.sizeOf("shared")) > COUNT / 20, 60_000);
    const second = start();
    await until("the half", async () => (await cluster.sizeOf("shared")) > COUNT / 2, 60_000);
    first.kill("SIGKILL");
    await new Promise((resolve) => second.once("exit", resolve));
    const { missing, doubles } = compare(await cluster.numbersIn("shared"), COUNT);
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
