/** The body of a request: its bytes, and the events in them. */
import type { IncomingMessage } from "node:http";
import type { SourceItem } from "../../flow/ramp.ts";
import { reasonOf } from "../errors.ts";
import { ElementSplitter } from "../text/elements.ts";
import { excerptOf } from "../text/excerpt.ts";
import { LineSplitter } from "../text/lines.ts";
import { faultIn } from "../text/splitter.ts";

/** What a JSON text begins with that is an array, after blanks. */
const ARRAY_START = /^[ \t\r\n]*\[/;
/** Bytes that are looked at for it: nobody sends more blanks. */
const START_SIZE = 256;

/**
 * Reads it to its end.
 *
 * @returns undefined as soon as there are more than `limit` bytes
 * @throws Error when the client goes away in the middle
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop must not destroy the connection: an answer is due.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length;
    if (length > limit) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks, length);
}

/**
 * `application/json` is one JSON text: an array of events, or one event. Anything else is lines of JSON.
 *
 * @param limit bytes of one event, at most.
 */
export function eventsOf(body: Buffer, contentType: string | undefined, limit: number): SourceItem[] {
  const isJson = contentType?.split(";", 1)[0]?.trim().toLowerCase() === "application/json";
  if (isJson && !ARRAY_START.test(body.toString("latin1", 0, START_SIZE))) return [eventOf(body, limit)];
  const splitter = isJson ? new ElementSplitter(limit) : new LineSplitter(limit);
  const items: SourceItem[] = [];
  splitter.feed(body, items);
  splitter.end(items);
  return items;
}

function eventOf(body: Buffer, limit: number): SourceItem {
  const fault = faultIn(body, limit);
  try {
    if (fault === undefined) return { data: JSON.parse(body.toString()) };
    return { malformed: { error: fault, text: excerptOf(body) } };
  } catch (error) {
    return { malformed: { error: reasonOf(error), text: excerptOf(body) } };
  }
}
