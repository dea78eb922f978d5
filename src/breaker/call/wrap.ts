/** A function that goes through a breaker each time it is called. */
import { checkExecuteOptions, type ExecuteOptions } from "./execute.ts";
import type { Guarded } from "./guard.ts";

/** Options of `wrap`: those of `execute`, for every call. The function keeps its own arguments, so it gets no signal. */
export interface WrapOptions<Args extends readonly unknown[], T, F = T>
  extends Omit<ExecuteOptions<T, F>, "signal"> {
  /** Finds the caller's signal among the arguments, such as `([url, init]) => init?.signal`. */
  readonly signal?: ((args: Args) => AbortSignal | null | undefined) | undefined;
}

type Execute = <T, F>(fn: Guarded<T>, options?: ExecuteOptions<T, F>) => Promise<Awaited<T> | Awaited<F>>;

/** See `CircuitBreaker.wrap`. */
export function wrapWith<This, Args extends unknown[], R, F>(
  execute: Execute,
  fn: (this: This, ...args: Args) => R,
  options?: WrapOptions<NoInfer<Args>, R, F>,
): (this: This, ...args: Args) => Promise<Awaited<R> | Awaited<F>> {
  const { signal: signalOf, ...rest } = options ?? {};
  checkExecuteOptions(rest as ExecuteOptions<never, F>);
  if (signalOf !== undefined && typeof signalOf !== "function") {
    throw new TypeError(`signal of wrap must be a function of the arguments, got ${String(signalOf)}`);
  }
  const optionsFor = (args: Args): ExecuteOptions<R, F> | undefined =>
    signalOf === undefined
      ? options && (rest as ExecuteOptions<R, F>)
      : ({ ...rest, signal: signalOf(args) ?? undefined } as ExecuteOptions<R, F>);
  const wrapped = function (this: This, ...args: Args): Promise<Awaited<R> | Awaited<F>> {
    return execute<R, F>(() => fn.apply(this, args), optionsFor(args));
  };
  Object.defineProperty(wrapped, "name", { value: fn.name, configurable: true });
  Object.defineProperty(wrapped, "length", { value: fn.length, configurable: true });
  return wrapped;
}
