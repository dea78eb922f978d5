/** Server-sent events at a pace of one message a second, as long as they are read. */

const INTERVAL_MS = 1_000;
/** How long a page waits until it connects again, in ms. */
const RETRY_MS = 2_000;

/** What a stream sends. */
export interface Feed {
  /** The next message, as JSON. */
  next(): string;
}

/**
 * A stream of messages. `open` is called when the stream is first read, and what it returns when the reader has gone. A message is
 * made when the one before has been taken, so a slow reader gets fewer messages, and none is kept for it.
 */
export function eventStream(open: () => { readonly feed: Feed; close(): void }): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let source: ReturnType<typeof open> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueAt = 0;
  const end = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const send = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const isFirst = source === undefined;
    try {
      source ??= open();
      const head = isFirst ? `retry: ${RETRY_MS}\n` : "";
      controller.enqueue(encoder.encode(`${head}data: ${source.feed.next()}\n\n`));
      // From now, not from when it was due: a busy program does not hurry after what it has missed.
      dueAt = performance.now() + INTERVAL_MS;
    } catch (error) {
      end();
      controller.error(error);
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (source === undefined) return send(controller);
        return new Promise<void>((resolve) => {
          timer = setTimeout(
            () => {
              send(controller);
              resolve();
            },
            Math.max(0, dueAt - performance.now()),
          );
        });
      },
      cancel: end,
    },
    // Nothing is made in advance: a response whose body is never read costs nothing.
    { highWaterMark: 0 },
  );
}
