/**
 * The functions that the host calls. The host chooses all addresses; times are arguments in ms.
 *
 * The module has no state: no global, no table, no data, no start function, and no import but the
 * memory.
 */
import "./check";
import { LAYOUT_VERSION } from "./layout";

export { acquire, admit } from "./acquire";
export { check, configure, hold, reset, switchTo, trip } from "./control";
export { acquireBatch, collect, firstBad, reportBatch } from "./many";
export { measure } from "./measure";
export { fail, release, succeed } from "./report";
export { recover } from "./transition";

/** The host compares it with its own LAYOUT_VERSION before it writes anything. */
export function layoutVersion(): i32 {
  return LAYOUT_VERSION;
}
