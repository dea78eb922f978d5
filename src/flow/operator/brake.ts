/**
 * What holds the sources of a graph back: sinks that are full, and senders of a trigger that has not been
 * followed by their own restore. The latter are a set: one flag for all would let the restore of one sink
 * start the source although another one is still down. Sinks that are about to start hold, too, each until
 * its own first restore: a source starts stopped.
 */
import type { Sink } from "../ends.ts";

/** Events that are sent again go before those that a source reads. */
export interface WaitingEvents {
  readonly blocks: boolean;
  release(holds: () => boolean): void;
}

export class Brake {
  readonly #sinks: Sink[] = [];
  readonly #broken = new Set<number>();
  readonly #starting = new Set<number>();
  #full = false;
  #events: WaitingEvents | undefined;
  readonly #isHolding = (): boolean => this.#sinksHold;
  #waiting: (() => void)[] = [];

  /** True while no source may be asked for more. Costs no look at any sink. */
  get holds(): boolean {
    return this.#sinksHold || this.#events?.blocks === true;
  }

  get #sinksHold(): boolean {
    return this.#full || this.#broken.size > 0 || this.#starting.size > 0;
  }

  /** From now on these go before what is read. */
  putFirst(events: WaitingEvents): void {
    this.#events = events;
  }

  /** True while a trigger has reached the sources and its restore has not. */
  get triggered(): boolean {
    return this.#broken.size > 0;
  }

  watch(sink: Sink): void {
    this.#sinks.push(sink);
  }

  /** A sink that was just handed something is congested. */
  fill(): void {
    this.#full = true;
  }

  /** A sink is about to start. */
  begin(sender: number): void {
    this.#starting.add(sender);
  }

  /** True until the first restore of a sink that has begun. */
  awaits(sender: number): boolean {
    return this.#starting.has(sender);
  }

  trigger(sender: number): void {
    this.#broken.add(sender);
  }

  /** A sender that never sent a trigger changes nothing. */
  restore(sender: number): void {
    this.#broken.delete(sender);
    this.#starting.delete(sender);
    this.look();
  }

  /** Looks at every sink again and wakes the waiting when nothing holds any more. */
  look(): void {
    this.#full = this.#sinks.some((sink) => sink.congested);
    // In a microtask: a sink may say in the middle of its work that it has room.
    if (!this.#sinksHold && this.#events?.blocks === true) queueMicrotask(() => this.releaseFirst());
    if (!this.holds) this.open();
  }

  /** Sends again what is due, and wakes the waiting when nothing holds after that. */
  releaseFirst(): void {
    this.#events?.release(this.#isHolding);
    if (!this.holds) this.open();
  }

  /** Wakes whoever waits, whatever holds. */
  open(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Resolves when nothing holds. */
  whenReleased(): Promise<void> {
    this.look();
    if (!this.holds) return Promise.resolve();
    return new Promise((wake) => {
      this.#waiting.push(wake);
    });
  }
}
