/** What a malformed item says. */
import { decode, decodeLeniently } from "./utf8.ts";

/** Characters quoted of a text that is longer than the limit. */
const EXCERPT_LENGTH = 200;

/** Bytes that hold at least as many characters: UTF-8 takes at most 4 for one. */
export const EXCERPT_SIZE = EXCERPT_LENGTH * 4;

/** Bytes that become text in one call. */
const SPREAD_SIZE = 8_192;

/** The text of a malformed item, to read and to repair it. */
export interface MalformedText {
  /** The whole text, unless `bytes` is there. Bytes that are not UTF-8 show as U+FFFD. */
  readonly text: string;
  /** Size of the item, where it is longer than the limit: `text` is then its beginning. */
  readonly bytes?: number;
  /** The bytes, where they are not UTF-8. */
  readonly base64?: string;
}

/** The whole text. */
export function textOf(bytes: Uint8Array): MalformedText {
  const text = decode(bytes);
  return text === undefined ? { text: decodeLeniently(bytes), base64: base64Of(bytes) } : { text };
}

/**
 * The beginning of a text that is longer than the limit.
 *
 * @param bytes size of the whole text.
 */
export function excerptOf(head: Uint8Array, bytes: number): MalformedText {
  const text = decodeLeniently(head.subarray(0, EXCERPT_SIZE)).slice(0, EXCERPT_LENGTH);
  return { text, bytes };
}

/** The error of an item that is not UTF-8. */
export const NOT_UTF8 = "not valid UTF-8";

/** @param limit in bytes. */
export function tooLong(limit: number): string {
  return `longer than ${limit} bytes`;
}

/** The first line of what JSON.parse says. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? text;
}

/** Not every runtime has `toBase64`. */
function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += SPREAD_SIZE) {
    text += String.fromCharCode(...bytes.subarray(at, at + SPREAD_SIZE));
  }
  return btoa(text);
}
