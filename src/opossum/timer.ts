/** Timers that hold no process open. */

interface Deno {
  readonly unrefTimer?: (timer: number) => void;
}

/** Runs a function after that many ms; returns the undo. */
export function quietTimeout(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs);
  unref(timer);
  return () => clearTimeout(timer);
}

/** Runs a function every so many ms; returns the undo. */
export function quietInterval(run: () => void, everyMs: number): () => void {
  const timer = setInterval(run, everyMs);
  unref(timer);
  return () => clearInterval(timer);
}

function unref(timer: unknown): void {
  if (typeof timer === "number") (globalThis as { Deno?: Deno }).Deno?.unrefTimer?.(timer);
  else (timer as { unref?: () => void }).unref?.();
}
