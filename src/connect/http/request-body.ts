/** The body of a request: its bytes, and the events in them. */

import type { IncomingMessage } from "node:http";
import type { SourceItem } from "../../flow/protocol/source-and-sink.ts";
import { ArrayReader } from "../../ndjson/array-reader.ts";
import type { Item } from "../../ndjson/item.ts";
import { itemOf } from "../../ndjson/json-text.ts";
import { LineReader } from "../../ndjson/line-reader.ts";
import { markEnd } from "../../ndjson/utf8.ts";
import { DecodeError, Decoder, type Encoding, type ReadBytes } from "../base/decoder.ts";
import type { LineOptions } from "../base/line-options.ts";

/**
 * Reads it to its end, without its encoding.
 *
 * @param limit bytes before and after decoding.
 * @returns undefined as soon as there are more than `limit` bytes
 * @throws DecodeError for a body that is not in the encoding; another Error when the client goes away in the middle
 */
export async function readBody(
  request: IncomingMessage,
  limit: number,
  encoding: Encoding | undefined,
): Promise<Buffer | undefined> {
  // Leaving the loop must not destroy the connection: an answer is due.
  const arriving = request.iterator({ destroyOnReturn: false });
  const readNext = async (): Promise<Buffer | undefined> => (await arriving.next()).value;
  if (encoding === undefined) return readAll(readNext, limit);
  let received = 0;
  const decoder = new Decoder(encoding, async () => {
    const chunk = await readNext();
    received += chunk?.length ?? 0;
    return received > limit ? undefined : chunk;
  });
  try {
    const body = await readAll(() => decoder.read(), limit);
    return received > limit ? undefined : body;
  } catch (error) {
    if (received > limit && error instanceof DecodeError) return undefined; // it was cut
    throw error;
  } finally {
    decoder.close();
  }
}

async function readAll(read: ReadBytes, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for (let chunk = await read(); chunk !== undefined; chunk = await read()) {
    length += chunk.length;
    if (length > limit) return undefined;
    chunks.push(chunk);
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
 * @param lines how lines are read.
 */
export function eventsOf(body: Buffer, contentType: string | undefined, lines: LineOptions): SourceItem[] {
  const isJson = isJsonText(contentType);
  if (isJson && body.find((byte) => !BLANKS.includes(byte)) !== BRACKET_OPEN)
    return [itemOf(body.subarray(markEnd(body)), lines.maximumLineBytes)];
  const splitter = isJson ? new ArrayReader(lines.maximumLineBytes) : new LineReader(lines);
  const items: Item[] = [];
  splitter.feed(body, items);
  splitter.end(items);
  return items;
}

/** By RFC 6839 what ends in `+json` is JSON. Lines of it have other names: `application/x-ndjson`, `application/json-seq`. */
function isJsonText(contentType: string | undefined): boolean {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return type === "application/json" || type === "text/json" || /^[a-z]+\/[^/]+\+json$/.test(type);
}
