/** A real HTTP server that can die, and come back at the same port. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { parsed } from "./command.ts";

export class MortalServer {
  /** Events of every request that was answered, in their order. */
  readonly events: unknown[] = [];
  port = 0;
  #server = createServer();

  /** Lives on 127.0.0.1 until the test ends. */
  static async open(): Promise<MortalServer> {
    const server = new MortalServer();
    await server.live();
    onTestFinished(() => server.die());
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  async live(): Promise<void> {
    this.#server = createServer((request, response) => void this.#receive(request, response));
    await once(this.#server.listen(this.port, "127.0.0.1"), "listening");
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection and listens no more. */
  async die(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.events.push(...parsed(await text(request)));
      response.end();
    } catch {
      // It died while the request came in.
    }
  }
}
