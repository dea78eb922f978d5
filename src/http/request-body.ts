/** Bodies that a caller sends: an error of such a body is no fault of the endpoint. */

/** A stream of Node: it says itself by which error it ended. */
interface NodeStream {
  pipe(target: unknown): unknown;
  readonly errored?: unknown;
}

/** A body that is read through, and the error that it gave. */
export interface WatchedBody {
  readonly body: AsyncIterable<unknown>;
  /** Whether the body ended by that error. */
  isFault(error: unknown): boolean;
}

/** Whether a body is a stream of Node. */
export function isStream(body: unknown): body is NodeStream {
  return typeof (body as NodeStream | null | undefined)?.pipe === "function";
}

/** Watches a body that is an asynchronous iterable; undefined for any other body, which gives no error or says so itself. */
export function watchBody(body: unknown): WatchedBody | undefined {
  if (typeof body !== "object" || body === null || isStream(body) || !(Symbol.asyncIterator in body)) {
    return undefined;
  }
  let fault: { readonly error: unknown } | undefined;
  async function* read(source: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    try {
      yield* source;
    } catch (error) {
      fault = { error };
      throw error;
    }
  }
  return {
    body: read(body as AsyncIterable<unknown>),
    isFault: (error) => fault !== undefined && fault.error === error,
  };
}
