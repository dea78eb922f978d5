/** A real proxy of HTTP on loopback: CONNECT, and requests with the whole URL. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { onTestFinished } from "vitest";

export class HttpProxyServer {
  /** Such as "CONNECT localhost:443", in their order. */
  readonly seen: string[] = [];
  /** What it asks for; undefined: nothing. */
  authorization: string | undefined;
  readonly #server = createServer();

  static async open(): Promise<HttpProxyServer> {
    const proxy = new HttpProxyServer();
    const server = proxy.#server;
    server.on("request", (incoming, outgoing) => {
      if (!proxy.#lets(incoming)) {
        outgoing.writeHead(407).end();
        return;
      }
      const { "proxy-authorization": _, ...headers } = incoming.headers;
      const onward = request(incoming.url ?? "", { method: incoming.method ?? "GET", headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on("error", () => outgoing.writeHead(502).end());
      incoming.pipe(onward);
    });
    server.on("connect", (incoming, socket) => {
      if (!proxy.#lets(incoming)) {
        socket.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
        return;
      }
      const [host = "", port = ""] = incoming.url?.split(":") ?? [];
      const onward = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        onward.pipe(socket).pipe(onward);
      });
      for (const side of [onward, socket]) {
        side.on("error", () => {});
        side.on("close", () => (side === socket ? onward : socket).destroy());
      }
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  #lets({ method, url, headers }: IncomingMessage): boolean {
    this.seen.push(`${method} ${url}`);
    return this.authorization === undefined || headers["proxy-authorization"] === this.authorization;
  }
}
