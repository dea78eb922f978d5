/** Real HTTP requests, over connections that are kept alive. */
import { ConnectError, reasonOf } from "../base/errors.ts";
import { Connection, isForwarded, type Undici } from "./connection.ts";
import { Deadline } from "./deadline.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { Route } from "./route.ts";
import { MULTI_STATUS } from "./status-class.ts";

/** Bytes of a response that are read so that its connection can be used again; beyond, the connection is closed. */
export const MAXIMUM_RESPONSE_BYTES = 65_536;

/** How one request ended. */
export interface Answer {
  /** Undefined where no whole response came. */
  readonly status: number | undefined;
  /** Why it failed, such as "HTTP 503"; undefined for 2xx, but for 207. */
  readonly error: string | undefined;
  readonly timedOut: boolean;
  /** For how long the endpoint asked us to stay away, in ms. Never after 2xx. */
  readonly retryAfterMs: number | undefined;
  /** The body, as far as it was kept; "" where the target keeps none. */
  readonly text: string;
}

/** Where requests go and how. */
export interface PostTarget extends Route {
  readonly headers: Readonly<Record<string, string>>;
  /** Sockets at once. */
  readonly connections: number;
  /** A whole request, from the first try to connect to the last byte of the response, in ms. */
  readonly timeoutMs: number;
  /** Bytes of a response that are kept; 0: none. */
  readonly answerBytes: number;
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
  async post(body: Uint8Array): Promise<Answer> {
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
    const { timeoutMs } = this.#target;
    const connection = new Connection({
      undici: this.#undici,
      route: this.#target,
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

  async #exchange(connection: Connection, body: Uint8Array, signal: AbortSignal): Promise<Answer> {
    const { url, headers, answerBytes } = this.#target;
    const path = `${isForwarded(this.#target) ? url.origin : ""}${url.pathname}${url.search}`;
    const response = await connection.request({ method: "POST", path, headers, body, signal });
    const limit = Math.max(MAXIMUM_RESPONSE_BYTES, answerBytes);
    const kept: Buffer[] = [];
    let length = 0;
    for await (const chunk of response.body) {
      length += (chunk as Buffer).length;
      // Leaving the loop destroys the body and its connection.
      if (length > limit) break;
      if (length <= answerBytes) kept.push(chunk as Buffer);
    }
    const { statusCode: status, headers: said } = response;
    const text = Buffer.concat(kept).toString();
    if (status >= 200 && status < 300 && status !== MULTI_STATUS) {
      return { status, error: undefined, timedOut: false, retryAfterMs: undefined, text };
    }
    const retryAfter = retryAfterMs(said["retry-after"], said.date, Date.now());
    return { ...failed(status, errorOf(status)), retryAfterMs: retryAfter, text };
  }
}

function errorOf(status: number): string {
  return `HTTP ${status}${status === MULTI_STATUS ? ": some of the events were not taken" : ""}`;
}

function failed(status: number | undefined, error: string): Answer {
  return { status, error, timedOut: false, retryAfterMs: undefined, text: "" };
}

async function importUndici(url: URL): Promise<Undici> {
  try {
    return await import("undici");
  } catch (cause) {
    const what = "cannot be opened: the package undici cannot be loaded";
    throw new ConnectError("ERR_SINK", { where: url.origin, what, hint: "run: npm install undici", cause });
  }
}
