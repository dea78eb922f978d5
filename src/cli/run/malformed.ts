/** The sink for malformed events where the user gave none: shows the first few, counts the rest. */

import type { FlowEvent } from "../../flow/protocol/event.ts";
import type { Sink, SinkContext } from "../../flow/protocol/source-and-sink.ts";
import { printable } from "../base/printable.ts";

/** Malformed events that are shown. */
const SHOWN = 5;
/** Characters of an event's text that are shown. */
const EXCERPT_LENGTH = 60;

export class MalformedSink implements Sink {
  readonly name = "err";
  readonly congested = false;
  readonly #say: (line: string) => void;
  #context: SinkContext | undefined;
  #count = 0;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
  }

  onEvent(event: FlowEvent): void {
    this.#count++;
    if (this.#count <= SHOWN) this.#say(printable(`malformed: ${describe(event)}`));
    if (this.#count === SHOWN + 1)
      this.#say("malformed: more, which are only counted (--port err=FILE keeps them)");
    this.#context?.ack(event, 0);
  }

  async drain(): Promise<void> {}

  async close(): Promise<void> {}
}

/** Sources say line or element, error and text in the data; a pipeline says the error in the metadata. */
function describe(event: FlowEvent): string {
  const { meta } = event;
  if (meta?.error !== undefined) return `${String(meta.error)}: ${excerptOf(shownTextOf(event))}`;
  const { data } = event;
  const { line, element, error, text } = Object(data) as Readonly<Record<string, unknown>>;
  const place = line === undefined ? `element ${String(element)}` : `line ${String(line)}`;
  return `${place}: ${String(error)}: ${excerptOf(text)}`;
}

/** An event can be nested deeper than JSON can be written, and its text can be no JSON, or no UTF-8. */
function shownTextOf(event: FlowEvent): string {
  try {
    return event.content.isUnchecked ? String(event.text) : String(JSON.stringify(event.data));
  } catch (error) {
    return `(${String(error)})`;
  }
}

function excerptOf(text: unknown): string {
  const shown = String(text);
  return shown.length > EXCERPT_LENGTH ? `${shown.slice(0, EXCERPT_LENGTH)}…` : shown;
}
