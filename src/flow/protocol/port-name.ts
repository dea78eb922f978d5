/** The meaning of the name of a port for events that leave by it, at operators and at the pipeline alike. */
import { DISPOSITION, type Disposition } from "./event.ts";

/** The port for events that were refused. */
export const OVERFLOW = "overflow";
/** The port for events that are malformed. Every pipeline has it. */
export const ERR = "err";

/** True for the ports that turn an event away. */
export function turnsAway(port: string): boolean {
  return port === OVERFLOW || port === ERR;
}

/** How an event ends that a sink at this port has taken. */
export function dispositionAtSink(port: string): Disposition {
  if (port === OVERFLOW) return DISPOSITION.overflow;
  return port === ERR ? DISPOSITION.err : DISPOSITION.delivered;
}

/** How an event ends at this port where it leads nowhere. */
export function dispositionAtDeadEnd(port: string): Disposition {
  return turnsAway(port) ? dispositionAtSink(port) : DISPOSITION.dropped;
}
