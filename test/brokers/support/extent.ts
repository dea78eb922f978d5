/** How much the tests of brokers ship: little in the suite, much at night (`BLUESMOKE_LONG=1`, see CONTRIBUTING.md). */
export const IS_LONG = process.env.BLUESMOKE_LONG === "1";

/** A number for the suite, and one for the night. */
export function extent(short: number, long: number): number {
  return IS_LONG ? long : short;
}
