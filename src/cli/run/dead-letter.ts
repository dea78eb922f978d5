/**
 * Dead letters: the lines of --failed, which say of each event why it was not delivered and how often it was tried.
 *
 *     {"event":{"id":7},"failed":{"error":"HTTP 400","status":400,"tries":1}}
 *
 * The event is written as it was read, digit for digit, so that --again ships exactly that. A line that is no JSON (--no-validate)
 * is a string, so that the letter is JSON:
 *
 *     {"unreadable":"{\"id\":","failed":{"error":"HTTP 400","status":400,"tries":1}}
 */

import type { FlowEvent } from "../../flow/protocol/event.ts";
import type { Sink, Source, SourceItem } from "../../flow/protocol/source-and-sink.ts";
import { SourceDecorator } from "../../flow/runtime/source-decorator.ts";
import { jsonOf } from "../../ndjson/event-line.ts";
import { textOf } from "../../ndjson/malformed.ts";
import { MappedSink } from "./mapped-sink.ts";

const UNREADABLE = "unreadable";
const HEAD = '{"event":';
const MIDDLE = ',"failed":';

/** A sink that writes a dead letter for each event. @param sink takes the lines. */
export function deadLetterSink(sink: Sink): Sink {
  return new MappedSink(sink, (event) => {
    const failed = event.meta?.failed;
    const unreadable = unreadableTextOf(event);
    if (unreadable !== undefined) {
      event.replaceContent({ data: { [UNREADABLE]: unreadable, failed } });
      return;
    }
    const text = `${HEAD}${jsonOf(event)}${MIDDLE}${JSON.stringify(failed)}}`;
    const { data } = event;
    event.replaceContent({ data: { event: data, failed }, text });
  });
}

/** The text of an event that is no JSON; bytes that are not UTF-8 show as U+FFFD. */
function unreadableTextOf({ content }: FlowEvent): string | undefined {
  if (content.isUnchecked !== true) return undefined;
  try {
    void content.data;
    return undefined;
  } catch {
    const { bytes, start, end } = content.raw ?? {
      bytes: Buffer.from(content.text ?? ""),
      start: 0,
      end: Infinity,
    };
    return textOf(bytes.subarray(start, end)).text;
  }
}

/** A source of the events in dead letters; a line that is none is an event itself. */
export function deadLetterSource(source: Source): Source {
  return new SourceDecorator(source, async (letters) => (await letters.pull())?.map(eventIn));
}

function eventIn(item: SourceItem): SourceItem {
  if ("malformed" in item) return item;
  const data = dataOf(item);
  const unreadable = unreadableIn(data);
  if (unreadable !== undefined)
    return { malformed: { error: "a dead letter of a text that is no JSON", text: unreadable } };
  if (!isDeadLetter(data)) return item;
  const { event } = data;
  const text = textIn(item.text);
  return text === undefined ? { data: event } : { data: event, text };
}

/** A line that was not validated may be no JSON: then it is no dead letter either, and goes on as it is. */
function dataOf(item: { readonly data: unknown }): unknown {
  try {
    return item.data;
  } catch {
    return undefined;
  }
}

function unreadableIn(data: unknown): string | undefined {
  const { [UNREADABLE]: text, failed, ...rest } = Object(data) as Record<string, unknown>;
  const isLetter = Object.keys(rest).length === 0 && typeof failed === "object" && failed !== null;
  return isLetter && typeof text === "string" ? text : undefined;
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
