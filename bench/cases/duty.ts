/** What a thread of a crew is told. */
import type { PlacedPolicy } from "../../src/core/core.ts";

/** Cells of the gate, which all threads share. */
export const GATE = {
  /** Raised by one for each run; the threads sleep at it. */
  run: 0,
  /** Threads that are awake: the last one lets all of them go. */
  awake: 1,
  /** Threads that are done; the main thread sleeps at it. */
  done: 2,
  /** Outcomes of this run that were counted. */
  counted: 3,
  /** What the threads without a breaker swap; far from the others, on a cache line of its own. */
  word: 64,
  length: 128,
} as const;

export interface Duty {
  /** Cells as in GATE. */
  readonly gate: Int32Array<SharedArrayBuffer>;
  readonly threads: number;
  /** Which of the threads it is, from 0. */
  readonly number: number;
  /** Of this thread in one run; a power of two. */
  readonly outcomes: number;
  readonly task:
    | { readonly kind: "swap" }
    | {
        readonly kind: "breakers";
        readonly memory: WebAssembly.Memory;
        readonly token: number;
        readonly addresses: Uint32Array;
        readonly policy: PlacedPolicy;
      };
}

/** Starts a thread; resolves when it sleeps at the gate, or is about to. Nothing waits for its end. */
export type Hire = (duty: Duty) => Promise<void>;
