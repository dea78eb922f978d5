/** Functions behind a breaker: `execute`, `executeSync`, `wrap`. */

import type { CircuitOpenError } from "../errors.ts";
import type { State } from "../event/event.ts";
import { Source } from "../event/source.ts";
import { functionOption } from "../options/check.ts";
import type { Clock } from "../time/clock.ts";
import { Ends } from "./ends.ts";
import { type ExecuteOptions, executeWith } from "./execute.ts";
import type { Guard, Guarded } from "./guard.ts";
import { isThenable } from "./promise.ts";
import { type ExecuteSyncOptions, executeSync } from "./sync.ts";
import { type WrapOptions, wrapWith } from "./wrap.ts";

/** The function that was last found to declare no parameter: V8 takes 10 ns to say so, a third of what `execute` adds. */
let plain: unknown;

/** @throws OptionError when it is no function. */
function isPlain(fn: Guarded<unknown>): boolean {
  functionOption("fn", fn);
  if (fn.length > 0) return false;
  plain = fn;
  return true;
}

/** What a breaker does with functions, over what it does with tickets. */
export abstract class Calls extends Source implements Guard {
  abstract readonly name: string;
  /** @internal */
  abstract readonly clock: Clock;
  /** @internal */
  abstract readonly slowCallMs: number;
  /** @internal Each call is timed or may hang: it cannot go by a ticket that it shares with others. */
  abstract readonly isWatched: boolean;
  abstract readonly state: State;
  /** Handlers for the calls that hold the latest ticket. */
  #ends: Ends | undefined;

  /** @internal Like `tryAcquire`, but reads no clock where no time is needed. */
  abstract admit(): number;
  abstract tryAcquire(nowMs?: number): number;
  abstract onSuccess(ticket: number, nowMs?: number, durationMs?: number): void;
  abstract onFailure(ticket: number, nowMs?: number, durationMs?: number): void;
  /** @internal See `Guard`. */
  abstract failWith(end: unknown, ticket: number, nowMs?: number, durationMs?: number, holdMs?: number): void;
  abstract release(ticket: number, nowMs?: number): void;
  /** @internal The error for a call that was just refused. */
  abstract refusal(nowMs: number): CircuitOpenError;

  /**
   * Calls `fn` if the breaker admits it, and reports what becomes of it: an error or a rejection is a failure.
   * `fn` gets a signal if it declares a parameter, or if a signal or a timeout is asked for.
   * Without options and for an `fn` without parameters nothing but one promise is made.
   * @throws CircuitOpenError (as a rejection) when refused; otherwise what `fn` throws. OptionError, at once, for bad options or
   * no function.
   */
  execute<T, F = T>(fn: Guarded<T>, options?: ExecuteOptions<T, F>): Promise<Awaited<T> | Awaited<F>> {
    const bare = fn === plain || isPlain(fn);
    if (!bare || options !== undefined || this.isWatched) {
      return executeWith(this, fn, options ?? {});
    }
    const ticket = this.admit();
    if (ticket === 0) return Promise.reject(this.refusal(this.clock()));
    if (this.#ends?.ticket !== ticket) this.#ends = new Ends(this, ticket);
    const { succeed, fail } = this.#ends;
    let result: T | PromiseLike<T>;
    try {
      // Called from here, not from a function below: each frame makes the stack of an error that `fn` throws dearer.
      result = (fn as () => T | PromiseLike<T>)();
    } catch (error) {
      fail(error);
      return Promise.reject(error);
    }
    // A promise of another realm or library becomes one of ours; one of ours stays what it is.
    if (isThenable(result)) return Promise.resolve(result).then(succeed, fail);
    return Promise.resolve(succeed(result));
  }

  /**
   * The same for a function that returns its value, or throws, at once.
   * @throws CircuitOpenError when refused, otherwise what `fn` throws; TypeError when it returned a promise; OptionError for
   * bad options or no function.
   */
  executeSync<T, F = T>(fn: () => T, options?: ExecuteSyncOptions<T, F>): T | F {
    functionOption("fn", fn);
    return executeSync(this, fn, options);
  }

  /**
   * `fn` behind the breaker: `this`, arguments and types stay, what it returns becomes a promise.
   * The options hold for every call.
   * @throws OptionError for bad options or no function, at once.
   */
  wrap<This, Args extends unknown[], R, F = R>(
    fn: (this: This, ...args: Args) => R,
    options?: WrapOptions<NoInfer<Args>, R, F>,
  ): (this: This, ...args: Args) => Promise<Awaited<R> | Awaited<F>> {
    functionOption("fn", fn);
    return wrapWith((call, callOptions) => this.execute(call, callOptions), fn, options);
  }
}
