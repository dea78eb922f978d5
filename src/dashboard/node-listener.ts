/** A handler of `Request` and `Response` as a listener of `node:http`, `node:https`, Express or Connect. */

/** What is used of an `http.IncomingMessage`. */
export interface NodeRequest extends AsyncIterable<unknown> {
  /** GET when absent. */
  readonly method?: string | undefined;
  /** Path and query; "/" when absent. */
  readonly url?: string | undefined;
  /** Express: the path before a mount took its part off. */
  readonly originalUrl?: string;
  /** Express: the body, where a parser has read it. */
  readonly body?: unknown;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Of TLS when it has `encrypted`. */
  readonly socket: object;
}

/** What is used of an `http.ServerResponse`. */
export interface NodeResponse {
  /** Begins the response. */
  writeHead(status: number, headers: Record<string, string>): unknown;
  /** Sends bytes of the body; false: wait for "drain" before more. */
  write(chunk: Uint8Array): boolean;
  /** Ends the response. */
  end(): unknown;
  /** Closes the connection when the response cannot be finished. */
  destroy(): unknown;
  /** Calls `listener` at the next event of that kind. */
  once(event: "close" | "drain", listener: () => void): unknown;
}

/** Bytes of a body; a larger one is refused with 413. */
const MAXIMUM_BODY_BYTES = 65_536;

/** Answers a request, as `dashboard` does. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** `createServer(nodeListener(dashboard(registry)))`, or `app.use("/breakers", nodeListener(…))` of Express. */
export function nodeListener(handler: Handler): (request: NodeRequest, response: NodeResponse) => void {
  return (request, response) => {
    answer(handler, request, response).catch(() => response.destroy()); // the client has gone
  };
}

async function answer(handler: Handler, request: NodeRequest, response: NodeResponse): Promise<void> {
  const received = await requestOf(request);
  const { status, headers, body } = received instanceof Request ? await handler(received) : received;
  const fields: Record<string, string> = {};
  headers.forEach((value, name) => {
    fields[name] = value;
  });
  response.writeHead(status, fields);
  if (body) await send(body, response);
  response.end();
}

async function requestOf(request: NodeRequest): Promise<Request | Response> {
  const { method = "GET", headers, socket } = request;
  const scheme = "encrypted" in socket ? "https" : "http";
  const url = `${scheme}://${headers.host ?? "localhost"}${request.originalUrl ?? request.url ?? "/"}`;
  if (!URL.canParse(url)) return new Response("bad request\n", { status: 400 });
  const fields = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !name.startsWith(":")) fields.set(name, String(value));
  }
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers: fields });
  const body = await bodyOf(request);
  if (body === undefined) return new Response("the body is too large\n", { status: 413 });
  return new Request(url, { method, headers: fields, body });
}

/** undefined: it is too large. */
async function bodyOf(request: NodeRequest): Promise<string | undefined> {
  if (request.body !== undefined) return JSON.stringify(request.body);
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of request) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MAXIMUM_BODY_BYTES) return undefined;
  }
  return text + decoder.decode();
}

/** Writes as fast as the client reads; ends when it has gone. */
async function send(body: ReadableStream<Uint8Array>, response: NodeResponse): Promise<void> {
  const reader = body.getReader();
  let wake = () => {};
  response.once("close", () => {
    void reader.cancel().catch(() => {});
    wake();
  });
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    if (response.write(value)) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
      response.once("drain", resolve);
    });
  }
}
