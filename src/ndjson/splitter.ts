/** What cuts bytes into events. */
import { isUtf8 } from "node:buffer";
import type { SourceItem } from "../flow/protocol/source-and-sink.ts";

/**
 * Bytes of one line or one array element, at most; what is longer is malformed and skipped in constant memory.
 * Default of every source. From the main job's definition: a line over 1 MiB.
 */
export const MAXIMUM_LINE_BYTES = 1_048_576;

export interface Splitter {
  /** Nothing that follows can be read any more. */
  readonly done: boolean;
  /** Cuts the next bytes, appends what they complete to `items`, and keeps the rest. Keeps no view of `chunk`. */
  feed(chunk: Buffer, items: SourceItem[]): void;
  /** There are no more bytes: what was kept is the last. */
  end(items: SourceItem[]): void;
}

/** What is wrong with the bytes of one line or element, before anybody parses them; undefined: nothing. */
export function faultIn(bytes: Buffer, limit: number): string | undefined {
  if (bytes.length > limit) return tooLong(limit);
  return isUtf8(bytes) ? undefined : "not valid UTF-8";
}

/** @param limit in bytes. */
export function tooLong(limit: number): string {
  return `longer than ${limit} bytes`;
}

/** What an error of `JSON.parse` says, in one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? text;
}
