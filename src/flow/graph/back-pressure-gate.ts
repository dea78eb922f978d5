/**
 * Blocks the sources of a graph: by sinks that are full, and by senders of a trigger that has not been
 * followed by their own restore. The latter are a set: one flag for all would let the restore of one sink
 * start the source although another one is still down. Sinks that are about to start block, too, each until
 * its own first restore: a source starts stopped.
 */
import type { Sink } from "../protocol/source-and-sink.ts";

/** Events that are sent again go before those that a source reads. */
export interface WaitingEvents {
  /** Some of them are due. */
  readonly isBlocking: boolean;
  /** Sends those that are due, as long as no sink blocks. */
  release(isBlocked: () => boolean): void;
}

export class BackPressureGate {
  readonly #sinks: Sink[] = [];
  readonly #broken = new Set<number>();
  readonly #starting = new Set<number>();
  #isFull = false;
  #events: WaitingEvents | undefined;
  readonly #isBlockedBySinks = (): boolean => this.#sinksBlock;
  #waiting: (() => void)[] = [];

  /** True while no source may be asked for more. Reads no property of any sink. */
  get isBlocked(): boolean {
    return this.#sinksBlock || this.#events?.isBlocking === true;
  }

  get #sinksBlock(): boolean {
    return this.#isFull || this.#broken.size > 0 || this.#starting.size > 0;
  }

  /** From now on these go before events that are read. */
  putFirst(events: WaitingEvents): void {
    this.#events = events;
  }

  /** True while a trigger has reached the sources and its restore has not. */
  get isTriggered(): boolean {
    return this.#broken.size > 0;
  }

  addSink(sink: Sink): void {
    this.#sinks.push(sink);
  }

  /** A sink that was just handed an event is congested. */
  markFull(): void {
    this.#isFull = true;
  }

  /** A sink is about to start. */
  markStarting(sender: number): void {
    this.#starting.add(sender);
  }

  /** True until the first restore of a sink that is about to start. */
  isStarting(sender: number): boolean {
    return this.#starting.has(sender);
  }

  trigger(sender: number): void {
    this.#broken.add(sender);
  }

  /** A sender that never sent a trigger changes nothing. */
  restore(sender: number): void {
    this.#broken.delete(sender);
    this.#starting.delete(sender);
    this.recheck();
  }

  /** Asks every sink again, and resolves the waits once the sources are not blocked any more. */
  recheck(): void {
    this.#isFull = this.#sinks.some((sink) => sink.congested);
    // In a microtask: a sink may say in the middle of its work that it has room.
    if (!this.#sinksBlock && this.#events?.isBlocking === true) queueMicrotask(() => this.releaseWaiting());
    if (!this.isBlocked) this.wakeAll();
  }

  /** Sends again the events that are due, and resolves the waits if the sources are not blocked after that. */
  releaseWaiting(): void {
    this.#events?.release(this.#isBlockedBySinks);
    if (!this.isBlocked) this.wakeAll();
  }

  /** Resolves the waits, blocked or not. */
  wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Resolves when the sources are not blocked. */
  whenUnblocked(): Promise<void> {
    this.recheck();
    if (!this.isBlocked) return Promise.resolve();
    return new Promise((wake) => {
      this.#waiting.push(wake);
    });
  }
}
