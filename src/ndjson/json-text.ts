/** One JSON text that is read at once. */
import type { Item } from "./item.ts";
import { excerptOf, messageOf, NOT_UTF8, textOf, tooLong } from "./malformed.ts";
import { decode } from "./utf8.ts";

/** Line breaks of JSON stand between tokens only, and so does the indentation behind them. */
const BREAKS = /[\n\r][ \t\n\r]*/g;

/**
 * The same JSON text without line breaks and without blanks around it, so that it fits in one line. Numbers
 * that JavaScript cannot hold, duplicate keys and every spelling are kept.
 *
 * @param text valid JSON.
 */
export function jsonLine(text: string): string {
  return text.trim().replace(BREAKS, "");
}

/**
 * The item that the bytes are.
 *
 * @param limit bytes from which on it is malformed.
 * @param where what a malformed item says besides its error and its text.
 */
export function itemOf(
  bytes: Uint8Array,
  limit: number,
  where: Readonly<Record<string, unknown>> = {},
): Item {
  if (bytes.length > limit) {
    return { malformed: { ...where, error: tooLong(limit), ...excerptOf(bytes, bytes.length) } };
  }
  const text = decode(bytes);
  if (text === undefined) return { malformed: { ...where, error: NOT_UTF8, ...textOf(bytes) } };
  try {
    return { data: JSON.parse(text), text: jsonLine(text) };
  } catch (error) {
    return { malformed: { ...where, error: messageOf(error), text } };
  }
}
