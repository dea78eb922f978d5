/** NDJSON from a TCP server that we connect to: `tcp://host:port`, or `tls://host:port`. */

import type { Socket } from "node:net";
import type { Source, SourceItem } from "../../flow/protocol/source-and-sink.ts";
import { Inbox } from "../../flow/runtime/inbox.ts";
import { tcpAddressOf } from "../base/address.ts";
import { ConnectError, reasonOf } from "../base/errors.ts";
import type { LineOptions } from "../base/line-options.ts";
import { unreachable } from "../base/reach.ts";
import { schemeOf } from "../base/spec.ts";
import { CLOSED, Dialer } from "./dialer.ts";
import { LineReceiver } from "./line-receiver.ts";
import { resolveTcpOptions, type TcpOptions } from "./tcp-options.ts";

/**
 * A connection that is lost is tried again by the rules, also one that the other side closed in good order: a server
 * that restarts closes it in the same way. With `maximumRetries: 0` such an end is the end of the source; any other loss
 * for good is an error of it.
 */
export class TcpSource implements Source {
  readonly name: string;
  readonly #dialer: Dialer;
  readonly #inbox = new Inbox();
  #feed: LineReceiver | undefined;

  private constructor(spec: string, options: TcpOptions | undefined, lines: LineOptions) {
    this.name = spec;
    const { timeoutMs, rules, tls } = resolveTcpOptions(options);
    let endedWell = false;
    this.#dialer = new Dialer({
      address: tcpAddressOf(spec, "ERR_SOURCE"),
      tls: schemeOf(spec) === "tls" ? tls : undefined,
      timeoutMs,
      rules,
      onUp: (socket) => this.#read(socket, lines),
      onDown: (reason) => {
        endedWell = reason === CLOSED && rules.maximumRetries === 0;
      },
      onGivenUp: (reason) => this.#inbox.end(endedWell ? undefined : this.#broken(reason)),
    });
  }

  /**
   * Connects at once, unless `probe` is false.
   *
   * @throws ConnectError for a bad address, and where nothing can be reached; OptionError for an option out of range.
   */
  static async open(spec: string, options: TcpOptions | undefined, lines: LineOptions): Promise<TcpSource> {
    const source = new TcpSource(spec, options, lines);
    try {
      await source.#dialer.dial();
    } catch (error) {
      if (options?.probe !== false) throw unreachable("ERR_SOURCE", spec, error);
      source.#dialer.redial(reasonOf(error));
    }
    return source;
  }

  pull(): Promise<readonly SourceItem[] | undefined> {
    this.#feed?.resume();
    return this.#inbox.take();
  }

  async close(): Promise<void> {
    this.#inbox.end();
    await this.#dialer.close();
  }

  #read(socket: Socket, lines: LineOptions): void {
    this.#feed = new LineReceiver(socket, this.#inbox, lines);
  }

  #broken(reason: string): ConnectError {
    const hint = "start again when the server is back, or allow more tries";
    return new ConnectError("ERR_SOURCE", { where: this.name, what: `was lost: ${reason}`, hint });
  }
}
