/** What a malformed item quotes of its text. */

/** Characters quoted, at most. */
export const EXCERPT_LENGTH = 200;

/** Bytes that hold as many characters for certain: UTF-8 takes at most 4 for one. */
export const EXCERPT_SIZE = EXCERPT_LENGTH * 4;

/** The beginning, as a string of its own: a slice would keep the whole chunk that it was cut from in memory. */
export function excerptOf(text: Buffer | string): string {
  const head = typeof text === "string" ? Buffer.from(text.slice(0, EXCERPT_LENGTH)) : text;
  return head.toString("utf8", 0, EXCERPT_SIZE).slice(0, EXCERPT_LENGTH);
}
