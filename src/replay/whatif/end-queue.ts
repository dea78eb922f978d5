/** Calls that are out, by the time of their end: a binary heap. */

/** Smallest time first; of equal ones, the one that was added first. */
export class EndQueue {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #calls: number[] = [];
  #order = 0;

  get size(): number {
    return this.#times.length;
  }

  /** ms: the next end; Infinity where no call is out. */
  get nextMs(): number {
    return this.#times[0] ?? Infinity;
  }

  add(endMs: number, call: number): void {
    let at = this.#times.length;
    const order = this.#order++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#times[parent]! <= endMs) break;
      this.#copy(parent, at);
      at = parent;
    }
    this.#put(at, endMs, order, call);
  }

  /** Removes the next call and returns it. */
  take(): number {
    const call = this.#calls[0]!;
    const endMs = this.#times.pop()!;
    const order = this.#orders.pop()!;
    const last = this.#calls.pop()!;
    const { length } = this.#times;
    if (length === 0) return call;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#isBefore(child + 1, child)) child++;
      if (this.#times[child]! > endMs || (this.#times[child] === endMs && this.#orders[child]! > order))
        break;
      this.#copy(child, at);
      at = child;
    }
    this.#put(at, endMs, order, last);
    return call;
  }

  #isBefore(one: number, other: number): boolean {
    const difference = this.#times[one]! - this.#times[other]!;
    return difference < 0 || (difference === 0 && this.#orders[one]! < this.#orders[other]!);
  }

  #copy(from: number, to: number): void {
    this.#put(to, this.#times[from]!, this.#orders[from]!, this.#calls[from]!);
  }

  #put(at: number, time: number, order: number, call: number): void {
    this.#times[at] = time;
    this.#orders[at] = order;
    this.#calls[at] = call;
  }
}
