/** Times that pipelines write in nanoseconds, as tremor does: the flow reckons in ms. */
import { numberOption } from "../../breaker/validate.ts";

const NS_PER_MS = 1_000_000;
/** A day. */
const MAXIMUM_NS = 86_400_000 * NS_PER_MS;

/**
 * @returns the time in ms
 * @throws OptionError unless it is a number of ns from 0 to a day
 */
export function timeoutOption(option: string, value: unknown): number {
  return numberOption(option, value, { from: 0, to: MAXIMUM_NS }) / NS_PER_MS;
}
