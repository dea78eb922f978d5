/** What the parent and the children of a test with kills agree on. */

/** Events that are sent and not written to be done, at most. */
export const READ_COUNT = 32;
/** Events that the source hands over before it hears of the first of them. */
export const WINDOW = 64;

/** What a child is told, as JSON in its first argument. */
export interface ChildPlan {
  readonly folder: string;
  readonly seed: number;
  /** Counts the children from 1. */
  readonly run: number;
  readonly sync: "always" | "interval" | "never";
  /** The source ends with this event, and the child when everything is delivered; undefined: it goes on until it is killed. */
  readonly lastEvent?: number;
}

export const QUEUE = "queue";
/** A line for each event that the log has acked upstream. */
export const POSITION = "position";
/** A line for each event that the endpoint has taken: its number, its child, and `a`, or `f` if the answer was a failure. */
export const ARRIVED = "arrived";

/** The data of an event as the source of a child hands it over. */
export interface Numbered {
  readonly n: number;
  readonly run: number;
  readonly pad: string;
}

/** Its text has 30 to 1,040 bytes. */
export function dataOf(n: number, run: number): Numbered {
  return { n, run, pad: String(n % 10).repeat((n * 7_919) % 1_000) };
}

/** mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
