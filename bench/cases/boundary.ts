/** The cost of a call into Wasm and of reading the time: part of all other figures. */
import type { Work } from "../section.ts";
import { Clock, counted, LOOP, STEP_MS } from "../work.ts";
import { constantExport } from "./fixtures.ts";

/** A loop that only moves time, as all others do. */
export function emptyLoop(): Work {
  const clock = new Clock();
  return counted(LOOP, LOOP, () => {
    let count = 0;
    let now = clock.nowMs;
    for (let i = 0; i < LOOP; i++) {
      now += STEP_MS;
      if (now > 0) count++;
    }
    clock.nowMs = now;
    return count;
  });
}

/** An export that returns a constant. */
export function wasmCall(): Work {
  const { call, value } = constantExport();
  return counted(LOOP, LOOP * value, () => {
    let sum = 0;
    for (let i = 0; i < LOOP; i++) sum += call();
    return sum;
  });
}

/** `performance.now()`, the clock of the library. */
export function monotonicTime(): Work {
  return readings(() => performance.now());
}

/** `Date.now()`. */
export function dateTime(): Work {
  return readings(() => Date.now());
}

/** A time is never less than the one before. */
function readings(read: () => number): Work {
  return counted(LOOP, LOOP, () => {
    let ordered = 0;
    let latest = 0;
    for (let i = 0; i < LOOP; i++) {
      const now = read();
      if (now >= latest) ordered++;
      latest = now;
    }
    return ordered;
  });
}
