/** Events that others post to us: `listen:http://host:port/path`, or `listen:https://…`. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Insight } from "../../flow/protocol/insight.ts";
import type { Source, SourceItem } from "../../flow/protocol/source-and-sink.ts";
import { type Address, addressOf } from "../base/address.ts";
import { DecodeError } from "../base/decoder.ts";
import type { LineOptions } from "../base/line-options.ts";
import { listen, tlsFor, trackSockets, withPort } from "../base/listen.ts";
import {
  type ListenOptions,
  type ResolvedListenOptions,
  resolveListenOptions,
} from "../base/listen-options.ts";
import type { ServerTls } from "../base/tls-options.ts";
import { encodingOf, type Reply, refusalOf, send, tooLarge, unavailable, undecodable } from "./reply.ts";
import { eventsOf, readBody } from "./request-body.ts";
import { RequestQueue } from "./request-queue.ts";

const BUSY = "the flow takes no events now";

/** How long a stop waits for requests that are half sent, in ms. */
const GRACE_MS = 1_000;

/**
 * A request is answered when the flow has taken its events: 202, with how many there were and how many of its lines are
 * malformed (those go to the port `err`). It never says more than that, so what happens to the events later is the
 * business of the sinks and of `overflow`.
 *
 * While a trigger holds the sources (a breaker with `method = "pause"` is open, a sink is broken), or when the flow does
 * not take the events in time, the answer is 503 with `Retry-After`: the breaker sheds the load where it comes from. None
 * of the events is in the flow then, or the answer says how many; that happens when a trigger comes in their middle.
 */
export class HttpServerSource implements Source {
  readonly name: string;
  readonly #path: string;
  readonly #server: Server;
  readonly #options: ResolvedListenOptions;
  readonly #lines: LineOptions;
  readonly #reception: RequestQueue;
  readonly #endSockets: () => void;
  readonly #answers = new Map<number, number>();
  /** Requests that have not been answered. */
  #requests = 0;
  #stopping = false;

  private constructor(
    server: Server,
    name: string,
    path: string,
    options: ResolvedListenOptions,
    lines: LineOptions,
  ) {
    this.name = name;
    this.#path = path;
    this.#server = server;
    this.#options = options;
    this.#lines = lines;
    this.#reception = new RequestQueue(options.patienceMs);
    this.#endSockets = trackSockets(server);
    server.on("request", (request, response) => void this.#serve(request, response));
    // Sent by clients with a large body: who is refused need not send it.
    server.on("checkContinue", (request, response) => void this.#serve(request, response));
  }

  /**
   * Listens from now on; what comes before the flow runs waits like any other request.
   *
   * @throws ConnectError for a bad address, and for one that cannot be listened at; OptionError for an option out of range.
   */
  static async open(
    spec: string,
    options: ListenOptions | undefined,
    lines: LineOptions,
  ): Promise<HttpServerSource> {
    const address: Address = addressOf(spec, "ERR_SOURCE");
    const path = address.path === "" ? "/" : address.path;
    const resolved = resolveListenOptions(options);
    const tls = tlsFor(spec, resolved);
    const server = serverFor(resolved, tls);
    const port = await listen(server, address, spec);
    const name = withPort({ ...address, path }, tls === undefined ? "http" : "https", port);
    return new HttpServerSource(server, name, path, resolved, lines);
  }

  /** Requests that were answered so far, by status; those that Node refused itself, such as slow ones, are not among them. */
  get answers(): ReadonlyMap<number, number> {
    return new Map(this.#answers);
  }

  pull(): Promise<readonly SourceItem[] | undefined> {
    return this.#reception.pull();
  }

  /** A trigger turns requests away until its sender sends a restore. */
  onInsight(insight: Insight): void {
    this.#reception.hear(insight);
  }

  /** Answers whoever waits, then closes the connections. */
  async close(): Promise<void> {
    this.#stopping = true;
    this.#reception.close();
    const closed = once(this.#server, "close");
    this.#server.close();
    const grace = setTimeout(this.#endSockets, GRACE_MS);
    await closed;
    clearTimeout(grace);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requests++;
    response.once("close", () => this.#requests--);
    try {
      const reply = this.#refusal(request) ?? (await this.#receive(request, response).catch(refusalOfBody));
      // Who was refused before it sent its body may send it or not: the next request could begin anywhere.
      const isUnclear = expects(request) && !request.complete;
      this.#answers.set(reply.status, (this.#answers.get(reply.status) ?? 0) + 1);
      send(response, { ...reply, hangsUp: reply.hangsUp === true || isUnclear || this.#stopping });
    } catch {
      // The client went away in the middle of its request: nothing of it is in the flow.
      response.destroy();
    }
  }

  /** Before the body is read. */
  #refusal(request: IncomingMessage): Reply | undefined {
    const { maximumBodyBytes, maximumRequests } = this.#options;
    const refusal = refusalOf(request, this.#path, maximumBodyBytes);
    if (refusal !== undefined) return refusal;
    if (this.#reception.refuses) return this.#busy(BUSY);
    return this.#requests > maximumRequests ? this.#busy("too many requests at once") : undefined;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<Reply> {
    const { maximumBodyBytes } = this.#options;
    if (expects(request)) response.writeContinue();
    const body = await readBody(request, maximumBodyBytes, encodingOf(request));
    if (body === undefined) return tooLarge(maximumBodyBytes);
    const items = eventsOf(body, request.headers["content-type"], this.#lines);
    if (items.length === 0) return countOf(items);
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const { kind, given } = await this.#reception.hand(items, gone.signal);
    if (kind === "taken") return countOf(items);
    const reason = kind === "busy" ? BUSY : "the flow ends";
    return this.#busy(
      given === 0 ? reason : `${reason}, and has taken the first ${given} of ${items.length} events`,
    );
  }

  #busy(error: string): Reply {
    return unavailable(error, this.#options.retryAfterMs());
  }
}

/** @throws any error but a DecodeError */
function refusalOfBody(error: unknown): Reply {
  if (error instanceof DecodeError) return undecodable(error.message);
  throw error;
}

function serverFor(
  { maximumConnections, timeoutMs }: ResolvedListenOptions,
  tls: ServerTls | undefined,
): Server {
  const options = {
    keepAlive: true,
    headersTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    // How often Node looks for slow requests; by default only every 30 s.
    connectionsCheckingInterval: Math.min(timeoutMs, 1_000),
  };
  const server =
    tls === undefined
      ? createServer(options)
      : createTlsServer({ ...options, ...tls, handshakeTimeout: timeoutMs });
  server.maxConnections = maximumConnections;
  return server;
}

function countOf(items: readonly SourceItem[]): Reply {
  const malformed = items.filter((item) => "malformed" in item).length;
  const accepted = items.length - malformed;
  return { status: accepted === 0 && malformed > 0 ? 400 : 202, body: { accepted, malformed } };
}

/** It waits for our word before it sends its body. */
function expects({ headers }: IncomingMessage): boolean {
  return headers.expect?.toLowerCase() === "100-continue";
}
