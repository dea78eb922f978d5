/** One admitted call under way, judged by `classify` and timed where calls can be slow. */
import { type Classify, judge } from "./classify.ts";
import type { Guard, Guarded } from "./guard.ts";
import { rejection } from "./promise.ts";
import { report } from "./report.ts";

export class Attempt<T> {
  readonly guard: Guard;
  readonly startMs: number;
  /** It ended in an error that counts as a failure. */
  failed = false;
  readonly #ticket: number;
  readonly #classify: Classify<Awaited<T>> | undefined;

  constructor(guard: Guard, ticket: number, startMs: number, classify: Classify<Awaited<T>> | undefined) {
    this.guard = guard;
    this.startMs = startMs;
    this.#ticket = ticket;
    this.#classify = classify;
  }

  /** It answered. */
  succeed(value: Awaited<T>): Awaited<T> {
    const verdict = judge(this.#classify, { status: "fulfilled", value });
    report(this.guard, this.#ticket, this.startMs, verdict, value);
    return value;
  }

  /** It threw or rejected. */
  fail(error: unknown): void {
    const verdict = judge(this.#classify, { status: "rejected", reason: error });
    this.failed = verdict.outcome === "failure";
    report(this.guard, this.#ticket, this.startMs, verdict, error);
  }

  /** It took too long. */
  expire(error: unknown): void {
    this.failed = true;
    report(this.guard, this.#ticket, this.startMs, { outcome: "failure", holdMs: undefined }, error);
  }

  /** The caller does not want it any more. */
  cancel(): void {
    this.guard.release(this.#ticket);
  }

  /** Calls the function and waits for it, however long. */
  settle(fn: Guarded<T>): Promise<Awaited<T>> {
    let result: T | PromiseLike<T>;
    try {
      result = fn.length === 0 ? (fn as () => T | PromiseLike<T>)() : fn(new AbortController().signal);
    } catch (error) {
      this.fail(error);
      return Promise.reject(error);
    }
    return Promise.resolve(result).then(
      (value) => this.succeed(value),
      (error: unknown) => {
        this.fail(error);
        return rejection(error);
      },
    );
  }
}
