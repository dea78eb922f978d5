/** The two ends of an admitted call that nobody wants anything special of. */
import type { Guard } from "./guard.ts";
import { rejection } from "./promise.ts";

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
