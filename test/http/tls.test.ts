import { createServer } from "node:https";
import { type AddressInfo, createServer as createPlainServer, type Server } from "node:net";
import { Agent, fetch, request } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { guardFetch } from "../../src/entry/fetch.ts";
import { circuitBreaker } from "../../src/entry/undici.ts";
import { EXPIRED, SELF_SIGNED } from "../tls/certificates.ts";
import { counting, countsOf, FAILURE, NOTHING, SUCCESS } from "./fixture.ts";

type Send = (url: string, agent: Agent, breakers: ReturnType<typeof counting>) => Promise<string>;

/** One request by each of the guards; resolves to the text of the answer. */
const GUARDS: Readonly<Record<string, Send>> = {
  async circuitBreaker(url, agent, breakers) {
    const { body } = await request(url, { dispatcher: agent.compose(circuitBreaker({ breakers })) });
    return body.text();
  },
  async guardFetch(url, agent, breakers) {
    const guarded = guardFetch(fetch as unknown as typeof globalThis.fetch, { breakers });
    const response = await guarded(url, { dispatcher: agent } as RequestInit);
    return response.text();
  },
};

describe.each(Object.entries(GUARDS))("%s around a server with TLS", (_, send) => {
  const servers: Server[] = [];

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function listening(server: Server): Promise<string> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `https://localhost:${(server.address() as AddressInfo).port}`;
  }

  function secure(certificate: typeof SELF_SIGNED): Promise<string> {
    return listening(createServer(certificate, (_, response) => void response.end("all is well")));
  }

  /** The text of the answer or the code of the error, and what the breaker has counted. */
  async function ask(origin: string, connect: object): Promise<readonly unknown[]> {
    const agent = new Agent({ connect });
    const breakers = counting();
    const end = await send(origin, agent, breakers).catch((error) => error.code ?? error.cause.code);
    await agent.destroy();
    return [end, countsOf(breakers, origin)];
  }

  it("counts the answer of one that the program trusts", async () => {
    const origin = await secure(SELF_SIGNED);
    expect(await ask(origin, { ca: SELF_SIGNED.cert })).toEqual(["all is well", SUCCESS]);
  });

  it("counts nothing where the program does not trust it", async () => {
    expect(await ask(await secure(SELF_SIGNED), {})).toEqual(["DEPTH_ZERO_SELF_SIGNED_CERT", NOTHING]);
  });

  it("counts nothing where the program asks for another name", async () => {
    const connect = { ca: SELF_SIGNED.cert, servername: "elsewhere.test" };
    expect(await ask(await secure(SELF_SIGNED), connect)).toEqual(["ERR_TLS_CERT_ALTNAME_INVALID", NOTHING]);
  });

  it("counts a failure where its certificate has ended", async () => {
    expect(await ask(await secure(EXPIRED), { ca: EXPIRED.cert })).toEqual(["CERT_HAS_EXPIRED", FAILURE]);
  });

  it("counts a failure where it speaks no TLS", async () => {
    const origin = await listening(createPlainServer((socket) => void socket.end("HTTP/1.1 200 OK\r\n\r\n")));
    expect(await ask(origin, {})).toEqual(["ERR_SSL_WRONG_VERSION_NUMBER", FAILURE]);
  });
});
