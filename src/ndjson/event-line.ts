/** The JSON text of an event. */
import type { RawText } from "./raw-text.ts";

/** An event, as far as a writer of NDJSON needs it. */
export interface JsonEvent {
  /** The value. */
  readonly data: unknown;
  /**
   * The JSON text that `data` was read from, without a line feed; undefined: there was none, or the data was
   * replaced.
   */
  readonly text: string | undefined;
  /** The bytes of that text; undefined: there are none, or the data was replaced. */
  readonly raw: RawText | undefined;
}

/**
 * The JSON of an event, without a line feed. Data that was not replaced is written as it was read, so numbers
 * that JavaScript cannot hold, duplicate keys and every spelling are kept.
 *
 * @throws TypeError for what JSON cannot say: undefined, a function, a bigint, a cycle.
 */
export function jsonOf(event: Pick<JsonEvent, "data" | "text">): string {
  const json = event.text ?? JSON.stringify(event.data);
  if (json === undefined) throw new TypeError(`${typeof event.data} has no form in JSON`);
  return json;
}

/**
 * The JSON of an event and a line feed. JSON text has no raw line feed, so a line is an event.
 *
 * @throws TypeError as `jsonOf`
 */
export function lineOf(event: Pick<JsonEvent, "data" | "text">): string {
  return `${jsonOf(event)}\n`;
}
