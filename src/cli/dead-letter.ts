/**
 * Dead letters: the lines of --failed, which say of each event why it was not delivered and how often it was tried.
 *
 *     {"event":{"id":7},"failed":{"error":"HTTP 400","status":400,"tries":1}}
 *
 * The event is written as it was read, digit for digit, so that --again ships exactly that.
 */
import { lineOf } from "../connect/text/line.ts";
import type { Sink, SinkContext, Source, SourceItem } from "../flow/ends.ts";
import type { FlowEvent } from "../flow/event.ts";
import type { Insight } from "../flow/insight.ts";
import type { Signal } from "../flow/signal.ts";

const HEAD = '{"event":';
const MIDDLE = ',"failed":';

/** A sink that writes a dead letter for each event. */
export class DeadLetterSink implements Sink {
  readonly name: string;
  readonly #sink: Sink;
  #context: SinkContext | undefined;

  /** @param sink takes the lines. */
  constructor(sink: Sink) {
    this.name = sink.name;
    this.#sink = sink;
  }

  get congested(): boolean {
    return this.#sink.congested;
  }

  start(context: SinkContext): Promise<void> {
    this.#context = context;
    return this.#sink.start(context);
  }

  onEvent(event: FlowEvent): void {
    try {
      const failed = event.meta?.failed;
      const text = `${HEAD}${lineOf(event).trimEnd()}${MIDDLE}${JSON.stringify(failed)}}`;
      const data = { event: event.data, failed };
      event.data = data;
      event.read = { data, text };
    } catch (error) {
      this.#context?.reject(event, { error: String(error) });
      return;
    }
    this.#sink.onEvent(event);
  }

  onSignal(signal: Signal): void {
    this.#sink.onSignal?.(signal);
  }

  drain(): Promise<void> {
    return this.#sink.drain();
  }

  close(): Promise<void> {
    return this.#sink.close();
  }
}

/** A source of the events in dead letters; a line that is none is an event itself. */
export class DeadLetterSource implements Source {
  readonly name: string;
  readonly #source: Source;

  constructor(source: Source) {
    this.name = source.name;
    this.#source = source;
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    const items = await this.#source.pull();
    return items?.map(eventIn);
  }

  onInsight(insight: Insight): void {
    this.#source.onInsight?.(insight);
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}

function eventIn(item: SourceItem): SourceItem {
  if ("malformed" in item || !isDeadLetter(item.data)) return item;
  const { event } = item.data;
  const text = textIn(item.text);
  return text === undefined ? { data: event } : { data: event, text };
}

function isDeadLetter(data: unknown): data is { event: unknown; failed: unknown } {
  if (typeof data !== "object" || data === null) return false;
  const { failed, ...rest } = data as Record<string, unknown>;
  return Object.keys(rest).join() === "event" && typeof failed === "object" && failed !== null;
}

/** The text of the event, where the line is as it was written. What says why has no such middle in it, but in quotes. */
function textIn(line: string | undefined): string | undefined {
  const end = line?.lastIndexOf(MIDDLE) ?? -1;
  if (line === undefined || end < 0 || !line.startsWith(HEAD)) return undefined;
  const text = line.slice(HEAD.length, end);
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}
