/** The two ends of an admitted call that nobody wants anything special of. */
import type { Guard } from "./guard.ts";
import { isThenable, rejection } from "./promise.ts";

/**
 * Handlers for a promise. All calls admitted while a breaker stays closed hold the same ticket,
 * so they share these two functions: a call allocates no more than the promise that it returns.
 */
export class Ends {
  readonly ticket: number;
  readonly succeed: <T>(value: T) => T;
  readonly fail: (error: unknown) => PromiseLike<never>;

  constructor(guard: Guard, ticket: number) {
    this.ticket = ticket;
    this.succeed = (value) => {
      guard.onSuccess(ticket);
      return value;
    };
    this.fail = (error) => {
      guard.failWith(error, ticket);
      return rejection(error);
    };
  }
}

/** Calls a function that was admitted. */
export function settle<T>(fn: () => T | PromiseLike<T>, ends: Ends): Promise<Awaited<T>> {
  let result: T | PromiseLike<T>;
  try {
    result = fn();
  } catch (error) {
    ends.fail(error);
    return Promise.reject(error);
  }
  // A promise of another realm or library becomes one of ours; one of ours stays what it is.
  if (isThenable(result)) return Promise.resolve(result).then(ends.succeed, ends.fail);
  return Promise.resolve(ends.succeed(result));
}
