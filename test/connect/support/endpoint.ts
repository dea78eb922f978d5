/** A real HTTP server on loopback that answers as a test tells it to. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** When it had arrived, on the clock of performance.now(). */
  readonly atMs: number;
}

/** Answers the request number `number`, counted from 1. */
export type Answering = (response: ServerResponse, number: number) => void;

export const ok: Answering = (response) => {
  response.end("thank you");
};

export class Endpoint {
  readonly received: Received[] = [];
  /** Sockets that were opened so far. */
  sockets = 0;
  /** Requests under way at once, at most. */
  mostAtOnce = 0;
  answering: Answering;
  /** Of the server, also after it was closed. */
  port = 0;
  readonly #server = createServer();
  readonly #open = new Set<Socket>();
  readonly #unanswered = new Set<ServerResponse>();
  #atOnce = 0;
  #waiting: { count: number; resolve: () => void }[] = [];

  private constructor(answering: Answering) {
    this.answering = answering;
  }

  /** Listens on a free port until the test ends. */
  static async open(answering: Answering = ok): Promise<Endpoint> {
    const endpoint = new Endpoint(answering);
    endpoint.#listen();
    await once(endpoint.#server.listen(0, "127.0.0.1"), "listening");
    endpoint.port = (endpoint.#server.address() as AddressInfo).port;
    onTestFinished(() => endpoint.close());
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/events`;
  }

  /** Every line that arrived, parsed. */
  get events(): unknown[] {
    return this.received.flatMap(({ body }) => body.trimEnd().split("\n")).map((line) => JSON.parse(line));
  }

  /** Resolves when no socket is open any more. */
  async silence(): Promise<void> {
    while (this.#open.size > 0) await once([...this.#open][0] as Socket, "close");
  }

  /** Resolves when so many requests have arrived as a whole. */
  arrival(count: number): Promise<void> {
    if (this.received.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Answers, the way it answers now, whatever it left without an answer. */
  release(): void {
    for (const response of this.#unanswered) this.answering(response, this.received.length);
  }

  /** Cuts every connection and listens no more. */
  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }

  #listen(): void {
    this.#server.on("connection", (socket) => {
      this.sockets++;
      this.#open.add(socket);
      socket.on("close", () => this.#open.delete(socket));
    });
    this.#server.on("request", async (request, response) => {
      this.#atOnce++;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
      this.#unanswered.add(response);
      response.on("close", () => {
        this.#atOnce--;
        this.#unanswered.delete(response);
      });
      const body = await text(request);
      const { method, url: path, headers } = request;
      this.received.push({ method, path, headers, body, atMs: performance.now() });
      this.answering(response, this.received.length);
      for (const one of this.#waiting) if (this.received.length >= one.count) one.resolve();
    });
  }
}
