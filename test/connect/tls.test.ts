import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { type ConnectionOptions, connect as connectTls, createServer as createTlsServer } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import type { HttpOptions } from "../../src/connect/http/http-options.ts";
import { HttpSink } from "../../src/connect/http/http-sink.ts";
import { openSink, openSource, type SourceOptions } from "../../src/connect/open.ts";
import { EXPIRED, SELF_SIGNED } from "../tls/certificates.ts";
import { Endpoint } from "./support/endpoint.ts";
import { HttpProxyServer } from "./support/proxy.ts";
import { pullSome } from "./support/pulling.ts";
import { eventOf, Recorder } from "./support/recorder.ts";

const TRUSTED = { ca: SELF_SIGNED.cert };

/** An HTTPS server on loopback; resolves to its URL by name. */
async function secureEndpoint(
  listener: RequestListener,
  options: object = SELF_SIGNED,
  host = "localhost",
): Promise<string> {
  const server = createServer(options, listener).on("tlsClientError", () => {});
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `https://${host}:${(server.address() as AddressInfo).port}/events`;
}

/** Ships one event; resolves to how it ended. */
async function shipOne(url: string, options: HttpOptions): Promise<string> {
  const sink = new HttpSink(url, options);
  const recorder = new Recorder();
  onTestFinished(() => sink.close());
  try {
    await sink.start(recorder);
  } catch (error) {
    return `not started: ${(error as Error).message.split("\n", 1)[0]}`;
  }
  sink.onEvent(eventOf({ id: 1 }));
  await sink.drain();
  return recorder.acked.length === 1 ? "acked" : `failed: ${JSON.stringify(recorder.failed)}`;
}

describe("an HTTP sink with TLS", () => {
  it("trusts the authorities that it is given, by name and by address", async () => {
    const bodies: string[] = [];
    const listener: RequestListener = async (request, response) => {
      bodies.push(await text(request));
      response.end();
    };
    for (const host of ["localhost", "127.0.0.1"]) {
      const url = await secureEndpoint(listener, SELF_SIGNED, host);
      expect(await shipOne(url, { tls: TRUSTED })).toBe("acked");
    }
    expect(bodies).toEqual(['{"id":1}\n', '{"id":1}\n']);
  });

  it("does not start where the certificate is wrong, and says what is wrong with it", async () => {
    const refuse: RequestListener = () => expect.unreachable("no request may come");
    const url = await secureEndpoint(refuse);
    expect(await shipOne(url, {})).toMatch(/^not started: https:.* cannot be reached: TLS: self-signed/);
    const expired = await secureEndpoint(refuse, EXPIRED);
    expect(await shipOne(expired, { tls: { ca: EXPIRED.cert } })).toMatch(/TLS: certificate has expired/);
    const other = { ...TRUSTED, serverName: "elsewhere.example" };
    expect(await shipOne(url, { tls: other })).toMatch(/TLS: Hostname\/IP does not match/);
  });

  it("takes any certificate under verify: false", async () => {
    const url = await secureEndpoint((_, response) => void response.end(), EXPIRED);
    expect(await shipOne(url, { tls: { verify: false } })).toBe("acked");
  });

  it("shows its certificate to a server that asks for one", async () => {
    const options = { ...SELF_SIGNED, ca: SELF_SIGNED.cert, requestCert: true, rejectUnauthorized: true };
    const url = await secureEndpoint((_, response) => void response.end(), options);
    expect(await shipOne(url, { tls: { ...TRUSTED, ...SELF_SIGNED } })).toBe("acked");
    expect(await shipOne(url, { tls: TRUSTED })).toMatch(/^failed: /);
  });
});

describe("an HTTP sink behind a proxy", () => {
  it("asks the proxy for a tunnel to https://, and says its name and password", async () => {
    const proxy = await HttpProxyServer.open();
    proxy.authorization = `Basic ${Buffer.from("ann:s:e%c").toString("base64")}`;
    const url = await secureEndpoint((_, response) => void response.end());
    const named = `http://ann:s%3Ae%25c@127.0.0.1:${proxy.port}`;
    expect(await shipOne(url, { tls: TRUSTED, proxy: named })).toBe("acked");
    const { host } = new URL(url);
    expect(proxy.seen).toEqual([`CONNECT ${host}`, `CONNECT ${host}`]); // the probe, the request
    expect(await shipOne(url, { tls: TRUSTED, proxy: proxy.url })).toMatch(
      /the proxy 127.0.0.1:\d+ refused the connection: it answered 407 Proxy Authentication Required/,
    );
  });

  it("gives the proxy requests for http:// with the whole URL", async () => {
    const proxy = await HttpProxyServer.open();
    const endpoint = await Endpoint.open();
    expect(await shipOne(endpoint.url, { proxy: proxy.url, token: "t" })).toBe("acked");
    expect(proxy.seen).toEqual([`POST ${endpoint.url}`]);
    expect(endpoint.received[0]?.headers).toMatchObject({
      host: new URL(endpoint.url).host,
      authorization: "Bearer t",
    });
  });

  it("says that the proxy cannot be reached", async () => {
    const endpoint = await Endpoint.open();
    await endpoint.close();
    const proxy = `http://127.0.0.1:${endpoint.port}`;
    expect(await shipOne("http://localhost:1/", { proxy })).toMatch(
      /^not started: the proxy http:\/\/127.0.0.1:\d+: cannot be reached: connect ECONNREFUSED/,
    );
    expect(await shipOne("https://localhost:1/", { proxy })).toMatch(
      /the proxy 127.0.0.1:\d+ cannot be reached/,
    );
  });
});

describe("options of HTTP that say who sends", () => {
  it.each<[HttpOptions, string]>([
    [{ user: "ann:pass:word" }, `Basic ${Buffer.from("ann:pass:word").toString("base64")}`],
    [{ token: "abc" }, "Bearer abc"],
  ])("become a header: %o", async (options, authorization) => {
    const endpoint = await Endpoint.open();
    expect(await shipOne(endpoint.url, options)).toBe("acked");
    expect(endpoint.received[0]?.headers.authorization).toBe(authorization);
  });

  it("give way to a user in the URL", async () => {
    const endpoint = await Endpoint.open();
    await shipOne(endpoint.url.replace("//", "//bob:b@"), { token: "abc" });
    const basic = Buffer.from("bob:b").toString("base64");
    expect(endpoint.received[0]?.headers.authorization).toBe(`Basic ${basic}`);
  });

  it.each<[HttpOptions, string]>([
    [{ user: "ann" }, "user must be name:password"],
    [{ user: ":x" }, "user must be name:password"],
    [{ token: "a b" }, "token must be of one or more visible characters of ASCII"],
    [{ user: "a:b", token: "c" }, "user and token exclude each other"],
    [
      { token: "c", headers: { Authorization: "d" } },
      "token and the header authorization exclude each other",
    ],
    [{ proxy: "https://secret:pw@p:1" }, "proxy must be http://host:port, with name:password"],
    [{ proxy: "http://p:1/path" }, "proxy must be http://host:port, with name:password"],
    [{ tls: { cert: SELF_SIGNED.cert } }, "tls.cert requires tls.key"],
    [{ tls: { ca: "x" } }, "tls.ca must be a text in PEM, with -----BEGIN …----- in it"],
    [
      { tls: { cert: SELF_SIGNED.cert, key: EXPIRED.key } },
      "tls must have certificates and their key in PEM: ",
    ],
  ])("are checked: %o", (options, message) => {
    const open = () => new HttpSink("http://localhost/", options);
    expect(open).toThrow(
      expect.objectContaining({ code: "ERR_OPTION", message: expect.stringContaining(message) }),
    );
    expect(open).not.toThrow(/secret|pw/);
  });
});

describe("lines over TLS", () => {
  it("go from a sink to a source of ours, which may ask for a certificate", async () => {
    const listen = { tls: { ...SELF_SIGNED, ca: SELF_SIGNED.cert } };
    const source = await openSource("listen:tls://127.0.0.1:0", { listen });
    onTestFinished(() => source.close());
    expect(source.name).toMatch(/^tls:\/\/127.0.0.1:\d+$/);
    const send = async (tls: object) => {
      const sink = await openSink(source.name, { tcp: { tls } });
      const recorder = new Recorder();
      await sink.start(recorder);
      sink.onEvent(eventOf({ id: 7 }));
      await sink.drain();
      await sink.close();
      return recorder;
    };
    await send({ ...TRUSTED, ...SELF_SIGNED });
    const [item] = await pullSome(source, 1);
    expect(item).toMatchObject({ data: { id: 7 } });
    await expect(send({})).rejects.toThrow("TLS: self-signed certificate");
  });

  it("come from a server to a source", async () => {
    const server = createTlsServer(SELF_SIGNED, (socket) => socket.end('{"id":1}\n'));
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const tcp = { tls: TRUSTED, reconnect: { maximumRetries: 0 } };
    const source = await openSource(`tls://localhost:${port}`, { tcp });
    onTestFinished(() => source.close());
    expect(await pullSome(source, 1)).toMatchObject([{ data: { id: 1 } }]);
    await expect(openSource(`tls://localhost:${port}`)).rejects.toThrow(
      /^tls:\/\/localhost:\d+: cannot be reached: TLS: self-signed/,
    );
  });

  it.each(["listen:tls://127.0.0.1:0", "listen:https://127.0.0.1:0/"])(
    "need a certificate where we listen: %s",
    async (spec) => {
      await expect(openSource(spec)).rejects.toThrow(/a server with TLS needs a certificate and its key/);
      const half = { listen: { tls: { cert: SELF_SIGNED.cert } } } as unknown as SourceOptions;
      await expect(openSource(spec, half)).rejects.toThrow("tls.cert requires tls.key");
    },
  );

  it.each(["listen:tls://127.0.0.1:0", "listen:https://127.0.0.1:0/"])(
    "end at once with a client that never shakes hands: %s",
    async (spec) => {
      const source = await openSource(spec, { listen: { tls: SELF_SIGNED } });
      const socket = connect(Number(new URL(source.name).port), "127.0.0.1");
      await once(socket, "connect");
      const startMs = performance.now();
      await source.close();
      expect(performance.now() - startMs).toBeLessThan(5_000);
    },
  );
});

describe("an HTTPS server as a source", () => {
  it("takes what is posted, and refuses a client without the certificate that it asks for", async () => {
    const listen = { tls: { ...SELF_SIGNED, ca: SELF_SIGNED.cert } };
    const source = await openSource("listen:https://127.0.0.1:0/in", { listen });
    onTestFinished(() => source.close());
    expect(source.name).toMatch(/^https:\/\/127.0.0.1:\d+\/in$/);
    const pulled = pullSome(source, 1);
    expect(await shipOne(source.name, { tls: { ...TRUSTED, ...SELF_SIGNED } })).toBe("acked");
    expect(await pulled).toMatchObject([{ data: { id: 1 } }]);
    expect(await shipOne(source.name, { tls: TRUSTED })).toMatch(/^failed: /);
  });

  it("cuts off a client that does not shake hands in time", async () => {
    const source = await openSource("listen:https://127.0.0.1:0/", {
      listen: { tls: SELF_SIGNED, timeoutMs: 100 },
    });
    onTestFinished(() => source.close());
    const port = Number(new URL(source.name).port);
    const socket = connect(port, "127.0.0.1");
    await once(socket, "close");
    const options: ConnectionOptions = { port, host: "127.0.0.1", ca: SELF_SIGNED.cert };
    const other = connectTls(options);
    await once(other, "secureConnect");
    other.destroy();
  });
});
