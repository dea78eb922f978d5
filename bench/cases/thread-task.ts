/** The task of a thread of a case. */
import type { SharedHandle } from "./fixtures.ts";

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
  /** The word that threads without a breaker swap; far from the others, on a cache line of its own. */
  word: 64,
  length: 128,
} as const;

export interface ThreadTask {
  /** Cells as in GATE. */
  readonly gate: Int32Array<SharedArrayBuffer>;
  readonly threads: number;
  /** Which of the threads it is, from 0. */
  readonly number: number;
  /** Of this thread in one run; a power of two. */
  readonly outcomes: number;
  readonly task: { readonly kind: "swap" } | { readonly kind: "breakers"; readonly handle: SharedHandle };
}

/** Starts a thread; resolves when it sleeps at the gate, or is about to. */
export type StartThread = (task: ThreadTask) => Promise<void>;
