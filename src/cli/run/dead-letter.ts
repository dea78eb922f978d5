/**
 * Dead letters: the lines of --failed, which say of each event why it was not delivered and how often it was tried.
 *
 *     {"event":{"id":7},"failed":{"error":"HTTP 400","status":400,"tries":1}}
 *
 * The event is written as it was read, digit for digit, so that --again ships exactly that.
 */

import type { Insight } from "../../flow/protocol/insight.ts";
import type { Sink, Source, SourceItem } from "../../flow/protocol/source-and-sink.ts";
import { jsonOf } from "../../ndjson/event-line.ts";
import { MappedSink } from "./mapped-sink.ts";

const HEAD = '{"event":';
const MIDDLE = ',"failed":';

/** A sink that writes a dead letter for each event. @param sink takes the lines. */
export function deadLetterSink(sink: Sink): Sink {
  return new MappedSink(sink, (event) => {
    const failed = event.meta?.failed;
    const text = `${HEAD}${jsonOf(event)}${MIDDLE}${JSON.stringify(failed)}}`;
    const { data } = event;
    event.replaceContent({ data: { event: data, failed }, text });
  });
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
