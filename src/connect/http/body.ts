/** The body of a request: its bytes, and the events in them. */
import type { IncomingMessage } from "node:http";
import type { SourceItem } from "../../flow/ends.ts";
import { reasonOf } from "../errors.ts";
import { ElementSplitter } from "../text/elements.ts";
import { excerptOf, textOf } from "../text/excerpt.ts";
import { jsonLine } from "../text/json-line.ts";
import { LineSplitter } from "../text/lines.ts";
import { faultIn } from "../text/splitter.ts";

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

/** White space of JSON, and a byte order mark in UTF-8. */
const BLANKS: readonly number[] = [0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf];
const BRACKET_OPEN = 0x5b;

/**
 * JSON is one JSON text: an array of events, or one event. So are `application/*+json` (a single CloudEvent) and batches
 * of CloudEvents. Anything else is lines of JSON.
 *
 * @param limit bytes of one event, at most.
 */
export function eventsOf(body: Buffer, contentType: string | undefined, limit: number): SourceItem[] {
  const isJson = isJsonText(contentType);
  if (isJson && body.find((byte) => !BLANKS.includes(byte)) !== BRACKET_OPEN) return [eventOf(body, limit)];
  const splitter = isJson ? new ElementSplitter(limit) : new LineSplitter(limit);
  const items: SourceItem[] = [];
  splitter.feed(body, items);
  splitter.end(items);
  return items;
}

/** By RFC 6839 what ends in `+json` is JSON. Lines of it have other names: `application/x-ndjson`, `application/json-seq`. */
function isJsonText(contentType: string | undefined): boolean {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return type === "application/json" || type === "text/json" || /^[a-z]+\/[^/]+\+json$/.test(type);
}

function eventOf(body: Buffer, limit: number): SourceItem {
  const fault = faultIn(body, limit);
  if (fault !== undefined) {
    const text = body.length > limit ? excerptOf(body, body.length) : textOf(body);
    return { malformed: { error: fault, ...text } };
  }
  const text = body.toString().replace(/^\uFEFF/, "");
  try {
    return { data: JSON.parse(text), text: jsonLine(text) };
  } catch (error) {
    return { malformed: { error: reasonOf(error), text } };
  }
}
