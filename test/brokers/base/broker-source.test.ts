import { describe, expect, it } from "vitest";
import { loadClient } from "../../../src/brokers/base/broker-error.ts";
import { BrokerSource, type Message } from "../../../src/brokers/base/broker-source.ts";
import { readBrokerUrl } from "../../../src/brokers/base/broker-url.ts";
import type { Insight } from "../../../src/flow/protocol/insight.ts";

const LIMITS = { batch: 2, open: 4, endAfterMs: 0 };

/** A broker whose messages are the numbers from 1. */
function setUp(limits = LIMITS, count = 100) {
  const committed: number[] = [];
  const returned: number[] = [];
  let next = 1;
  const reader = {
    async read(maximum: number): Promise<Message<number>[] | undefined> {
      const messages: Message<number>[] = [];
      while (messages.length < maximum && next <= count) {
        messages.push({ position: next, bytes: Buffer.from(`{"n":${next}}`), meta: {} });
        next++;
      }
      if (messages.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      return messages;
    },
    commit: (positions: readonly number[]) => void committed.push(...positions),
    close: async (positions: readonly number[]) => void returned.push(...positions),
  };
  const source = new BrokerSource("broker", reader, limits);
  const say = (kind: "ack" | "fail", id: number) => source.onInsight({ kind, id } as Insight);
  const pull = async () =>
    (await source.pull())?.map((item) => ("data" in item ? (item.data as { n: number }).n : item));
  return { source, committed, returned, say, pull };
}

describe("a source over a broker", () => {
  it("hands over batches, and commits what is acked up to an id", async () => {
    const { committed, say, pull } = setUp();
    expect([await pull(), await pull()]).toEqual([
      [1, 2],
      [3, 4],
    ]);
    say("ack", 3);
    expect(committed).toEqual([1, 2, 3]);
  });

  it("waits for acks when as many messages are out as it may have", async () => {
    const { say, pull } = setUp();
    await pull();
    await pull();
    let isDone = false;
    const next = pull().then((items) => {
      isDone = true;
      return items;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(isDone).toBe(false);
    say("ack", 1);
    expect(await next).toEqual([5]);
  });

  it("hands over again from the event that failed, without the broker, and commits each once", async () => {
    const { committed, say, pull } = setUp();
    await pull();
    await pull();
    say("ack", 1);
    say("fail", 2);
    expect(await pull()).toEqual([2, 3]);
    say("ack", 3);
    expect(await pull()).toEqual([4]);
    say("ack", 4);
    expect(committed).toEqual([1, 2, 3, 4]);
  });

  it("waits longer each time the same event fails", async () => {
    const { say, pull } = setUp();
    await pull();
    const waits: number[] = [];
    for (let n = 0; n < 4; n++) {
      say("fail", 1);
      const startMs = performance.now();
      expect((await pull())?.[0]).toBe(1);
      waits.push(performance.now() - startMs);
    }
    expect(waits[0]).toBeLessThan(25);
    expect(waits[3]).toBeGreaterThan(waits[1]!);
    expect(waits[3]).toBeGreaterThanOrEqual(190);
  });

  it("gives back what is not acked when it is closed, also while a pull waits", async () => {
    const { source, returned, pull } = setUp();
    await pull();
    await pull();
    const waiting = pull();
    await source.close();
    expect(await waiting).toBeUndefined();
    expect(returned).toEqual([1, 2, 3, 4]);
    await source.close();
  });

  it("ends after so many ms without a message", async () => {
    const { pull, say } = setUp({ ...LIMITS, endAfterMs: 30 }, 2);
    expect(await pull()).toEqual([1, 2]);
    say("ack", 2);
    expect(await pull()).toBeUndefined();
  });
});

describe("URLs of brokers", () => {
  const OPTIONS = { group: "text", create: "flag", batch: [1, 10] } as const;
  const read = (spec: string) => readBrokerUrl("ERR_SOURCE", spec, 1_234, OPTIONS);

  it("have host, port, name and options", () => {
    const url = read("redis://us%40er:p@[::1]/na%20me?group=g&create=true&batch=3");
    expect(url).toMatchObject({ host: "::1", port: 1_234, user: "us@er", password: "p", name: "na me" });
    expect([url.text("group"), url.flag("create"), url.number("batch", 9), url.number("open", 9)]).toEqual([
      "g",
      true,
      3,
      9,
    ]);
  });

  it.each([
    ["redis://host", "redis://host: must be redis://host:port/name?option=value"],
    ["redis://host/a/b", "redis://host/a/b: must be redis://host:port/name?option=value"],
    ["redis://host/a?x=1", 'redis://host/a?x=1: unknown option "x"; expected one of group, create, batch'],
    [
      "redis://host/a?batch=11",
      'redis://host/a?batch=11: batch must be a whole number from 1 to 10, got "11"',
    ],
    ["redis://host/a?create=1", 'redis://host/a?create=1: create must be true or false, got "1"'],
    [
      "redis://u:secret@host/a?x",
      'redis://u:***@host/a?x: unknown option "x"; expected one of group, create, batch',
    ],
  ])("that are wrong say why: %s", (spec, message) => {
    expect(() => read(spec)).toThrow(expect.objectContaining({ message, code: "ERR_SOURCE" }));
  });

  it("whose package is missing say what to install", async () => {
    const missing = loadClient(
      "ERR_SINK",
      "kafka://h/t",
      "kafkajs",
      () => import("a-package-that-is-missing" as string),
    );
    await expect(missing).rejects.toMatchObject({
      message: "kafka://h/t: needs kafkajs\nnpm install kafkajs",
      code: "ERR_SINK",
    });
  });
});
