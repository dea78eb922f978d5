/** What `using` calls, also where the runtime does not know it yet. */
/// <reference lib="esnext.disposable" preserve="true" />

/** `Symbol.dispose`; where there is none, what compilers of `using` take for it. */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
/** `Symbol.asyncDispose`, likewise. */
export const ASYNC_DISPOSE: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");

/** Takes back what it was returned for; does nothing the second time. `using` calls it at the end of the block. */
export type Undo = (() => void) & Disposable;

/** The function, for `using` as well. */
export function undoOf(undo: () => void): Undo {
  return Object.assign(undo, { [DISPOSE]: undo });
}
