import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { lingerAfterWrites } from "../../../src/connect/http/linger.ts";
import { eventOf } from "../support/recorder.ts";
import { push, ship } from "../support/shipping.ts";

/** A server of raw sockets on loopback that does with each, numbered from 1, what a test says. */
async function serve(onSocket: (socket: Socket, number: number) => void): Promise<string> {
  let count = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on("error", () => {}));
    onSocket(socket, ++count);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const TOO_LARGE = "HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/** The bodies of the requests that come in on a socket, which are smaller than a chunk. */
function onRequest(socket: Socket, act: (body: string) => void): void {
  socket.on("data", (chunk) => act(chunk.toString().split("\r\n\r\n")[1] ?? ""));
}

describe("a connection of an HTTP sink", () => {
  it("sends a request once more on a fresh one when the endpoint closed the old one before any answer", async () => {
    const bodies: string[] = [];
    const url = await serve((socket, number) => {
      let requests = 0;
      onRequest(socket, (body) => {
        requests++;
        // The first socket answers once, and hangs up on the second request as a server does that reloads.
        if (number === 1 && requests === 2) socket.resetAndDestroy();
        else socket.write(OK);
        bodies.push(`${number}: ${body.trim()}`);
      });
    });
    const { sink, recorder } = await ship(url, { requestsInFlight: 1 });
    push(sink, 1);
    await sink.drain();
    push(sink, 1);
    await sink.drain();
    expect(bodies).toEqual(["1: 0", "1: 0", "2: 0"]);
    expect(recorder.acked).toEqual([0, 0]);
    expect(sink.counters).toMatchObject({ requests: 2, requestsFailed: 0, sockets: 2 });
  });

  it("fails a request that a fresh connection did not answer, and one whose answer had begun", async () => {
    const url = await serve((socket, number) => {
      let requests = 0;
      onRequest(socket, () => {
        requests++;
        if (number === 1 && requests === 1) socket.write(OK);
        else if (number === 1) socket.write("HTTP/1.1 2", () => socket.resetAndDestroy());
        else socket.resetAndDestroy();
      });
    });
    const { sink, recorder } = await ship(url, { requestsInFlight: 1 });
    for (let i = 0; i < 3; i++) {
      push(sink, 1);
      await sink.drain();
    }
    expect(recorder.said).toEqual(["ack", "fail", "fail"]);
    expect(sink.counters.sockets).toBe(2);
  });

  it("hears an answer that comes before the body is sent, although the endpoint then hangs up", async () => {
    const url = await serve((socket) => {
      socket.once("data", () => {
        socket.pause();
        socket.end(TOO_LARGE);
      });
    });
    const { sink, recorder } = await ship(url, { batchSize: 1 });
    sink.onEvent(eventOf("x".repeat(16_000_000)));
    await sink.drain();
    expect(recorder.rejected[0]?.meta).toMatchObject({ error: "HTTP 413", status: 413 });
  });
});

describe("a socket that lingers after writes", () => {
  it("hears what the other side said before it closed, and fails by the time when it said nothing", async () => {
    const closed = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done(closed) });
    lingerAfterWrites(socket as Socket, 5);
    const heard: string[] = [];
    socket.on("data", (chunk) => heard.push(String(chunk)));
    socket.on("error", (error) => heard.push(error.message));
    const ended = new Promise((resolve) => socket.once("close", resolve));
    socket.write("the body");
    socket.push("413");
    await ended;
    expect(heard).toEqual(["413", "write EPIPE"]);
  });

  it("fails at once by any other error", async () => {
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done(new Error("no")) });
    lingerAfterWrites(socket as Socket, 60_000);
    socket.write("the body");
    await expect(once(socket, "close")).rejects.toThrow("no");
  });
});
