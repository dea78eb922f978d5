/** The response of `fetch`, read through: its end is the end of the call. */
import { hasStreamsOfJavaScript } from "../breaker/platform.ts";
import { type HttpCall, headerOf } from "./guard.ts";

/**
 * Bytes that are read ahead: a short body ends the call also where it is not read. As much as undici's `request` holds.
 */
const READ_AHEAD = 65_536;

type Signal = AbortSignal | null | undefined;

/** Reports how a response ends. The response to give to the caller: it is the same, or one with the same body read through. */
export function watchResponse(response: Response, call: HttpCall, signal: Signal): Response {
  const { body } = response;
  // A failure is known by its headers. What a fake gives, or a `fetch` of another make, may have no stream.
  if (call.receive(response.status, response.headers ?? {})) return response;
  if (
    !body ||
    body.locked ||
    typeof body.getReader !== "function" ||
    headerOf(response.headers, "content-length") === "0"
  ) {
    call.succeed();
    return response;
  }
  const copy = copyWith(new WatchedBody(response, body, call, signal), response);
  if (copy) return copy;
  call.succeed(); // a status that a program cannot make, as 999: its body cannot be read through
  return response;
}

/** The same response with its body read through; undefined where that cannot be made, and nothing was read then. */
function copyWith(watched: WatchedBody, response: Response): Response | undefined {
  try {
    const Same = response.constructor as typeof Response;
    const copy = new Same(watched.open(), response);
    if (copy.status === response.status) return identify(copy, response);
  } catch {
    // As below.
  }
  watched.drop();
  return undefined;
}

type Identity = Pick<Response, "url" | "redirected" | "type">;

/** Gives a response what a program cannot give to one, and its clones, too. */
function identify<R extends Response>(copy: R, { url, redirected, type }: Identity): R {
  const identity = { url, redirected, type };
  for (const [name, value] of Object.entries(identity)) {
    if (copy[name as keyof Identity] !== value)
      Object.defineProperty(copy, name, { value, configurable: true });
  }
  const clone = (): Response => identify(Object.getPrototypeOf(copy).clone.call(copy), identity);
  return Object.defineProperty(copy, "clone", { value: clone, configurable: true, writable: true });
}

type Controller = ReadableByteStreamController | ReadableStreamDefaultController<Uint8Array>;

/** A body that is read through. It must not refer to its stream, which is then never garbage. */
class WatchedBody {
  /** Held: in Deno an abort does not reach a body whose response is garbage. */
  readonly _response: Response;
  readonly _body: ReadableStream<Uint8Array>;
  readonly _call: HttpCall;
  readonly _signal: Signal;
  _reader: ReadableStreamDefaultReader<Uint8Array> | undefined = undefined;
  _isDropped = false;

  constructor(response: Response, body: ReadableStream<Uint8Array>, call: HttpCall, signal: Signal) {
    this._response = response;
    this._body = body;
    this._call = call;
    this._signal = signal;
  }

  /** The stream to read. The first byte is read in a later turn. */
  open(): ReadableStream<Uint8Array> {
    const stream = streamOf(
      (controller) => this._pull(controller),
      (reason) => this._cancel(reason),
    );
    watchGarbage(stream, this);
    return stream;
  }

  /** Nothing is to be read after all. */
  drop(): void {
    this._isDropped = true;
    finalizer?.unregister(this);
  }

  /** Its stream is garbage: the caller wanted no more than the headers, and they were good. */
  abandon(): void {
    this._call.succeed();
    Promise.resolve(this._reader?.cancel()).catch(() => {}); // frees the connection
  }

  async _pull(controller: Controller): Promise<void> {
    if (this._isDropped) return;
    this._reader ??= this._body.getReader();
    for (;;) {
      const { done, value } = await this._read(this._reader);
      if (done) return close(controller);
      if (value.byteLength > 0) return controller.enqueue(value as Uint8Array<ArrayBuffer>);
    }
  }

  async _read(
    reader: ReadableStreamDefaultReader<Uint8Array>,
  ): Promise<ReadableStreamReadResult<Uint8Array>> {
    try {
      const result = await reader.read();
      if (result.done) {
        this._call.succeed();
        finalizer?.unregister(this);
      }
      return result;
    } catch (error) {
      const isAborted = this._signal?.aborted === true;
      finalizer?.unregister(this);
      this._call.fail(isAborted ? this._signal?.reason : error, isAborted);
      throw error;
    }
  }

  _cancel(reason: unknown): Promise<void> {
    finalizer?.unregister(this);
    this._call.release();
    return this._reader ? this._reader.cancel(reason) : this._body.cancel(reason);
  }
}

let finalizer: FinalizationRegistry<WatchedBody> | undefined;

/**
 * Ends the call of a stream that is garbage. Only where streams are objects of JavaScript: browsers, workerd and Bun collect the
 * object of a stream that they still read for `text()` or a reader, and a body would end in its middle.
 */
function watchGarbage(stream: object, body: WatchedBody): void {
  if (typeof FinalizationRegistry !== "function" || !hasStreamsOfJavaScript()) return;
  finalizer ??= new FinalizationRegistry((one) => one.abandon());
  finalizer.register(stream, body, body);
}

/** A stream of bytes, which can be read into a buffer of the reader, where the runtime has such streams. */
function streamOf(
  pull: (controller: Controller) => Promise<void>,
  cancel: (reason: unknown) => Promise<void>,
): ReadableStream<Uint8Array> {
  try {
    return new ReadableStream({ type: "bytes", pull, cancel }, { highWaterMark: READ_AHEAD });
  } catch {
    return new ReadableStream({ pull, cancel }, new ByteLengthQueuingStrategy({ highWaterMark: READ_AHEAD }));
  }
}

function close(controller: Controller): void {
  controller.close();
  // A reader that waits with a buffer of its own gets it back.
  (controller as ReadableByteStreamController).byobRequest?.respond(0);
}
