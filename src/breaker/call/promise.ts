/** Small change of promises. */

/** Whether awaiting it would wait. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}

/** A thenable that rejects. */
class Rejection {
  readonly #error: unknown;

  constructor(error: unknown) {
    this.#error = error;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a thenable
  then(_: unknown, reject: (error: unknown) => void): void {
    reject(this.#error);
  }
}

/**
 * What a handler of a promise returns to reject with an error. The same as to throw it, for a third of the price:
 * V8 looks up where an error was thrown, and unwinds the stack.
 */
export function rejection(error: unknown): PromiseLike<never> {
  return new Rejection(error) as unknown as PromiseLike<never>;
}
