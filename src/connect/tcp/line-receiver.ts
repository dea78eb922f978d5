/** NDJSON from one TCP connection. */

import type { Socket } from "node:net";
import type { Inbox } from "../../flow/runtime/inbox.ts";
import type { Item } from "../../ndjson/item.ts";
import { LineReader } from "../../ndjson/line-reader.ts";
import type { LineOptions } from "../base/line-options.ts";

/** Said of the last line of a connection where its line feed is missing. */
const CUT = "the connection ended inside the line";

/**
 * Puts what arrives into the inbox and then reads no more until `resume`: one chunk waits in memory at most, the rest in
 * the buffers of the system, and when those are full the sender waits.
 *
 * A line counts when its line feed has come; what a connection leaves without one is malformed. A sender that is killed
 * ends its connection in the same good order as one that is done, and half a number is a number too.
 */
export class LineReceiver {
  readonly #socket: Socket;
  readonly #inbox: Inbox;
  readonly #from: string;
  readonly #splitter: LineReader;

  /** @param lines how lines are read. */
  constructor(socket: Socket, inbox: Inbox, lines: LineOptions) {
    this.#socket = socket;
    this.#inbox = inbox;
    this.#from = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#splitter = new LineReader(lines);
    socket.on("data", (chunk: Buffer) => this.#feed(chunk));
    socket.once("close", () => this.#put((items) => this.#splitter.cut(CUT, items)));
  }

  resume(): void {
    this.#socket.resume();
  }

  #feed(chunk: Buffer): void {
    if (this.#put((items) => this.#splitter.feed(chunk, items))) this.#socket.pause();
  }

  /** True if there was anything to put. */
  #put(read: (items: Item[]) => void): boolean {
    const items: Item[] = [];
    read(items);
    this.#inbox.put(items.map((item) => this.#signed(item)));
    return items.length > 0;
  }

  /** What is malformed says where it came from: a line number alone means nothing among several connections. */
  #signed(item: Item): Item {
    return "malformed" in item ? { malformed: { from: this.#from, ...item.malformed } } : item;
  }
}
