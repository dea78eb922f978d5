/** NDJSON from clients that connect: `listen:tcp://host:port`, or `listen:tls://host:port`. */

import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Source, SourceItem } from "../../flow/protocol/source-and-sink.ts";
import { Inbox } from "../../flow/runtime/inbox.ts";
import { tcpAddressOf } from "../base/address.ts";
import type { LineOptions } from "../base/line-options.ts";
import { listen, tlsFor, trackSockets, withPort } from "../base/listen.ts";
import { type ListenOptions, resolveListenOptions } from "../base/listen-options.ts";
import { LineReceiver } from "./line-receiver.ts";

/** After this time of silence, in ms, the system asks whether the other side is still there: half-open connections end. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Any number of senders, each read only as fast as the flow takes it. It has no end: it is stopped. TCP knows no answer,
 * so a sender cannot tell what was taken; what the system had received by then and nobody had pulled is lost.
 */
export class TcpServerSource implements Source {
  readonly name: string;
  readonly #server: Server;
  readonly #inbox: Inbox;
  readonly #feeds: ReadonlyMap<Socket, LineReceiver>;
  readonly #endSockets: () => void;

  private constructor(
    name: string,
    server: Server,
    inbox: Inbox,
    feeds: ReadonlyMap<Socket, LineReceiver>,
    endSockets: () => void,
  ) {
    this.name = name;
    this.#server = server;
    this.#inbox = inbox;
    this.#feeds = feeds;
    this.#endSockets = endSockets;
  }

  /**
   * Listens from now on.
   *
   * @throws ConnectError for a bad address, and for one that cannot be listened at; OptionError for an option out of range.
   */
  static async open(
    spec: string,
    options: ListenOptions | undefined,
    lines: LineOptions,
  ): Promise<TcpServerSource> {
    const address = tcpAddressOf(spec, "ERR_SOURCE");
    const resolved = resolveListenOptions(options);
    const { maximumConnections, timeoutMs } = resolved;
    const tls = tlsFor(spec, resolved);
    const inbox = new Inbox();
    const feeds = new Map<Socket, LineReceiver>();
    const welcome = (socket: Socket): void => {
      feeds.set(socket, new LineReceiver(socket, inbox, lines));
      // What a broken connection means for its last line is seen at its close.
      socket.on("error", () => {});
      socket.once("close", () => feeds.delete(socket));
    };
    const keeping = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    const server =
      tls === undefined
        ? createServer(keeping, welcome)
        : createTlsServer({ ...keeping, ...tls, handshakeTimeout: timeoutMs }, welcome);
    const endSockets = trackSockets(server);
    server.maxConnections = maximumConnections;
    const port = await listen(server, address, spec);
    return new TcpServerSource(
      withPort(address, tls === undefined ? "tcp" : "tls", port),
      server,
      inbox,
      feeds,
      endSockets,
    );
  }

  pull(): Promise<readonly SourceItem[] | undefined> {
    for (const feed of this.#feeds.values()) feed.resume();
    return this.#inbox.take();
  }

  async close(): Promise<void> {
    this.#inbox.end();
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#endSockets();
    await closed;
  }
}
