/** What differs between the runtimes: timers that hold no process open, and the end of a turn of the event loop. */

interface Host {
  readonly navigator?: { readonly userAgent?: string };
  readonly process?: { readonly versions?: { readonly node?: string } };
  readonly Deno?: { readonly unrefTimer?: (timer: number) => void };
  readonly setImmediate?: (run: () => void) => unknown;
}

const HOST = globalThis as Host;

/** Timers of workerd belong to one request and end with it; there are none at global scope. */
function isWorkerd(): boolean {
  return HOST.navigator?.userAgent === "Cloudflare-Workers";
}

/** Node, Bun, Deno. A browser delays the timers of a page that nobody looks at by up to a minute. */
export function isServer(): boolean {
  return typeof HOST.process?.versions?.node === "string" && !isWorkerd();
}

/** Starts a timer that holds no process open. False where there is no such timer. */
export function startQuietTimer(run: () => void, delayMs: number): boolean {
  if (isWorkerd()) return false;
  const timer: unknown = setTimeout(run, delayMs);
  if (typeof timer === "number") HOST.Deno?.unrefTimer?.(timer);
  else (timer as { unref?: () => void }).unref?.();
  return true;
}

/** Runs something after the event loop has taken in what has arrived. */
export function afterPoll(run: () => void): void {
  if (typeof HOST.setImmediate === "function") HOST.setImmediate(run);
  else setTimeout(run, 0);
}

/** As the platform reports an uncaught error of a listener: `error` on window, `uncaughtException` in Node. */
export function reportUncaught(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}
