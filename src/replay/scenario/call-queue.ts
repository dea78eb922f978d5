/** The calls that are out, by the time at which they end. */
import type { Call } from "./gate.ts";

/** A binary heap; of calls that end at the same time the one that began first comes first. */
export class CallQueue {
  readonly #calls: Call[] = [];
  readonly #times: number[] = [];
  /** When the call began, as a count. */
  readonly #orders: number[] = [];
  #pushed = 0;

  /** When the next call ends; Infinity: none is out. */
  get nextMs(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  push(call: Call): void {
    let place = this.#calls.length;
    const order = this.#pushed++;
    for (let parent: number; place > 0; place = parent) {
      parent = (place - 1) >> 1;
      if (this.#times[parent]! <= call.endsMs) break; // the parent began earlier
      this.#move(parent, place);
    }
    this.#set(place, call, order);
  }

  /** The next call that ends. There must be one. */
  pop(): Call {
    const first = this.#calls[0]!;
    const last = this.#calls.pop()!;
    const order = this.#orders.pop()!;
    this.#times.pop();
    const { length } = this.#calls;
    if (length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#isBefore(child + 1, this.#times[child]!, this.#orders[child]!)) child++;
      if (!this.#isBefore(child, last.endsMs, order)) break;
      this.#move(child, place);
      place = child;
    }
    this.#set(place, last, order);
    return first;
  }

  #isBefore(place: number, timeMs: number, order: number): boolean {
    const own = this.#times[place]!;
    return own < timeMs || (own === timeMs && this.#orders[place]! < order);
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#calls[from]!, this.#orders[from]!);
  }

  #set(place: number, call: Call, order: number): void {
    this.#calls[place] = call;
    this.#times[place] = call.endsMs;
    this.#orders[place] = order;
  }
}
