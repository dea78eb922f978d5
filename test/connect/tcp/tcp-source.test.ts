import { describe, expect, it, onTestFinished } from "vitest";
import { CHUNK_SIZE } from "../../../src/connect/file/byte-reader.ts";
import { openSource } from "../../../src/connect/open.ts";
import type { TcpOptions } from "../../../src/connect/tcp/tcp-options.ts";
import type { Source } from "../../../src/flow/protocol/source-and-sink.ts";
import { dataOf } from "../../ndjson/reading.ts";
import { LineServer } from "../support/lineserver.ts";
import { pullAll, pullSome } from "../support/pulling.ts";

const SOON: TcpOptions = { reconnect: { intervalMs: 10, maximumIntervalMs: 20 } };
const ONCE: TcpOptions = { reconnect: { maximumRetries: 0 } };

async function open(server: LineServer, tcp: TcpOptions): Promise<Source> {
  const source = await openSource(server.spec, { tcp, maximumLineBytes: 100 });
  onTestFinished(() => source.close());
  return source;
}

describe("a TCP source", () => {
  it("reads lines in order, up to the end of the connection", async () => {
    const server = await LineServer.open((socket) => socket.end("1\n2\n3\n"));
    const source = await open(server, ONCE);
    expect(source.name).toBe(server.spec);
    expect(dataOf(await pullAll(source))).toEqual([1, 2, 3]);
  });

  it("connects again when the connection ends, and goes on", async () => {
    const server = await LineServer.open((socket) => socket.end(`${server.count}\n`));
    const source = await open(server, SOON);
    expect(dataOf(await pullSome(source, 3))).toEqual([1, 2, 3]);
  });

  it.each(["end", "resetAndDestroy"] as const)(
    "refuses what a connection left of a line (%s): half a number is a number too",
    async (end) => {
      const server = await LineServer.open((socket) => {
        if (server.count === 1) socket.write("1\n123");
        else socket.end("2\n");
      });
      const source = await open(server, SOON);
      expect(await pullSome(source, 1)).toMatchObject([{ data: 1 }]);
      for (const socket of server.sockets) socket[end]();
      expect(await pullSome(source, 2)).toMatchObject([
        { malformed: { line: 2, error: "the connection ended inside the line", text: "123" } },
        { data: 2 },
      ]);
    },
  );

  it("says of a malformed line from whom it came", async () => {
    const server = await LineServer.open((socket) => socket.end(`no\n"${"x".repeat(200)}"\n1\n`));
    const items = await pullAll(await open(server, ONCE));
    const from = `127.0.0.1:${server.port}`;
    expect(items).toMatchObject([
      { malformed: { from, line: 1, text: "no" } },
      { malformed: { from, line: 2, error: "longer than 100 bytes" } },
      { data: 1 },
    ]);
  });

  it("reads one chunk and no more until it is asked again", async () => {
    const server = await LineServer.open((socket) => socket.write("1\n".repeat(5_000_000)));
    const source = await open(server, SOON);
    for (let pulls = 0; pulls < 3; pulls++) {
      expect((await source.pull())?.length).toBeLessThanOrEqual(CHUNK_SIZE / 2);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it("ends with an error when a lost connection does not come back", async () => {
    const server = await LineServer.open((socket) => socket.write("1\n"));
    const source = await open(server, { reconnect: { intervalMs: 10, maximumRetries: 2 } });
    await pullSome(source, 1);
    await server.die();
    await expect(source.pull()).rejects.toMatchObject({
      code: "ERR_SOURCE",
      where: server.spec,
      what: expect.stringMatching(/^was lost: connect ECONNREFUSED .* \(given up after 2 tries\)$/),
    });
  });

  it("ends with an error when the connection breaks and may not be tried again", async () => {
    const server = await LineServer.open((socket) => socket.write("1\n"));
    const source = await open(server, ONCE);
    await pullSome(source, 1);
    for (const socket of server.sockets) socket.resetAndDestroy();
    await expect(source.pull()).rejects.toMatchObject({
      what: expect.stringMatching(/^was lost: .*ECONNRESET/),
    });
  });

  it("fails at once when nothing listens", async () => {
    const server = await LineServer.open();
    await server.die();
    await expect(openSource(server.spec)).rejects.toMatchObject({
      code: "ERR_SOURCE",
      what: expect.stringMatching(/^cannot be reached: connect ECONNREFUSED/),
    });
  });

  it("waits for a server under probe: false", async () => {
    const server = await LineServer.open((socket) => socket.write("1\n"));
    await server.die();
    const source = await open(server, { ...SOON, probe: false });
    await server.live();
    expect(dataOf(await pullSome(source, 1))).toEqual([1]);
  });

  it("can be closed while a pull is pending, which then finds the end", async () => {
    const server = await LineServer.open();
    const source = await open(server, SOON);
    const pulling = source.pull();
    await source.close();
    expect(await pulling).toBeUndefined();
    await server.until(() => server.sockets.size === 0);
    expect(server.count).toBe(1);
  });
});
