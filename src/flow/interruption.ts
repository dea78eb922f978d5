/** Lets whatever a run waits for end early when the run is told to stop. */

/**
 * Holds one listener on the signal for the whole run and one waiting promise at a time. `Promise.race` with a
 * promise that lives as long as the run would keep a reaction for every wait: memory that grows with the input.
 */
export class Interruption {
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#wake();
  #wake: () => void = () => {};

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort);
  }

  /** True once the run has been told to stop. */
  get raised(): boolean {
    return this.#signal?.aborted === true;
  }

  /** Resolves as `work` does, or to undefined once the run is told to stop; what `work` says later is ignored. */
  wait<T>(work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      work.then(resolve, reject);
      if (this.raised) resolve(undefined);
      this.#wake = () => resolve(undefined);
    });
  }

  /** Takes the listener off. */
  close(): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}
