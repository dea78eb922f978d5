/** What can be done to many breakers at once. */

import { Source } from "./event/source.ts";
import { functionOption } from "./options/check.ts";
import { checkTime } from "./time/clock.ts";

/** Says of a breaker whether it is meant. */
export type Choice<Breaker> = (breaker: Breaker) => boolean;

/** What is done to each: see `CircuitBreaker`. */
export interface Switchable {
  forceOpen(nowMs?: number): void;
  enable(nowMs?: number): void;
  disable(nowMs?: number): void;
  shadow(nowMs?: number): void;
  reset(nowMs?: number): void;
}

export abstract class Group<Breaker extends Switchable> extends Source implements Iterable<Breaker> {
  /** The time of its clock in ms. */
  abstract now(): number;
  /** All breakers there are now, in the order in which they were made where no memory was used again. */
  abstract [Symbol.iterator](): IterableIterator<Breaker>;

  /** `forceOpen` of the breakers that are chosen, of all without a choice; returns how many. */
  forceOpen(which?: Choice<Breaker>, nowMs?: number): number {
    return this.each(which, nowMs, (breaker, now) => breaker.forceOpen(now));
  }

  /** `enable`, likewise. */
  enable(which?: Choice<Breaker>, nowMs?: number): number {
    return this.each(which, nowMs, (breaker, now) => breaker.enable(now));
  }

  /** `disable`, likewise. */
  disable(which?: Choice<Breaker>, nowMs?: number): number {
    return this.each(which, nowMs, (breaker, now) => breaker.disable(now));
  }

  /** `shadow`, likewise. */
  shadow(which?: Choice<Breaker>, nowMs?: number): number {
    return this.each(which, nowMs, (breaker, now) => breaker.shadow(now));
  }

  /** `reset`, likewise. */
  reset(which?: Choice<Breaker>, nowMs?: number): number {
    return this.each(which, nowMs, (breaker, now) => breaker.reset(now));
  }

  /** @internal First chooses, then acts: what is done may call listeners, and they may make and delete breakers. */
  protected each(
    which: Choice<Breaker> | undefined,
    nowMs: number | undefined,
    act: (breaker: Breaker, now: number) => void,
  ): number {
    if (which !== undefined) functionOption("which", which);
    const all = [...this];
    const meant = which === undefined ? all : all.filter((breaker) => which(breaker));
    const now = checkTime(nowMs ?? this.now());
    for (const breaker of meant) act(breaker, now);
    return meant.length;
  }
}
