/** A function that goes through a breaker each time it is called. */
import {
  CALL_OPTIONS,
  type CallBreaker,
  type CallFunction,
  type ExecuteOptions,
  readCall,
} from "./call-options.ts";
import type { Table } from "./options.ts";
import { functionOption } from "./validate.ts";

/** Options of `wrap`: those of `execute`, for every call. */
export interface WrapOptions<Args extends readonly unknown[], T, F = T>
  extends Omit<ExecuteOptions<T, F>, "signal"> {
  /** Finds the caller's signal among the arguments, such as `([url, init]) => init?.signal`. */
  readonly signal?: ((args: Args) => AbortSignal | null | undefined) | undefined;
  /**
   * Gives the arguments with the signal of the call among them, such as
   * `([url, init], signal) => [url, { ...init, signal }]`. Default: the arguments stay, and the function gets no signal.
   */
  readonly withSignal?: ((args: Args, signal: AbortSignal) => [...Args]) | undefined;
}

const WRAP_OPTIONS: Table = /* @__PURE__ */ (() => ({
  ...CALL_OPTIONS,
  signal: { read: functionOption },
  withSignal: { read: functionOption },
}))();

interface Executor {
  execute<T, F>(fn: CallFunction<T>, options?: ExecuteOptions<T, F>): Promise<Awaited<T> | Awaited<F>>;
}

/** @internal See `CircuitBreaker.wrap`. */
export function wrapWith<This, Args extends unknown[], R, F>(
  breaker: CallBreaker & Executor,
  fn: (this: This, ...args: Args) => R,
  options?: WrapOptions<Args, R, F>,
): (this: This, ...args: Args) => Promise<Awaited<R> | Awaited<F>> {
  readCall(breaker, options, WRAP_OPTIONS);
  const {
    signal: signalOf,
    withSignal,
    ...rest
  } = { __proto__: null, ...options } as unknown as WrapOptions<Args, R, F>;
  const wrapped = function (this: This, ...args: Args): Promise<Awaited<R> | Awaited<F>> {
    try {
      const signal = signalOf?.(args);
      return breaker.execute<R, F>(
        (call) => fn.apply(this, withSignal ? withSignal(args, call.signal) : args),
        options === undefined ? undefined : { ...rest, ...(signal && { signal }) },
      );
    } catch (error) {
      return Promise.reject(error); // of `signal`, before the breaker was asked
    }
  };
  for (const [key, value] of Object.entries({ name: fn.name, length: fn.length })) {
    Object.defineProperty(wrapped, key, { value, configurable: true });
  }
  return wrapped;
}
