import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ListenOptions } from "../../../src/connect/base/listen-options.ts";
import { CHUNK_SIZE } from "../../../src/connect/file/byte-reader.ts";
import { openSource } from "../../../src/connect/open.ts";
import type { Source } from "../../../src/flow/protocol/source-and-sink.ts";
import { dataOf } from "../../ndjson/reading.ts";
import { pullSome } from "../support/pulling.ts";

interface Listening {
  readonly source: Source;
  dial(): Promise<Socket>;
}

async function listen(options: ListenOptions = {}): Promise<Listening> {
  const source = await openSource("listen:tcp://127.0.0.1:0", { listen: options, maximumLineBytes: 100 });
  onTestFinished(() => source.close());
  const port = Number(new URL(source.name).port);
  const dial = async (): Promise<Socket> => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => {});
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    return socket;
  };
  return { source, dial };
}

describe("a TCP server as a source", () => {
  it("reads from several senders, each in its own order and with its own lines", async () => {
    const { source, dial } = await listen();
    const [first, second] = await Promise.all([dial(), dial()]);
    first.write('"a1"\n"a');
    second.write('"b1"\n');
    const one = dataOf(await pullSome(source, 2));
    expect([...one].sort()).toEqual(["a1", "b1"]);
    first.write('2"\n');
    expect(dataOf(await pullSome(source, 1))).toEqual(["a2"]);
    second.end('"b2"\n');
    expect(dataOf(await pullSome(source, 1))).toEqual(["b2"]);
  });

  it("goes on when senders leave, in good order or not", async () => {
    const { source, dial } = await listen();
    (await dial()).end("1\n");
    expect(dataOf(await pullSome(source, 1))).toEqual([1]);
    const broken = await dial();
    broken.write("2\n3");
    expect(dataOf(await pullSome(source, 1))).toEqual([2]);
    const from = `127.0.0.1:${broken.localPort}`;
    broken.resetAndDestroy();
    expect(await pullSome(source, 1)).toMatchObject([{ malformed: { from, line: 2, text: "3" } }]);
    (await dial()).write("4\n");
    expect(dataOf(await pullSome(source, 1))).toEqual([4]);
  });

  it("reads one chunk of a sender and no more until it is asked again", async () => {
    const { source, dial } = await listen();
    (await dial()).write("1\n".repeat(5_000_000));
    for (let pulls = 0; pulls < 3; pulls++) {
      expect((await source.pull())?.length).toBeLessThanOrEqual(CHUNK_SIZE / 2);
      // What is not held back would pile up now.
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it("closes a connection that is one too many, and keeps the others", async () => {
    const { source, dial } = await listen({ maximumConnections: 1 });
    const first = await dial();
    first.write("1\n");
    expect(dataOf(await pullSome(source, 1))).toEqual([1]);
    const second = await dial();
    second.resume();
    await once(second, "close");
    first.write("2\n");
    expect(dataOf(await pullSome(source, 1))).toEqual([2]);
  });

  it("skips a line without end in constant memory and reads the next", async () => {
    const { source, dial } = await listen();
    const sender = await dial();
    sender.write("x".repeat(1_000_000));
    sender.write("\n7\n");
    const items = await pullSome(source, 2);
    expect(items).toMatchObject([{ malformed: { line: 1, error: "longer than 100 bytes" } }, { data: 7 }]);
  });

  it("closes its connections when it is closed, and a pending pull finds the end", async () => {
    const { source, dial } = await listen();
    const sender = await dial();
    const closed = once(sender.resume(), "close");
    const pulling = source.pull();
    await source.close();
    expect(await pulling).toBeUndefined();
    await closed;
    await expect(dial()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it.each([{ maximumConnections: 0 }, { timeoutMs: 1 }, { retryAfterMs: 5 }, { backlog: 1 }])(
    "refuses the options %o",
    async (options) => {
      await expect(listen(options as object)).rejects.toMatchObject({ code: "ERR_OPTION" });
    },
  );
});
