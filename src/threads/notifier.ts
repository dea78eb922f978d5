/** How a thread learns that another one has written transitions. */
import { REGISTRY_ADDRESS, REGISTRY_CHANGES_OFFSET } from "../../assembly/layout.ts";
import { startQuietTimer } from "../breaker/platform.ts";
import type { Heap } from "../core/module.ts";

/** ms: where `Atomics.waitAsync` is missing, listeners are that much later at most. */
const POLL_MS = 20;

type WaitAsync = (
  cell: Int32Array,
  index: number,
  value: number,
) => { async: true; value: Promise<unknown> } | { async: false };

/** Waits at one cell of shared memory while there are listeners. Keeps no process alive. */
export class Notifier {
  readonly #cell: Int32Array;
  readonly #poll: () => boolean;
  #isWaiting = false;
  #isClosed = false;

  /** `poll` reads the journal; it returns whether there are still listeners. */
  constructor(heap: Heap, poll: () => boolean) {
    this.#cell = new Int32Array(heap.buffer, REGISTRY_ADDRESS + REGISTRY_CHANGES_OFFSET, 1);
    this.#poll = poll;
  }

  /** This thread has written transitions: wakes the other threads. */
  notify(): void {
    Atomics.add(this.#cell, 0, 1);
    Atomics.notify(this.#cell, 0);
  }

  /** Begins to wait, unless it does already. */
  wait(): void {
    if (this.#isWaiting || this.#isClosed) return;
    this.#isWaiting = true;
    this.#await(Atomics.load(this.#cell, 0));
  }

  /** Ends the waiting. Other threads that wait at the cell wake up once, and wait again. */
  close(): void {
    this.#isClosed = true;
    if (this.#isWaiting) Atomics.notify(this.#cell, 0); // else a promise would keep the memory until the next change
  }

  /** Polls, and waits for more. What comes while it polls ends the wait at once. */
  #wake(): void {
    const changes = Atomics.load(this.#cell, 0);
    this.#isWaiting = false;
    if (this.#isClosed || !this.#poll()) return;
    if (this.#isWaiting) return; // a listener has begun a wait
    this.#isWaiting = true;
    this.#await(changes);
  }

  #await(changes: number): void {
    const { waitAsync } = Atomics as { readonly waitAsync?: WaitAsync };
    const wait = waitAsync?.(this.#cell, 0, changes);
    if (wait?.async) wait.value.then(() => this.#wake());
    else startQuietTimer(() => this.#wake(), wait === undefined ? POLL_MS : 0);
  }
}
