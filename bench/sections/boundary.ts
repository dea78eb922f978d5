import { dateTime, emptyLoop, monotonicTime, wasmCall } from "../cases/boundary.ts";
import type { Section } from "../section.ts";

/** The floor under all other figures. */
export const boundary: Section = {
  name: "boundary",
  title: "a call into Wasm, and the clock",
  operation: "call",
  cases: [
    { name: "loop, nothing but the time", prepare: emptyLoop },
    { name: "Wasm call, a constant", prepare: wasmCall },
    { name: "performance.now()", prepare: monotonicTime },
    { name: "Date.now()", prepare: dateTime },
  ],
  comparisons: [],
};
