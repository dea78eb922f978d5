/** What it costs to go over to Wasm and back, and to ask for the time: part of everything else. */
import { LAYOUT_VERSION } from "../../assembly/layout.ts";
import { releaseBase64 } from "../../build/release.ts";
import { instantiate } from "../../src/core/exports.ts";
import { deliver } from "../../src/entry/base64.ts";
import type { Work } from "../section.ts";
import { Clock, counted, LOOP, STEP_MS } from "../work.ts";

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
  const delivery = deliver("release", false, () => releaseBase64);
  const { layoutVersion } = instantiate(delivery, delivery.createMemory());
  return counted(LOOP, LOOP * LAYOUT_VERSION, () => {
    let sum = 0;
    for (let i = 0; i < LOOP; i++) sum += layoutVersion();
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
