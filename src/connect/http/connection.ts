/** One connection to an endpoint, kept alive between requests. */
import type { Socket } from "node:net";
import type { buildConnector, Client, Dispatcher } from "undici";
import { isClosed, lingerAfterWrites } from "./linger.ts";
import { targetIn } from "./proxy.ts";
import type { Route } from "./route.ts";
import { tunnel } from "./tunnel.ts";

/** The part of undici that is used. */
export interface Undici {
  readonly Client: typeof Client;
  readonly buildConnector: typeof buildConnector;
}

export interface ConnectionParts {
  readonly undici: Undici;
  readonly route: Route;
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

  constructor({ undici, route, timeoutMs, onConnect }: ConnectionParts) {
    const connect = connectorOf(undici, route, timeoutMs);
    // Without TLS a proxy is asked for the whole URL; with TLS it only passes bytes on.
    const { origin } = isForwarded(route) ? route.proxy.url : route.url;
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

/** True: the proxy reads the requests, which have the whole URL in them. */
export function isForwarded(route: Route): route is Route & { readonly proxy: NonNullable<Route["proxy"]> } {
  return route.proxy !== undefined && route.url.protocol === "http:";
}

function connectorOf(
  undici: Undici,
  { url, proxy, tls }: Route,
  timeoutMs: number,
): buildConnector.connector {
  const isSecure = url.protocol === "https:";
  const connect = undici.buildConnector({ timeout: timeoutMs, ...(isSecure && tls) });
  if (proxy === undefined || !isSecure) return connect;
  return (options, done) => {
    tunnel(proxy, targetIn(url), timeoutMs).then(
      (httpSocket) => connect({ ...options, httpSocket }, done),
      (error: Error) => done(error, null),
    );
  };
}
