/** JSON text as it was read, made fit for one line. */

/** Line breaks of JSON stand between tokens only, and so does the indentation behind them. */
const BREAKS = /[\n\r][ \t\n\r]*/g;

/**
 * The same JSON text without line breaks and without blanks around it: a sink writes it as one line, so numbers that
 * JavaScript cannot hold, duplicate keys and every spelling stay what they were.
 *
 * @param text valid JSON.
 */
export function jsonLine(text: string): string {
  return text.trim().replace(BREAKS, "");
}
