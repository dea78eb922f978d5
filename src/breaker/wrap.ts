/** A function that goes through a breaker each time it is called. */
import { type CallBreaker, type CallFunction, type ExecuteOptions, readCall } from "./execute.ts";
import { functionOption, objectOption } from "./validate.ts";

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

interface Executor {
  execute<T, F>(fn: CallFunction<T>, options?: ExecuteOptions<T, F>): Promise<Awaited<T> | Awaited<F>>;
}

/** @internal See `CircuitBreaker.wrap`. */
export function wrapWith<This, Args extends unknown[], R, F>(
  breaker: CallBreaker & Executor,
  fn: (this: This, ...args: Args) => R,
  options?: WrapOptions<Args, R, F>,
): (this: This, ...args: Args) => Promise<Awaited<R> | Awaited<F>> {
  const keys = ["signal", "withSignal", "timeoutMs", "fallback", "classify"];
  const {
    signal: signalOf,
    withSignal,
    ...rest
  } = objectOption("options", options, keys) as WrapOptions<Args, R, F>;
  readCall(breaker, rest);
  if (signalOf !== undefined) functionOption("signal", signalOf);
  if (withSignal !== undefined) functionOption("withSignal", withSignal);
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
