/** NDJSON from one TCP connection. */
import type { Socket } from "node:net";
import type { SourceItem } from "../flow/ramp.ts";
import type { Inbox } from "./inbox.ts";
import { LineSplitter } from "./lines.ts";

/** Said of the last line of a connection that broke. */
const CUT = "the connection was lost inside the line";

/**
 * Puts what arrives into the inbox and then reads no more until `resume`: one chunk waits in memory at most, the rest in
 * the buffers of the system, and when those are full the sender waits.
 *
 * A sender that ends in good order may leave out the last line feed. What a broken connection leaves is malformed, since
 * half a number is a number too.
 */
export class LineFeed {
  readonly #socket: Socket;
  readonly #inbox: Inbox;
  readonly #from: string;
  readonly #splitter: LineSplitter;

  /** @param limit bytes of a line, at most. */
  constructor(socket: Socket, inbox: Inbox, limit: number) {
    this.#socket = socket;
    this.#inbox = inbox;
    this.#from = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#splitter = new LineSplitter(limit);
    let ended = false;
    socket.on("data", (chunk: Buffer) => this.#feed(chunk));
    socket.once("end", () => {
      ended = true;
      this.#put((items) => this.#splitter.end(items));
    });
    socket.once("close", () => {
      if (!ended) this.#put((items) => this.#splitter.cut(CUT, items));
    });
  }

  resume(): void {
    this.#socket.resume();
  }

  #feed(chunk: Buffer): void {
    if (this.#put((items) => this.#splitter.feed(chunk, items))) this.#socket.pause();
  }

  /** True if there was anything to put. */
  #put(read: (items: SourceItem[]) => void): boolean {
    const items: SourceItem[] = [];
    read(items);
    this.#inbox.put(items.map((item) => this.#signed(item)));
    return items.length > 0;
  }

  /** What is malformed says where it came from: a line number alone means nothing among several connections. */
  #signed(item: SourceItem): SourceItem {
    return "malformed" in item ? { malformed: { from: this.#from, ...item.malformed } } : item;
  }
}
