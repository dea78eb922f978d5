/** Requests to the store end in time. */

/** A request took longer than a round. */
export class StoreTimeoutError extends Error {
  /** The name of the class. */
  override readonly name = "StoreTimeoutError";
  /** Tells it from other errors, also between two copies of the package. */
  readonly code = "ERR_FLEET_STORE_TIMEOUT";

  constructor(limitMs: number) {
    super(`the store of the fleet must answer within ${limitMs} ms, and has not`);
  }
}

/** As the promise, or a rejection with StoreTimeoutError after so many ms. */
export function within<Value>(promise: Promise<Value>, limitMs: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new StoreTimeoutError(limitMs)), limitMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
