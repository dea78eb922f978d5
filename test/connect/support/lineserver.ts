/** A real TCP server on loopback that keeps what it is sent, and can die and come back at the same port. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export class LineServer {
  /** What arrived on all connections. */
  text = "";
  /** Of the server, also after it died. */
  port = 0;
  /** Those that are open. */
  readonly sockets = new Set<Socket>();
  /** Connections so far. */
  count = 0;
  /** What it does with a connection. */
  greet: (socket: Socket) => void = () => {};
  #server: Server = createServer();
  #waiting: { isReached: () => boolean; resolve: () => void }[] = [];

  /** Lives until the test ends. */
  static async open(greet: (socket: Socket) => void = () => {}): Promise<LineServer> {
    const server = new LineServer();
    server.greet = greet;
    await server.live();
    onTestFinished(() => server.die());
    return server;
  }

  get spec(): string {
    return `tcp://127.0.0.1:${this.port}`;
  }

  /** Every whole line that arrived, parsed. */
  get events(): unknown[] {
    const lines = this.text.split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }

  async live(): Promise<void> {
    this.#server = createServer((socket) => this.#welcome(socket));
    await once(this.#server.listen(this.port, "127.0.0.1"), "listening");
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection and listens no more. */
  async die(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.sockets) socket.resetAndDestroy();
    await closed;
  }

  /** Resolves as soon as enough has happened. */
  until(isReached: () => boolean): Promise<void> {
    if (isReached()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isReached, resolve }));
  }

  #welcome(socket: Socket): void {
    this.count++;
    this.sockets.add(socket);
    socket.setEncoding("utf8");
    socket.on("error", () => {});
    socket.once("close", () => {
      this.sockets.delete(socket);
      this.#look();
    });
    socket.on("data", (text: string) => {
      this.text += text;
      this.#look();
    });
    this.greet(socket);
    this.#look();
  }

  #look(): void {
    const due = this.#waiting.filter((one) => one.isReached());
    this.#waiting = this.#waiting.filter((one) => !due.includes(one));
    for (const one of due) one.resolve();
  }
}
