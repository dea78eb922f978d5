/**
 * Everything that the host may call. Addresses are the host's; times are ms and never read here.
 *
 * The module has no state: no global, no table, no data, no start function, and no import but the memory.
 */
import "./check";
import { LAYOUT_VERSION } from "./layout";

export { acquire, admit } from "./acquire";
export { acquireBatch, firstBad, reportBatch } from "./batch";
export { check, configure, hold, reset, switchTo } from "./control";
export { measure } from "./measure";
export { fail, release, succeed } from "./report";
export { recover } from "./transition";

/** What the host compares with its own before it writes anything. */
export function layoutVersion(): i32 {
  return LAYOUT_VERSION;
}
