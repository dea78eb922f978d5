/** What differs between the runtimes: timers that hold no process open, the end of a turn of the event loop, warnings. */
import { safeText } from "./failure.ts";

interface Host {
  readonly document?: {
    readonly visibilityState: string;
    addEventListener(type: "visibilitychange", listener: () => void): void;
  };
  readonly navigator?: { readonly userAgent?: string };
  readonly process?: {
    readonly versions?: { readonly node?: string; readonly bun?: string };
    readonly emitWarning?: (warning: Error | string) => void;
    readonly getBuiltinModule?: (
      id: "events",
    ) => { readonly setMaxListeners?: (count: number, target: EventTarget) => void } | undefined;
  };
  readonly Deno?: { readonly unrefTimer?: (timer: number) => void };
  /** Vercel's edge runtime. */
  readonly EdgeRuntime?: unknown;
  readonly setImmediate?: (run: () => void) => unknown;
}

const HOST = globalThis as Host;

/** Timers of workerd belong to one request and end with it; there are none at global scope. */
export function isWorkerd(): boolean {
  return HOST.navigator?.userAgent === "Cloudflare-Workers";
}

/** Node, Bun, Deno. A browser delays the timers of a hidden page by up to a minute. */
export function isServer(): boolean {
  return !!HOST.process?.versions?.node && !isWorkerd();
}

/** Node, Deno: an object of a stream lives for as long as something reads it. */
export function hasStreamsOfJavaScript(): boolean {
  return isServer() && !HOST.process?.versions?.bun;
}

/** A page in the background: its timers wait for a second or a minute while everything else goes on. */
export function isHidden(): boolean {
  return HOST.document?.visibilityState === "hidden";
}

/** Runs a function whenever this page is shown again. */
export function whenShown(run: () => void): void {
  HOST.document?.addEventListener("visibilitychange", () => {
    if (!isHidden()) run();
  });
}

/** Starts a timer that holds no process open. False where there is no such timer. */
export function startQuietTimer(run: () => void, delayMs: number): boolean {
  if (isByRequest()) return false;
  const timer: unknown = setTimeout(run, delayMs);
  if (typeof timer === "number") HOST.Deno?.unrefTimer?.(timer);
  else (timer as { unref?: () => void }).unref?.();
  return true;
}

/** Timers and signals belong to the request in which they were made, and end with it. */
export function isByRequest(): boolean {
  return isWorkerd() || !!HOST.EdgeRuntime;
}

/**
 * A timer for one call, and its undo, where timers end with the request that started them; undefined elsewhere, where calls
 * share timers.
 */
export function ownTimer(): ((delayMs: number, run: () => void) => () => void) | undefined {
  if (!isByRequest()) return undefined;
  return (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  };
}

/** Runs a function after the event loop has taken in what has arrived. */
export function afterPoll(run: () => void): void {
  if (HOST.setImmediate) HOST.setImmediate(run);
  else setTimeout(run, 0);
}

/** Node 20 warns of a leak above ten listeners of one signal: a signal that many calls share may have any number. */
export function allowListeners(signal: AbortSignal): void {
  try {
    HOST.process?.getBuiltinModule?.("events")?.setMaxListeners?.(0, signal);
  } catch {
    // No signal of Node, as in jsdom.
  }
}

/** Reports an error that must not end the process: a warning of Node, else a line on the console. */
export function warn(error: unknown): void {
  try {
    const warning = error instanceof Error ? error : safeText(error);
    // workerd has the method with `nodejs_compat`, and prints nothing.
    if (HOST.process?.emitWarning && !isWorkerd()) HOST.process.emitWarning(warning);
    else console.error(warning);
  } catch {
    // An error that cannot be read.
  }
}

/**
 * A class whose instances print as their `toString()` on Node's console. A bundler can drop a class that extends a call, and
 * none that has a method with a computed name.
 */
export function printable(): new () => object {
  function Printable() {}
  Printable.prototype[Symbol.for("nodejs.util.inspect.custom")] = function (this: object) {
    return String(this);
  };
  return Printable as unknown as new () => object;
}
