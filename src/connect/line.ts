/** What sinks write of an event: its data, as one line. */

/**
 * The data as JSON and a line feed. JSON has no raw line feed in it, so a line is an event.
 *
 * @throws TypeError for what JSON cannot say: undefined, a function, a bigint, a cycle.
 */
export function lineOf(data: unknown): string {
  const json = JSON.stringify(data);
  if (json === undefined) throw new TypeError(`${typeof data} has no form in JSON`);
  return `${json}\n`;
}
