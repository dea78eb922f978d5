import { createServer } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { ConnectError } from "../../../src/connect/base/errors.ts";
import { resolveTls } from "../../../src/connect/base/tls-options.ts";
import { HttpSink } from "../../../src/connect/http/http-sink.ts";
import { probe } from "../../../src/connect/http/route.ts";
import { openSink } from "../../../src/connect/open.ts";
import { Endpoint } from "../support/endpoint.ts";
import { Recorder } from "../support/recorder.ts";

function startOf(url: string): Promise<void> {
  return new HttpSink(url).start(new Recorder());
}

describe("start of an HTTP sink", () => {
  it("finds an endpoint without asking it anything", async () => {
    const endpoint = await Endpoint.open();
    const sink = new HttpSink(endpoint.url);
    await sink.start(new Recorder());
    await endpoint.silence();
    expect(endpoint.sockets).toBe(1);
    await sink.close();
    expect(endpoint.received).toEqual([]);
    expect(sink.counters.requests).toBe(0);
  });

  it("says that nobody listens, where, and what to do", async () => {
    const endpoint = await Endpoint.open();
    const { url, port } = endpoint;
    await endpoint.close();
    await expect(startOf(url)).rejects.toMatchObject({
      name: "ConnectError",
      code: "ERR_SINK",
      message: `${url}: cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}\ncheck the URL and that the server is running, or start without looking (--no-probe; in a program, probe: false)`,
    });
    await expect(startOf(`http://localhost:${port}/`)).rejects.toMatchObject({
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("says that a name is unknown", async () => {
    await expect(startOf("http://no-such-host.invalid/")).rejects.toMatchObject({
      code: "ERR_SINK",
      message: expect.stringContaining("the name no-such-host.invalid is unknown"),
    });
  });

  it("does not wait for ever", async () => {
    // An address that is reserved for documentation: either nobody answers or there is no way to it.
    await expect(
      probe({ url: new URL("http://192.0.2.1/"), proxy: undefined, tls: resolveTls({}) }, "test", 30),
    ).rejects.toBeInstanceOf(ConnectError);
  });

  it("understands an address of IPv6", async () => {
    const server = createServer();
    const listens = await new Promise<boolean>((resolve) => {
      server.on("error", () => resolve(false));
      server.listen(0, "::1", () => resolve(true));
    });
    if (!listens) return;
    const { port } = server.address() as { port: number };
    await probe({ url: new URL(`http://[::1]:${port}/`), proxy: undefined, tls: resolveTls({}) }, "test");
    server.close();
  });

  it("can do without a probe", async () => {
    const sink = new HttpSink("http://127.0.0.1:1/", { probe: false });
    await sink.start(new Recorder());
    await sink.close();
  });

  it("names the package that is missing", async () => {
    vi.doMock("undici", () => {
      throw new Error("Cannot find package 'undici'");
    });
    const sink = new HttpSink("http://127.0.0.1:1/", { probe: false });
    await expect(sink.start(new Recorder())).rejects.toMatchObject({
      code: "ERR_SINK",
      hint: "run: npm install undici",
    });
    vi.doUnmock("undici");
  });
});

describe("an HTTP sink refuses", () => {
  it.each([
    ["http://", "is not a valid URL"],
    ["http://a:99999/", "is not a valid URL"],
    ["ftp://127.0.0.1/", "the scheme is ftp"],
    ["http://%zz@127.0.0.1/", "a stray %"],
  ])("the URL %s", async (url, what) => {
    const refusal = { name: "ConnectError", code: "ERR_SINK", message: expect.stringContaining(what) };
    await expect(openSink(url)).rejects.toMatchObject(refusal);
  });

  it.each([
    [{ batchSize: 0 }, "batchSize must be a whole number from 1 to 100000, got 0"],
    [{ batchSize: 1.5 }, "batchSize must be a whole number from 1 to 100000, got 1.5"],
    [{ batchSize: "9" }, 'batchSize must be a whole number from 1 to 100000, got "9"'],
    [{ timeoutMs: Number.NaN }, "timeoutMs must be a whole number from 1 to 3600000, got NaN"],
    [{ lingerMs: -1 }, "lingerMs must be a whole number from 0 to 60000, got -1"],
    [
      { requestsInFlight: Number.POSITIVE_INFINITY },
      "requestsInFlight must be a whole number from 1 to 1000",
    ],
    [{ probe: "no" }, 'probe must be true or false, got "no"'],
    [{ headers: "a: b" }, "headers must be an object"],
    [{ headers: { a: 1 } }, "headers.a must be a string, got 1"],
    [{ headers: { "bad name": "1" } }, "headers.bad name must be a valid header"],
    [{ headers: { "Content-Length": "1" } }, "headers must be without what the connection and compress set"],
    [{ retries: 3 }, 'unknown option "retries"; expected one of batchSize, batchBytes, lingerMs'],
    [3, "options must be an object"],
  ])("the options %o", (options, message) => {
    const make = () => new HttpSink("http://127.0.0.1/", options as object);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: "ERR_OPTION" }));
  });

  it("nothing that is left undefined", () => {
    expect(new HttpSink("http://127.0.0.1/", {}).congested).toBe(false);
  });
});

it("an option that openSink does not know is refused", async () => {
  await expect(openSink("null:", { apend: true } as object)).rejects.toMatchObject({ code: "ERR_OPTION" });
});

it("an empty spec is no sink", async () => {
  await expect(openSink("")).rejects.toMatchObject({ code: "ERR_SINK" });
});
