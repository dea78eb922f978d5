/** One registry in several threads: the same breakers, windows and verdicts for all of them. */
import { LAYOUT_VERSION, MAXIMUM_STRIPES } from "../../assembly/layout.ts";
import type { CircuitBreaker } from "../breaker/breaker.ts";
import { drawSeed, type EngineOptions } from "../breaker/engine.ts";
import { optionsOf, type ResolvedOptions, resolveOptions } from "../breaker/options.ts";
import type { PolicyEntry } from "../breaker/policy-cache.ts";
import { CircuitBreakerRegistry, type RegistryOptions } from "../breaker/registry.ts";
import type { Block } from "../breaker/snapshot.ts";
import { functionOption, numberOption, objectOption } from "../breaker/validate.ts";
import type { CoreModule, Heap } from "../core/module.ts";
import { type Attachment, attach, createLayout, detach } from "./attachment.ts";
import { createLockName, holdLock, isKeptFromSharing, whenReleased } from "./liveness.ts";
import { Notifier } from "./notifier.ts";
import { SharedCore } from "./shared-core.ts";
import { ThreadError } from "./thread-error.ts";

/** What each thread brings that takes part in a shared registry. */
export interface AttachOptions extends Pick<EngineOptions, "clock" | "onError"> {
  /**
   * Gets the number of transitions of which this thread could not tell its listeners, because too many came before it read
   * them. What it throws goes to `onError`.
   */
  readonly onMissed?: ((count: number) => void) | undefined;
}

/** What the thread gives that creates a shared registry. */
export interface SharedRegistryOptions extends RegistryOptions, AttachOptions {
  /** Threads that may be attached at once, besides this one: 1..62. Each costs memory in every breaker. */
  readonly threads: number;
}

/** What another thread needs to take part; may be sent by `postMessage` or as `workerData`, to any number of threads. */
export interface RegistryHandle {
  /** Says what this is. */
  readonly kind: "bluesmoke registry";
  /** Version of the memory layout: threads of different versions do not mix. */
  readonly layout: number;
  /** A shared `WebAssembly.Memory`: not named here, since projects without the DOM's types do not know it. */
  readonly memory: Heap;
  /** Tells the threads of this handle from others, for `reclaim`. */
  readonly token: number;
  /** Options of every breaker without others, but for functions, which cannot be sent. */
  readonly defaults: ResolvedOptions;
  /** Only between the workers of a page: the name of a Web Lock that a thread holds as long as it lives. */
  readonly lock: string | undefined;
}

/** A Node worker, as far as it matters here. */
export interface NodeWorker {
  /** As of an EventEmitter. */
  once(event: "exit", listener: () => void): unknown;
}

/** A worker of a page, as far as it matters here. */
export interface PageWorker {
  /** Ends it, sooner or later. */
  terminate(): void;
}

const ATTACH_KEYS = ["clock", "onError", "onMissed"];
const CREATE_KEYS = ["threads", "defaults", "seed", "clock", "onError", "onMissed"];
/** Remembered objects from which on those of breakers are looked for that are gone. */
const FIRST_PRUNE = 1_024;

/**
 * A registry that threads share, in one of them. Overrides and limits (`setOverrides`, `limitBreakers`) hold for the thread
 * that sets them. Listeners are told of the transitions that any thread causes.
 */
export class SharedRegistry extends CircuitBreakerRegistry {
  /** @internal */
  declare readonly _core: SharedCore;
  /** @internal */
  readonly _notifier: Notifier;
  /** @internal Remembered objects at which they are pruned. */
  _pruneAt = FIRST_PRUNE;
  /** @internal */
  _isDetached = false;

  /** @internal Use `createSharedRegistry` or `attachRegistry`. */
  constructor(options: RegistryOptions & AttachOptions, core: SharedCore) {
    super(options, core, CREATE_KEYS);
    const { dispatcher, policies } = this._engine;
    this._notifier = new Notifier(core.memory.heap, () => {
      dispatcher.poll();
      return dispatcher.hasListeners;
    });
    dispatcher.notify = () => this._notifier.notify();
    dispatcher.listen = () => this._notifier.wait();
    let told = 0;
    dispatcher.onRead = () => {
      const missed = this.missed - told;
      told = this.missed;
      if (!missed || !dispatcher.hasListeners) return;
      try {
        options.onMissed?.(missed);
      } catch (error) {
        dispatcher.onError(error);
      }
    };
    policies.optionsOf = (address) => optionsOf(core.policyAt(address));
    this.locate = (breaker, create) => this._locate(breaker, create);
  }

  /** Threads that may be attached at once, besides the one that created it. */
  get threads(): number {
    return this._core.stripes - 1;
  }

  /** Transitions of which this thread could not tell its listeners, see `onMissed`. */
  get missed(): number {
    return this._core.journal.missed;
  }

  /**
   * What another thread needs to attach. Take one for each thread that may be stopped from outside: see `reclaim`.
   * @throws ThreadError when this thread has detached.
   */
  handle(): RegistryHandle {
    const { classify, fallback, ...defaults } = this._defaults;
    return {
      kind: "bluesmoke registry",
      layout: LAYOUT_VERSION,
      memory: this._core.memory.heap,
      token: this._core.drawToken(),
      defaults,
      lock: createLockName(),
    };
  }

  /** Tells listeners of what other threads have done. Happens by itself, some time after; this is for now. */
  poll(): void {
    if (!this._isDetached) this._engine.dispatcher.poll();
  }

  /**
   * Gives the place of this thread to another one. Registry and breakers throw a ThreadError in this thread from then on;
   * calls that are under way end as their functions do. What this thread has counted stays.
   */
  detach(): void {
    if (this._isDetached) return;
    this._isDetached = true;
    super[Symbol.dispose]();
    this._notifier.close();
    this._core.detach(refuseDetached);
  }

  /** As `detach`. */
  override [Symbol.dispose](): void {
    this.detach();
  }

  /** @internal Finds the breaker of that name again: another thread has freed or configured one, perhaps this one. */
  _locate(breaker: CircuitBreaker, create: boolean): void {
    if (breaker._isRemoved) return;
    const { name, _policy: policy } = breaker;
    let address = this._core.names.find(name);
    if (!address && create) {
      this._makeRoom?.(undefined, 1);
      address = this._enter(name, policy);
    }
    breaker._moveTo(address, address ? this._policyAt(address, name, policy) : policy);
    if (address && !this._objects.has(name)) this._objects.set(name, breaker);
  }

  /** @internal */
  override _keep(name: string, address: number, policy: PolicyEntry): CircuitBreaker {
    const breaker = super._keep(name, address, policy);
    if (this._objects.size >= this._pruneAt) this._prune();
    return breaker;
  }

  /** Forgets the objects of breakers that other threads have deleted or evicted. One that is used again is remembered again. */
  _prune(): void {
    const { names } = this._core;
    if (this._objects.size > 2 * names.size) {
      for (const name of this._objects.keys()) if (!names.find(name)) this._objects.delete(name);
    }
    this._pruneAt = Math.max(FIRST_PRUNE, 2 * this._objects.size);
  }

  /** @internal Of a breaker that another thread moves meanwhile, the block where it is then. */
  override *_blocks(): IterableIterator<[string, Block]> {
    const { names } = this._core;
    for (let address of names.addresses()) {
      const name = names.nameOf(address);
      if (name === undefined) continue;
      let policy = this._policyAt(address, name);
      while (names.nameOf(address) !== name) {
        address = names.find(name);
        if (!address) break;
        policy = this._policyAt(address, name);
      }
      if (address) yield [name, { address, stripe: this._core.stripeOf(address, policy.placed), policy }];
    }
  }
}

/** A new registry over that build of the core; see `createSharedRegistry` of `bluesmoke/threads`. */
export function createWith(module: CoreModule, options: SharedRegistryOptions): SharedRegistry {
  const given = objectOption("options", options, CREATE_KEYS) as unknown as SharedRegistryOptions;
  const range = { from: 1, to: MAXIMUM_STRIPES - 1, whole: true };
  const stripes = numberOption("threads", given.threads, range) + 1;
  checkOptions(given);
  resolveOptions(given.defaults);
  const seed = drawSeed(given.seed);
  if (isKeptFromSharing()) {
    throw new ThreadError(
      "ERR_NOT_ISOLATED",
      "threads cannot share memory on this page, which is not cross-origin isolated: serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or use a registry for each thread",
    );
  }
  return registryAt(module, given, createLayout(module, seed, stripes));
}

/** A registry of another thread over that build of the core; see `attachRegistry` of `bluesmoke/threads`. */
export function attachWith(
  module: CoreModule,
  handle: RegistryHandle,
  options: AttachOptions = {},
): SharedRegistry {
  const given = objectOption("options", options, ATTACH_KEYS) as AttachOptions;
  checkOptions(given);
  const { memory, token, defaults, lock } = checkHandle(handle);
  if (lock !== undefined) holdLock(lock);
  const attachment = attach(memory, token);
  if (attachment) return registryAt(module, { ...given, defaults }, attachment);
  throw new ThreadError(
    "ERR_NO_STRIPE",
    "as many threads are attached to the registry as its option `threads` allows: raise it, detach a thread, or reclaim the handle of one that has ended",
  );
}

/** Whatever fails here, the place is free again. */
function registryAt(
  module: CoreModule,
  options: RegistryOptions & AttachOptions,
  attachment: Attachment,
): SharedRegistry {
  try {
    return new SharedRegistry(options, new SharedCore(module, attachment));
  } catch (error) {
    detach(attachment);
    throw error;
  }
}

/**
 * Gives the places of the threads that attached with that handle to others, and finishes or drops what they were doing. They
 * must have ended: a thread whose place is taken while it runs corrupts counts. Returns how many places there were. A
 * reclaim that was itself cut short is repeated by the next one of this thread, or of the handle of the thread that died.
 * @throws ThreadError for what is no handle.
 */
export function reclaim(registry: SharedRegistry, handle: RegistryHandle): number {
  return registry._core.reclaim(checkHandle(handle).token);
}

/**
 * Calls `reclaim` when that worker has ended, however it does. The handle must be for that worker alone. The end of a worker
 * of a page is observed from the moment when it attaches.
 * @throws ThreadError for what is no handle, and where the end of a worker cannot be observed.
 */
export function watchWorker(
  registry: SharedRegistry,
  worker: NodeWorker | PageWorker,
  handle: RegistryHandle,
): void {
  const { lock } = checkHandle(handle);
  const run = () => {
    if (!registry._isDetached) reclaim(registry, handle);
  };
  if ("once" in worker) worker.once("exit", run);
  else if (lock !== undefined) whenReleased(lock, worker, run);
  else {
    throw new ThreadError(
      "ERR_WATCH",
      "the end of a worker cannot be observed here: call reclaim(registry, handle) once it has certainly ended",
    );
  }
}

function checkOptions({ onMissed }: AttachOptions): void {
  if (onMissed !== undefined) functionOption("onMissed", onMissed);
}

function checkHandle(handle: RegistryHandle): RegistryHandle {
  const { kind, layout } = (handle ?? {}) as Partial<RegistryHandle>;
  if (kind === "bluesmoke registry" && layout === LAYOUT_VERSION) return handle;
  const given = kind === undefined ? String(handle) : `${String(kind)} with memory layout ${String(layout)}`;
  throw new ThreadError(
    "ERR_HANDLE",
    `handle must come from handle() of this version (memory layout ${LAYOUT_VERSION}), got ${given}`,
  );
}

function refuseDetached(): never {
  throw new ThreadError("ERR_DETACHED", "this thread has detached from the registry");
}
