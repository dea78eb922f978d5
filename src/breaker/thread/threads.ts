/** One registry in several threads: the same breakers, windows and verdicts for all of them. */
import { LAYOUT_VERSION, MAXIMUM_STRIPES } from "../../../assembly/layout.ts";
import type { Delivery, Heap } from "../../core/exports.ts";
import { enter, found } from "../../core/site.ts";
import type { GuardedBreaker } from "../breaker.ts";
import { DISPOSE } from "../dispose.ts";
import { ThreadError } from "../errors.ts";
import { numberOption, objectOption } from "../options/check.ts";
import type { ResolvedOptions } from "../options/options.ts";
import { type Overrides, Presets, presetsOf } from "../options/presets.ts";
import { isKeptFromSharing } from "../platform.ts";
import { type Home, Registry, type RegistryOptions } from "../registry.ts";
import { drawSeed } from "../switchboard.ts";
import type { Clock } from "../time/clock.ts";
import { drawLock, holdForLife, whenReleased } from "./vigil.ts";

/** What a thread brings that takes part in a shared registry. */
export interface AttachOptions {
  /** See `RegistryOptions`: a handle carries defaults and limit, but no function. */
  readonly overrides?: Overrides;
  /** Default: monotonic ms since 1970, the same for all threads. */
  readonly clock?: Clock;
  /** Told how many transitions were lost to this thread, because it did not listen in time. */
  readonly onMissed?: (count: number) => void;
}

/** What the thread says that makes a shared registry. */
export interface SharedOptions extends RegistryOptions, AttachOptions {
  /** Threads that may be attached at once, besides this one. 1..62. Each costs memory in every breaker. */
  readonly threads: number;
}

/** What another thread needs to take part; may be sent by `postMessage` or as `workerData`, to any number of threads. */
export interface RegistryHandle {
  /** Says what this is, to whoever receives it. */
  readonly kind: "bluesmoke registry";
  /** Version of the memory layout: threads of different versions do not mix. */
  readonly layout: number;
  /** A shared `WebAssembly.Memory`: not named here, since projects without the DOM's types do not know it. */
  readonly memory: Heap;
  /** Tells the threads of this handle from others, for `reclaim`. */
  readonly token: number;
  /** Of the registry; every thread has the same. */
  readonly defaults: ResolvedOptions;
  /** Of the registry; every thread has the same. */
  /** Likewise. */
  readonly maximumBreakers: number | undefined;
  /** Only between the workers of a page: the name of a Web Lock that a thread holds as long as it lives. */
  readonly lock?: string;
}

/** A Node worker, as far as it matters here. */
export interface Exiting {
  /** As of an EventEmitter. */
  once(event: "exit", listener: () => void): unknown;
}

/** A worker of a page, as far as it matters here. */
export interface WebWorker {
  /** Ends it, sooner or later. */
  terminate(): void;
}

/** A registry that threads share. The same on the main thread and in workers. */
export class ThreadedRegistry<Breaker extends GuardedBreaker = GuardedBreaker> extends Registry<Breaker> {
  /** Threads that may be attached at once, besides the one that made it. */
  get threads(): number {
    return this.board.core.stripes - 1;
  }

  /** Transitions that this thread could not tell its listeners of, because too many came before it read them. */
  get missed(): number {
    return this.board.core.journal.missed;
  }

  /** A handle for another thread. Take one for each thread that may be stopped from outside: see `reclaim`. */
  handle(): RegistryHandle {
    const { memory } = this.board.core.memory;
    const token = this.board.core.drawToken();
    const { defaults } = this.presets;
    const maximumBreakers = Number.isFinite(this.room.maximum) ? this.room.maximum : undefined;
    const kind = "bluesmoke registry";
    return { kind, layout: LAYOUT_VERSION, memory, token, defaults, maximumBreakers, ...drawLock() };
  }

  /** Tells listeners of what other threads have done since. Happens by itself; this is for who cannot wait for it. */
  poll(): void {
    this.board.herald.poll();
  }

  /**
   * Gives this thread's place to another one. Registry and breakers do not work in this thread any more: they throw a
   * ThreadError. What it has counted stays.
   */
  detach(): void {
    this.board.leave();
  }

  /** As `detach`. */
  override [DISPOSE](): void {
    this.detach();
  }

  /**
   * Gives the place of threads that came with that handle to others, and finishes what they were about to do. They must
   * have ended: a thread whose place is taken while it runs corrupts counts. Returns how many places it were.
   */
  reclaim(handle: RegistryHandle): number {
    return this.board.takeBack(checkHandle(handle).token);
  }

  /**
   * Calls `reclaim(handle)` when that worker has ended, however it does. The handle must be for that worker alone. Of a
   * worker of a page it is known once it has attached.
   * @throws ThreadError for what is no handle, and where nobody can tell when a worker ends.
   */
  adopt(worker: Exiting | WebWorker, handle: RegistryHandle): void {
    const { lock } = checkHandle(handle);
    const reclaim = () => this.reclaim(handle);
    if ("once" in worker) worker.once("exit", reclaim);
    else if (lock !== undefined) whenReleased(lock, worker, reclaim);
    else {
      throw new ThreadError(
        "ERR_ADOPT",
        "nobody tells here when a worker has ended: call reclaim(handle) once it certainly has",
      );
    }
  }
}

/**
 * Memory for a registry of several threads; this one has the first place.
 * @throws OptionError for bad options; ThreadError where memory may not be shared.
 */
export function homeFor(delivery: Delivery, options: SharedOptions): Home {
  const keys = ["threads", "defaults", "overrides", "maximumBreakers", "seed", "clock", "onMissed"];
  objectOption("options", options, keys);
  const threads = numberOption("threads", options.threads, { from: 1, to: MAXIMUM_STRIPES - 1, whole: true });
  const { defaults, overrides, maximumBreakers } = options;
  const presets = presetsOf(defaults, overrides);
  if (isKeptFromSharing()) {
    throw new ThreadError(
      "ERR_NOT_ISOLATED",
      "threads can share no memory on this page, since it is not cross-origin isolated: serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or use a registry for each thread",
    );
  }
  return { site: found(delivery, drawSeed(options.seed), threads + 1), presets, maximumBreakers };
}

/**
 * A place in a registry that another thread made.
 * @throws ThreadError when it is no handle, or when as many threads are attached as there may be.
 */
export function homeOf(handle: RegistryHandle, options: AttachOptions): Home {
  objectOption("options", options, ["overrides", "clock", "onMissed"]);
  const { memory, token, defaults, maximumBreakers, lock } = checkHandle(handle);
  const presets = new Presets(defaults, options.overrides);
  if (lock !== undefined) holdForLife(lock);
  const site = enter(memory, token);
  if (site !== undefined) return { site, presets, maximumBreakers };
  throw new ThreadError(
    "ERR_NO_STRIPE",
    "as many threads are attached to the registry as it has room for: give it more `threads`, detach one, or reclaim the handle of one that has ended",
  );
}

function checkHandle(handle: RegistryHandle): RegistryHandle {
  const { kind, layout } = (handle ?? {}) as Partial<RegistryHandle>;
  if (kind === "bluesmoke registry" && layout === LAYOUT_VERSION) return handle;
  const given = kind === undefined ? String(handle) : `${String(kind)} with memory layout ${String(layout)}`;
  throw new ThreadError(
    "ERR_HANDLE",
    `a handle must come from handle() of this version (memory layout ${LAYOUT_VERSION}), got ${given}`,
  );
}
