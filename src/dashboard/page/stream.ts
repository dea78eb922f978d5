/** A stream of messages that is opened again when it breaks. */

/** After an answer that is no stream, such as 503 or that of a proxy whose server is gone. */
const RETRY_MS = 3_000;

/** What happens on it. */
export interface StreamHandlers<Message> {
  /** The next message is the first of a connection. */
  onOpen?(): void;
  onMessage(message: Message): void;
  /** It broke, and is tried again. */
  onBreak?(): void;
}

/** Opens a stream; returns what closes it. */
export function openStream<Message>(
  url: string,
  { onOpen, onMessage, onBreak }: StreamHandlers<Message>,
): () => void {
  let source: EventSource;
  let timer = 0;
  const open = () => {
    source = new EventSource(url);
    source.onopen = () => onOpen?.();
    source.onmessage = ({ data }: MessageEvent<string>) => onMessage(JSON.parse(data) as Message);
    source.onerror = () => {
      onBreak?.();
      // Else the browser itself tries again.
      if (source.readyState === EventSource.CLOSED) timer = window.setTimeout(open, RETRY_MS);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
