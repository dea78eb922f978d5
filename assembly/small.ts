/** The core without batches: what every program needs. The build `batch` has them. */
import "./check";
import { LAYOUT_VERSION } from "./layout";

export { acquire, admit } from "./acquire";
export { check, configure, hold, reset, switchTo, trip } from "./control";
export { measure } from "./measure";
export { fail, release, succeed } from "./report";

/** As in index.ts. */
export function layoutVersion(): i32 {
  return LAYOUT_VERSION;
}
