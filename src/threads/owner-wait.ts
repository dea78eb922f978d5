/** Waiting for another thread that owns a breaker: less than a microsecond, unless that thread is paused or dead. */

/** Tries without a pause. */
const SPINS = 100;
/** Pauses after which the owner counts as dead. */
const PAUSES = 1_000;
const PAUSE_MS = 1;

let cell: Int32Array | undefined;

/** Waits before try number `tries` + 1, for a second in all; false, at once, after that. */
export function waitForOwner(tries: number): boolean {
  if (tries >= SPINS + PAUSES) return false;
  if (tries >= SPINS) pause();
  return true;
}

function pause(): void {
  cell ??= new Int32Array(new SharedArrayBuffer(4));
  try {
    Atomics.wait(cell, 0, 0, PAUSE_MS);
  } catch {
    // The main thread of a page must not wait: it spins, bounded also where a test's clock stands still.
    const endMs = performance.now() + PAUSE_MS;
    for (let spin = 0; spin < 100_000 && performance.now() < endMs; spin++);
  }
}
