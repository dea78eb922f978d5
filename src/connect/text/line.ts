/** What sinks write of an event: its data, as one line. */
import type { FlowEvent } from "../../flow/event.ts";

/**
 * The JSON of an event and a line feed; JSON has no raw line feed in it, so a line is an event. Data that nobody
 * changed is written as it was read: numbers that JavaScript cannot hold, and every spelling, stay what they were.
 *
 * @throws TypeError for what JSON cannot say: undefined, a function, a bigint, a cycle.
 */
export function lineOf(event: FlowEvent): string {
  const json = event.text ?? JSON.stringify(event.data);
  if (json === undefined) throw new TypeError(`${typeof event.data} has no form in JSON`);
  return `${json}\n`;
}
