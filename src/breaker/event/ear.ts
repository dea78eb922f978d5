/** How a thread hears that another one has written transitions. */
import { REGISTRY_ADDRESS, REGISTRY_CHANGES_OFFSET } from "../../../assembly/layout.ts";
import type { Heap } from "../../core/exports.ts";

/** Where `Atomics.waitAsync` is missing, somebody who listens hears of another thread's transition so much later at most. */
const POLL_MS = 20;

type WaitAsync = (
  cell: Int32Array,
  index: number,
  value: number,
) => { async: true; value: Promise<unknown> } | { async: false };

/** Waits at one cell of shared memory, only while somebody listens. Keeps no process alive. */
export class Ear {
  readonly #cell: Int32Array;
  readonly #hear: () => boolean;
  #listening = false;

  /** `hear` reads the journal; it returns whether anybody still listens. */
  constructor(memory: Heap, hear: () => boolean) {
    this.#cell = new Int32Array(memory.buffer, REGISTRY_ADDRESS + REGISTRY_CHANGES_OFFSET, 1);
    this.#hear = hear;
  }

  /** Tells the other threads. */
  announce(): void {
    Atomics.add(this.#cell, 0, 1);
    Atomics.notify(this.#cell, 0);
  }

  /** Begins to listen, if it does not yet. */
  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#await(Atomics.load(this.#cell, 0));
  }

  /** Hears what there is, and waits for more. What comes while it hears ends the wait at once. */
  #listenOn(): void {
    const changes = Atomics.load(this.#cell, 0);
    this.#listening = this.#hear();
    if (this.#listening) this.#await(changes);
  }

  #await(changes: number): void {
    const { waitAsync } = Atomics as { readonly waitAsync?: WaitAsync };
    const wait = waitAsync?.(this.#cell, 0, changes);
    if (wait?.async) wait.value.then(() => this.#listenOn());
    else this.#later(wait === undefined ? POLL_MS : 0);
  }

  #later(delayMs: number): void {
    const timer: unknown = setTimeout(() => this.#listenOn(), delayMs);
    // Node's timers keep a process alive unless told not to; those of other runtimes are numbers.
    if (typeof timer === "object" && timer !== null && "unref" in timer) (timer as { unref(): void }).unref();
  }
}
