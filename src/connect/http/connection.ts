/** One connection to an endpoint, kept alive between requests. */
import type { Socket } from "node:net";
import type { buildConnector, Client, Dispatcher } from "undici";
import { isClosed, lingerAfterWrites } from "./linger.ts";

/** The part of undici that is used. */
export interface Undici {
  readonly Client: typeof Client;
  readonly buildConnector: typeof buildConnector;
}

export interface ConnectionParts {
  readonly undici: Undici;
  readonly origin: string;
  /** Of one try to connect, in ms. */
  readonly timeoutMs: number;
  /** Called for each socket that is opened. */
  readonly onConnect: () => void;
}

type Request = Dispatcher.RequestOptions;

/** One request at a time. */
export class Connection {
  readonly #client: Client;
  /** The one that is open, or was last. */
  #socket: Socket | undefined;

  constructor({ undici, origin, timeoutMs, onConnect }: ConnectionParts) {
    const connect = undici.buildConnector({ timeout: timeoutMs });
    this.#client = new undici.Client(origin, {
      pipelining: 1,
      // Our own clock covers the whole request; undici's cover parts of it.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, done) =>
        connect(options, (error, socket) => {
          if (error !== null) {
            done(error, null);
            return;
          }
          this.#socket = socket;
          lingerAfterWrites(socket);
          onConnect();
          done(null, socket);
        }),
    });
  }

  /**
   * Sends a request and resolves when the head of the answer has come. A request that finds a connection of an earlier
   * one closed, before any byte of an answer, is sent once more on a fresh connection: the endpoint closed it while the
   * request was on its way, as servers do that reload or whose keep-alive has run out.
   */
  async request(request: Request): Promise<Dispatcher.ResponseData> {
    const reused = this.#socket?.destroyed === false ? this.#socket : undefined;
    const bytesBefore = reused?.bytesRead;
    try {
      return await this.#client.request(request);
    } catch (error) {
      const wasClosed = isClosed(error) && !(request.signal as AbortSignal | undefined)?.aborted;
      if (reused === undefined || !wasClosed) throw error;
      if (this.#socket !== reused || reused.bytesRead !== bytesBefore) throw error;
      return this.#client.request(request);
    }
  }

  destroy(): Promise<void> {
    return this.#client.destroy();
  }
}
