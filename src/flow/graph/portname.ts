/** What the name of a port says about the events that leave by it, at operators and at the pipeline alike. */
import { FATE, type Fate } from "../event.ts";

/** The port for events that were refused. */
export const OVERFLOW = "overflow";
/** The port for events that are malformed. Every pipeline has it. */
export const ERR = "err";

/** True for the ports that turn an event away. */
export function turnsAway(port: string): boolean {
  return port === OVERFLOW || port === ERR;
}

/** How an event ends that a sink at this port has taken. */
export function fateAtSink(port: string): Fate {
  if (port === OVERFLOW) return FATE.overflow;
  return port === ERR ? FATE.err : FATE.delivered;
}

/** How an event ends at this port when nobody reads it. */
export function fateAtDeadEnd(port: string): Fate {
  return turnsAway(port) ? fateAtSink(port) : FATE.dropped;
}
