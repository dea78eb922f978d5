/**
 * The time of one graph.
 *
 * While an event or a signal moves through the graph, time stands still at the time that came with it: operators and
 * sinks then see the same time on every replay, and no answer that is given at once costs a clock reading.
 * Between two of them, when a socket answers, the clock of the host is read.
 */
export class FlowClock {
  #latestMs = 0;
  #isFrozen = false;
  #clock: (() => number) | undefined;

  /** From now on `clock` gives the time between events; without it, time moves with events and signals only. */
  setClock(clock: (() => number) | undefined): void {
    this.#clock = clock;
  }

  /** Time stands still, at `atMs` or later, until `unfreeze`, which takes the value that this returns. */
  freeze(atMs: number): boolean {
    if (atMs > this.#latestMs) this.#latestMs = atMs;
    const outer = this.#isFrozen;
    this.#isFrozen = true;
    return outer;
  }

  /** Ends the innermost `freeze`. */
  unfreeze(outer: boolean): void {
    this.#isFrozen = outer;
  }

  /** In ms. Never less than before. */
  now(): number {
    if (this.#isFrozen || this.#clock === undefined) return this.#latestMs;
    const nowMs = this.#clock();
    if (nowMs > this.#latestMs) this.#latestMs = nowMs;
    return this.#latestMs;
  }
}
