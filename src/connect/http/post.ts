/** Real HTTP requests, over connections that are kept alive. The only file that knows undici. */
import type { Pool } from "undici";
import { ConnectError, reasonOf } from "../errors.ts";
import { Deadline } from "./deadline.ts";
import { retryAfterMs } from "./retry.ts";

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
  readonly #pool: Pool;
  readonly #target: PostTarget;
  #sockets = 0;

  private constructor(pool: Pool, target: PostTarget) {
    this.#pool = pool;
    this.#target = target;
    pool.on("connect", () => this.#sockets++);
  }

  /** @throws ConnectError where undici is not installed: it is an optional dependency. */
  static async open(target: PostTarget): Promise<Poster> {
    const { Pool } = await importUndici(target.url);
    const { connections, timeoutMs } = target;
    // Our own clock covers the whole request; undici's cover parts of it.
    const timeouts = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: timeoutMs } };
    return new Poster(new Pool(target.url.origin, { connections, pipelining: 1, ...timeouts }), target);
  }

  /** Sockets opened so far. */
  get sockets(): number {
    return this.#sockets;
  }

  /** Sends one request, once. Never rejects. */
  async post(body: string): Promise<Answer> {
    const deadline = new Deadline(this.#target.timeoutMs);
    try {
      // A request that still waits for its connection does not hear the signal: hence the race.
      return await Promise.race([this.#exchange(body, deadline.signal), deadline.reached]);
    } catch (error) {
      return { ...failed(undefined, reasonOf(error)), timedOut: deadline.signal.aborted };
    } finally {
      deadline.cancel();
    }
  }

  /** Closes all connections; requests under way fail. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #exchange(body: string, signal: AbortSignal): Promise<Answer> {
    const { url, headers } = this.#target;
    const path = `${url.pathname}${url.search}`;
    const response = await this.#pool.request({ method: "POST", path, headers, body, signal });
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
    const wait = retryAfterMs(only(response.headers["retry-after"]), only(response.headers.date), Date.now());
    return { ...failed(status, `HTTP ${status}`), retryAfterMs: wait };
  }
}

function failed(status: number | undefined, error: string): Answer {
  return { status, error, timedOut: false, retryAfterMs: undefined };
}

/** A header that was sent twice says nothing that can be relied on. */
function only(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : undefined;
}

async function importUndici(url: URL): Promise<typeof import("undici")> {
  try {
    return await import("undici");
  } catch (cause) {
    const what = "cannot be opened: the package undici cannot be loaded";
    throw new ConnectError("ERR_SINK", { where: url.origin, what, hint: "run: npm install undici", cause });
  }
}
