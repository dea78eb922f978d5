/** What differs between the runtimes: timers that hold no process open, and the end of a turn of the event loop. */

interface Host {
  /** Of pages and their workers: whether memory may be shared. Undefined elsewhere, where it may. */
  readonly crossOriginIsolated?: boolean;
  readonly document?: {
    readonly visibilityState: string;
    addEventListener(type: "visibilitychange", listener: () => void): void;
  };
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

/** A page, or a worker of one, that may not share memory. */
export function isKeptFromSharing(): boolean {
  return HOST.crossOriginIsolated === false;
}

/** A page that nobody looks at, whose timers wait for a second or a minute while everything else goes on. */
export function isHidden(): boolean {
  return HOST.document?.visibilityState === "hidden";
}

/** Runs something whenever somebody looks at this page again. */
export function whenShown(run: () => void): void {
  const { document } = HOST;
  document?.addEventListener("visibilitychange", () => {
    if (!isHidden()) run();
  });
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
