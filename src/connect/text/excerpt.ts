/** What a malformed item quotes of its text. */
import { isUtf8 } from "node:buffer";

/** Characters quoted of what is longer than the limit. */
export const EXCERPT_LENGTH = 200;

/** Bytes that hold as many characters for certain: UTF-8 takes at most 4 for one. */
export const EXCERPT_SIZE = EXCERPT_LENGTH * 4;

/** The text of a malformed item, to read and to repair it. */
export interface MalformedText {
  /** Whole, unless `bytes` is there. Bytes that are not UTF-8 show as U+FFFD. */
  readonly text: string;
  /** Of the whole item, where it is longer than the limit: `text` is only its beginning. */
  readonly bytes?: number;
  /** The bytes, where they are not UTF-8. */
  readonly base64?: string;
}

/** All of it: what is not read as an event is kept as it came. */
export function textOf(text: Buffer | string): MalformedText {
  if (typeof text === "string") return { text };
  return isUtf8(text)
    ? { text: text.toString() }
    : { text: text.toString(), base64: text.toString("base64") };
}

/** The beginning of what is too long, as a string of its own: a slice would keep the whole chunk in memory. */
export function excerptOf(text: Buffer, bytes: number): MalformedText {
  return { text: text.toString("utf8", 0, EXCERPT_SIZE).slice(0, EXCERPT_LENGTH), bytes };
}
