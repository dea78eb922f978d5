/**
 * The time of one graph.
 *
 * While an event or a signal moves through the graph, time stands still at what came with it: operators and
 * sinks then see the same time on every replay, and no answer that is given at once costs a clock reading.
 * Between two of them, when a socket answers, the clock of the host is read.
 */
export class FlowClock {
  #latestMs = 0;
  #standing = false;
  #read: (() => number) | undefined;

  /** From now on `read` tells the time between events; without it, time moves with events and signals only. */
  run(read: (() => number) | undefined): void {
    this.#read = read;
  }

  /** Time stands still, at `atMs` or later, until `move`, which wants what this returned. */
  stand(atMs: number): boolean {
    if (atMs > this.#latestMs) this.#latestMs = atMs;
    const outer = this.#standing;
    this.#standing = true;
    return outer;
  }

  /** Ends the innermost `stand`. */
  move(outer: boolean): void {
    this.#standing = outer;
  }

  /** In ms. Never less than before. */
  now(): number {
    return this.#standing || this.#read === undefined ? this.#latestMs : this.#look(this.#read);
  }

  #look(read: () => number): number {
    const nowMs = read();
    if (nowMs > this.#latestMs) this.#latestMs = nowMs;
    return this.#latestMs;
  }
}
