/** Lets whatever a run waits for end early when the run is told to stop. */

/**
 * Holds one listener on the signal for the whole run and one waker for each promise that is waited for.
 * `Promise.race` with a promise that lives as long as the run would keep a reaction for every wait: memory that
 * grows with the input.
 */
export class Interruption {
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.raise();
  readonly #wakers = new Set<() => void>();
  #raised = false;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort);
  }

  /** True once the run has been told to stop, from outside or by `raise`. */
  get raised(): boolean {
    return this.#raised || this.#signal?.aborted === true;
  }

  /** Tells the run to stop. */
  raise(): void {
    this.#raised = true;
    for (const wake of this.#wakers) wake();
  }

  /** Resolves as `work` does, or to undefined once the run is told to stop; what `work` says later is ignored. */
  wait<T>(work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        this.#wakers.delete(wake);
        resolve(undefined);
      };
      const forget = (): boolean => this.#wakers.delete(wake);
      this.#wakers.add(wake);
      work.then(
        (value) => {
          forget();
          resolve(value);
        },
        (error) => {
          forget();
          reject(error);
        },
      );
      if (this.raised) wake();
    });
  }

  /** Takes the listener off. */
  close(): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}
