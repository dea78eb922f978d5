/** One connection to an address, and a new one whenever it is lost. */
import type { Socket } from "node:net";
import type { Address } from "../base/address.ts";
import { reasonOf } from "../base/errors.ts";
import { reach, secure } from "../base/reach.ts";
import type { ClientTls } from "../base/tls-options.ts";
import { type ReconnectRules, Retries } from "./reconnect.ts";

/** Said where the other side closed the connection in good order. */
export const CLOSED = "the other side closed the connection";

export interface DialerParts {
  readonly address: Address;
  /** Undefined: without TLS. */
  readonly tls: ClientTls | undefined;
  /** Of one try to connect, in ms. */
  readonly timeoutMs: number;
  readonly rules: ReconnectRules;
  readonly onUp: (socket: Socket) => void;
  /** A connection was lost that had been up. */
  readonly onDown: (reason: string) => void;
  /** There will be no other try. Comes after `onDown`, or instead of the first `onUp`. */
  readonly onGivenUp: (reason: string) => void;
}

/**
 * Never tries in a tight loop: before every try but the first there is a delay, and the delays begin again at the
 * first one only when a connection has lasted longer than the wait for it. A server that accepts and hangs up at once
 * is therefore left alone for as long as one that refuses.
 */
export class Dialer {
  readonly #parts: DialerParts;
  readonly #retries: Retries;
  #socket: Socket | undefined;
  #upSinceMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: DialerParts) {
    this.#parts = parts;
    this.#retries = new Retries(parts.rules);
  }

  /** The first try. Throws why it failed; then `redial` begins with the delays. */
  async dial(): Promise<void> {
    const { address, tls, timeoutMs } = this.#parts;
    const socket = await reach(address, timeoutMs);
    this.#adopt(tls === undefined ? socket : await secure(socket, address.host, tls, timeoutMs));
  }

  /** Tries again after a delay, and so on. */
  redial(reason: string): void {
    const delayMs = this.#retries.next();
    if (delayMs === undefined) {
      this.#parts.onGivenUp(`${reason} (given up after ${this.#retries.count} tries)`);
      return;
    }
    this.#timer = setTimeout(() => void this.#tryAgain(), delayMs);
  }

  /** Ends the tries and the connection, at once if it has not taken all that was written. Nothing is reported any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket === undefined || socket.closed) return;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    // Said goodbye to where that can be: a peer that takes nothing any more would keep us waiting.
    if (socket.writableLength > 0) socket.destroy();
    else socket.destroySoon();
    await closed;
  }

  async #tryAgain(): Promise<void> {
    try {
      await this.dial();
    } catch (error) {
      if (!this.#closed) this.redial(reasonOf(error));
    }
  }

  #adopt(socket: Socket): void {
    let reason = CLOSED;
    socket.on("error", (error) => {
      reason = reasonOf(error);
    });
    if (this.#closed) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    this.#upSinceMs = performance.now();
    socket.once("close", () => this.#lose(reason));
    this.#parts.onUp(socket);
  }

  #lose(reason: string): void {
    this.#socket = undefined;
    if (this.#closed) return;
    if (performance.now() - this.#upSinceMs > this.#retries.latestMs) this.#retries.reset();
    this.#parts.onDown(reason);
    this.redial(reason);
  }
}
