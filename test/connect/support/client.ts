/** An HTTP client that says exactly what a test wants it to say. */
import { once } from "node:events";
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export class Client {
  readonly url: string;
  /** Sockets that it opened so far. */
  readonly sockets = new Set<unknown>();
  readonly #agent = new Agent({ keepAlive: true });

  /** Its connections are gone when the test ends. */
  constructor(url: string) {
    this.url = url;
    onTestFinished(() => this.#agent.destroy());
  }

  /** Posts a body and waits for the answer. */
  async post(body: string | Buffer, headers: Record<string, string> = {}): Promise<Reply> {
    return this.send("POST", body, headers);
  }

  async send(
    method: string,
    body: string | Buffer,
    headers: Record<string, string> = {},
    url = this.url,
  ): Promise<Reply> {
    const sending = this.begin(method, headers, url);
    sending.end(body);
    return replyTo(sending);
  }

  /** A request whose body comes later. */
  begin(method: string, headers: Record<string, string> = {}, url = this.url): ClientRequest {
    const sending = request(url, { method, headers, agent: this.#agent });
    sending.on("socket", (socket) => this.sockets.add(socket));
    return sending;
  }
}

/** The whole answer; its body is JSON. */
export async function replyTo(sending: ClientRequest): Promise<Reply> {
  const [response] = (await once(sending, "response")) as [IncomingMessage];
  const body: unknown = JSON.parse(await text(response));
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}
