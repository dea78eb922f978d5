/**
 * A clock by hand, for breakers by hand beside `execute`: as exact as the default clock of the library and no dearer.
 *
 * Read more than eight times a millisecond, it returns one reading of `performance.now()` up to 32 times, for at most a
 * millisecond.
 */

const MAXIMUM_USES = 32;
const MAXIMUM_AGE_MS = 1;
const BUSY_READINGS = 8;

/** Makes a clock; it counts from an origin of its own. */
export function coarseClock(): () => number {
  const { performance } = globalThis;
  let readMs = 0;
  let usesLeft = 0;
  let quickReadings = 0;
  let isTimed = false;
  const expire = (): void => {
    isTimed = false;
    usesLeft = 0;
  };
  const read = (): number => {
    const now = performance.now();
    quickReadings = now - readMs < MAXIMUM_AGE_MS ? quickReadings + 1 : 0;
    readMs = now;
    if (quickReadings < BUSY_READINGS) return now;
    if (!isTimed) setTimeout(expire, MAXIMUM_AGE_MS).unref();
    isTimed = true;
    usesLeft = MAXIMUM_USES - 1;
    return now;
  };
  return () => {
    if (usesLeft === 0) return read();
    usesLeft--;
    return readMs;
  };
}
