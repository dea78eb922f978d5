/** Real HTTP requests, over connections that are kept alive. */
import { ConnectError, reasonOf } from "../errors.ts";
import { Connection, type Undici } from "./connection.ts";
import { Deadline } from "./deadline.ts";
import { retryAfterMs } from "./retry-after.ts";

/** Bytes of a response that are read so that its connection can be used again; beyond, the connection is closed. */
export const MAXIMUM_RESPONSE_BYTES = 65_536;

/** How one request ended. */
export interface Answer {
  /** Undefined where no whole response came. */
  readonly status: number | undefined;
  /** Why it failed, such as "HTTP 503"; undefined for 2xx. */
  readonly error: string | undefined;
  readonly timedOut: boolean;
  /** For how long the endpoint asked us to stay away, in ms. Never after 2xx. */
  readonly retryAfterMs: number | undefined;
}

/** Where requests go and how. */
export interface PostTarget {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sockets at once. */
  readonly connections: number;
  /** A whole request, from the first try to connect to the last byte of the response, in ms. */
  readonly timeoutMs: number;
}

export class Poster {
  readonly #undici: Undici;
  readonly #target: PostTarget;
  /** Without a request. The latest used is the first to be used again, so those that are not needed time out. */
  readonly #idle: Connection[] = [];
  readonly #connections = new Set<Connection>();
  #sockets = 0;

  private constructor(undici: Undici, target: PostTarget) {
    this.#undici = undici;
    this.#target = target;
  }

  /** @throws ConnectError where undici is not installed: it is an optional dependency. */
  static async open(target: PostTarget): Promise<Poster> {
    return new Poster(await importUndici(target.url), target);
  }

  /** Sockets opened so far. */
  get sockets(): number {
    return this.#sockets;
  }

  /**
   * Sends one request, once, or twice where the first found its connection closed. For as many at once as the target has
   * connections. Never rejects.
   */
  async post(body: string): Promise<Answer> {
    const deadline = new Deadline(this.#target.timeoutMs);
    const connection = this.#idle.pop() ?? this.#connect();
    try {
      // A request that still waits for its connection does not hear the signal: hence the race.
      return await Promise.race([this.#exchange(connection, body, deadline.signal), deadline.reached]);
    } catch (error) {
      return { ...failed(undefined, reasonOf(error)), timedOut: deadline.signal.aborted };
    } finally {
      deadline.cancel();
      if (deadline.signal.aborted) this.#discard(connection);
      else this.#idle.push(connection);
    }
  }

  /** Closes all connections; requests under way fail. */
  async close(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.destroy()));
  }

  #connect(): Connection {
    const { url, timeoutMs } = this.#target;
    const connection = new Connection({
      undici: this.#undici,
      origin: url.origin,
      timeoutMs,
      onConnect: () => this.#sockets++,
    });
    this.#connections.add(connection);
    return connection;
  }

  /** A request that timed out may still wait in it. */
  #discard(connection: Connection): void {
    this.#connections.delete(connection);
    void connection.destroy();
  }

  async #exchange(connection: Connection, body: string, signal: AbortSignal): Promise<Answer> {
    const { url, headers } = this.#target;
    const path = `${url.pathname}${url.search}`;
    const response = await connection.request({ method: "POST", path, headers, body, signal });
    let length = 0;
    for await (const chunk of response.body) {
      length += (chunk as Buffer).length;
      // Leaving the loop destroys the body and its connection.
      if (length > MAXIMUM_RESPONSE_BYTES) break;
    }
    const status = response.statusCode;
    if (status >= 200 && status < 300) {
      return { status, error: undefined, timedOut: false, retryAfterMs: undefined };
    }
    const wait = retryAfterMs(response.headers["retry-after"], response.headers.date, Date.now());
    return { ...failed(status, `HTTP ${status}`), retryAfterMs: wait };
  }
}

function failed(status: number | undefined, error: string): Answer {
  return { status, error, timedOut: false, retryAfterMs: undefined };
}

async function importUndici(url: URL): Promise<Undici> {
  try {
    return await import("undici");
  } catch (cause) {
    const what = "cannot be opened: the package undici cannot be loaded";
    throw new ConnectError("ERR_SINK", { where: url.origin, what, hint: "run: npm install undici", cause });
  }
}
