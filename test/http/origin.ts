/** An HTTP server on loopback that answers by the path of the request, and fails on demand. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** More than is read ahead of a caller that does not read. */
export const BIG = 1_000_000;

type Answer = (request: IncomingMessage, response: ServerResponse, parameter: string) => void;

/** By the first part of the path; the rest is the parameter. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  ok: (_, response) => response.end("all is well"),
  status: (_, response, code) => response.writeHead(Number(code)).end(),
  later: (_, response, codeAndValue) => {
    const [code, value] = codeAndValue.split("/");
    response.writeHead(Number(code), { "retry-after": decodeURIComponent(value!) }).end("come again");
  },
  cut: (request) => request.socket.destroy(),
  "cut-body": (_, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("the first part", () => setTimeout(() => response.destroy(), 5));
  },
  "cut-chunks": (_, response) => {
    response.write("the first part", () => setTimeout(() => response.destroy(), 5));
  },
  silent: () => {},
  drip: (_, response) => {
    response.write("a");
    const timer = setInterval(() => response.write("b"), 20);
    response.on("close", () => clearInterval(timer));
  },
  /** 26 characters in half a second. */
  dripping: (_, response) => {
    response.write("a");
    let left = 25;
    const timer = setInterval(() => {
      response.write("b");
      if (--left === 0) response.end();
    }, 20);
    response.on("close", () => clearInterval(timer));
  },
  stall: (_, response) => void response.write("then nothing"),
  hints: (_, response) => {
    response.writeEarlyHints({ link: "</style.css>; rel=preload" });
    response.end("after 103");
  },
  trailers: (_, response) => {
    response.writeHead(200, { trailer: "x-sum", "transfer-encoding": "chunked" });
    response.write("body");
    response.addTrailers({ "x-sum": "7" });
    response.end();
  },
  redirect: (_, response, to) => response.writeHead(302, { location: `/${to}` }).end(),
  empty: (_, response) => response.writeHead(200, { "content-length": 0 }).end(),
  gzip: (_, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("packed ".repeat(1_000))),
  "bad-gzip": (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("this is no gzip"),
  echo: (request, response) => void request.pipe(response),
  big: (_, response) => response.end(Buffer.alloc(BIG, "x")),
  events: (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: 1\n\n");
  },
  cookies: (_, response) => response.writeHead(200, { "set-cookie": ["a=1", "b=2"] }).end("with cookies"),
};

/** A server at work. */
export interface Origin {
  readonly url: string;
  /** Paths of the requests that have arrived. */
  readonly paths: string[];
  readonly server: Server;
  stop(): Promise<void>;
}

/** Starts one. Pages of any origin may ask it. */
export async function startOrigin(): Promise<Origin> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? "");
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-headers", "*");
    response.setHeader("access-control-expose-headers", "*");
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    const [, name = "", ...rest] = (request.url ?? "").split("?")[0]!.split("/");
    const answer = ANSWERS[name];
    if (answer) answer(request, response, rest.join("/"));
    else response.writeHead(404).end("not here");
  });
  server.on("upgrade", (_, socket) => {
    socket.on("error", () => {});
    socket.end("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
  });
  server.on("connect", ({ url }, socket) => {
    socket.on("error", () => {});
    socket.end(url?.startsWith("refuse") ? "HTTP/1.1 502 Bad Gateway\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n");
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    paths,
    server,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
