/** Many breakers in one memory, by the name of their endpoint. */
import type { Core } from "../core/core.ts";
import { CircuitBreaker, type Home, type Place } from "./breaker.ts";
import { checkName, createCore, Engine, type EngineOptions } from "./engine.ts";
import { type EventKind, type Listener, listenOnce, type Unsubscribe } from "./events.ts";
import { placeOf } from "./option-table.ts";
import {
  type CircuitBreakerOptions,
  type NamedOptions,
  type ResolvedOptions,
  resolveOptions,
} from "./options.ts";
import { printable } from "./platform.ts";
import type { PolicyEntry } from "./policy-cache.ts";
import type { Block } from "./snapshot.ts";
import { objectOption } from "./validate.ts";

/** What all breakers of a registry have in common. */
export interface RegistryOptions extends EngineOptions {
  /** Options of every breaker without others. Default: those of `CircuitBreakerOptions`. */
  readonly defaults?: CircuitBreakerOptions | undefined;
}

const KEYS = ["defaults", "seed", "clock", "onError"];

/** Breakers by endpoint, in one memory. Synchronous; needs no size in advance. */
export class CircuitBreakerRegistry extends /* @__PURE__ */ printable() {
  /** @internal */
  readonly _engine: Engine;
  /** @internal */
  readonly _core: Core;
  /** @internal Options of a breaker without others. */
  _defaults: ResolvedOptions;
  /** @internal Options of a breaker by its name; `setOverrides` replaces it. */
  _optionsFor: (name: string) => ResolvedOptions;
  /** @internal The overrides of a breaker, where there are any. */
  _namedFor: ((name: string) => NamedOptions | undefined) | undefined;
  /** @internal Where there is a limit: makes room for so many more. @throws RegistryFullError, with a name */
  _makeRoom: ((name: string | undefined, count: number, spared?: ReadonlySet<string>) => void) | undefined;
  /** @internal Where breakers may be evicted, or are shared between threads. */
  locate: Home["locate"];
  /** @internal The object of each breaker that was asked for. */
  readonly _objects = new Map<string, CircuitBreaker>();
  /** @internal Further objects of one breaker: after an eviction both a new and an old one may be in use. */
  readonly _twins = new Map<string, CircuitBreaker[]>();
  /** @internal Handed to every breaker. */
  readonly _place: Place;

  /** @throws OptionError for bad options; RangeError when there is no memory. */
  constructor(options?: RegistryOptions);
  /** @internal Over a core that is there. */
  constructor(options: RegistryOptions | undefined, core: Core | undefined, keys?: readonly string[]);
  constructor(options: RegistryOptions = {}, core?: Core, keys: readonly string[] = KEYS) {
    super();
    const given = objectOption("options", options, keys, placeOf) as RegistryOptions;
    this._defaults = resolveOptions(given.defaults);
    this._optionsFor = () => this._defaults;
    this._core = core ?? createCore(given.seed);
    this._engine = new Engine(given, true, this._core);
    const engine = this._engine;
    this._place = {
      engine,
      clock: engine.clock,
      home: this,
      address: 0,
      policy: this._engine.policies.of(this._defaults),
    };
  }

  /** How many breakers there are. */
  get size(): number {
    return this._core.names.size;
  }

  /** The time of its clock in ms. */
  now(): number {
    return this._engine.clock();
  }

  /**
   * The breaker of that endpoint. If there is none yet, it is made with `options` over the defaults of the registry (and
   * over the overrides of the name, see `setOverrides`).
   * @throws OptionError for bad options or a bad name, RegistryFullError beyond the limit of `limitBreakers`, RangeError when
   * there is no memory. Nothing is made then.
   */
  get(name: string, options?: CircuitBreakerOptions): CircuitBreaker {
    return this._objects.get(name) ?? this._get(checkName(name), options);
  }

  /** @internal */
  _get(name: string, options: CircuitBreakerOptions | undefined): CircuitBreaker {
    const known = this._core.names.find(name);
    if (known) return this._keep(name, known, this._policyAt(known, name));
    const preset = this._optionsFor(name);
    const policy = this._engine.policies.of(options === undefined ? preset : resolveOptions(options, preset));
    this._makeRoom?.(name, 1);
    const address = this._enter(name, policy);
    return this._keep(name, address, this._policyAt(address, name, policy));
  }

  /** @internal A new breaker in the name table; its address, or that of the breaker that another thread has entered. */
  _enter(name: string, policy: PolicyEntry): number {
    const breaker = this._core.create(policy.placed, name);
    const entered = this._core.names.insert(name, breaker);
    if (entered !== breaker) this._core.free(breaker);
    return entered;
  }

  /** @internal Makes and remembers the object of a breaker. */
  _keep(name: string, address: number, policy: PolicyEntry): CircuitBreaker {
    this._place.address = address;
    this._place.policy = policy;
    const breaker = new CircuitBreaker(name, undefined, this._place);
    this._objects.set(name, breaker);
    return breaker;
  }

  /** @internal The policy of a breaker in memory: `likely`, or the one that its name has, where that is the same to the core. */
  _policyAt(
    address: number,
    name: string,
    likely = this._engine.policies.of(this._optionsFor(name)),
  ): PolicyEntry {
    const placed = this._core.policyOf(address);
    return likely.placed.address === placed ? likely : this._engine.policies.at(placed);
  }

  /** Whether there is a breaker of that endpoint. Changes nothing, like everything that only asks. */
  has(name: string): boolean {
    return this._core.names.find(name) !== 0;
  }

  /** The breaker of that endpoint if there is one; never makes one. */
  peek(name: string): CircuitBreaker | undefined {
    const address = this._core.names.find(name);
    if (!address) return undefined;
    return this._objects.get(name) ?? this._keep(name, address, this._policyAt(address, name));
  }

  /** Forgets a breaker and uses its memory again. Objects of it refuse everything from then on. False if there is none. */
  delete(name: string): boolean {
    const objects = this._objectsOf(name);
    const address = this._core.names.remove(name);
    if (!address) return false;
    this._free(address, name);
    for (const breaker of objects) breaker._remove();
    this._engine.dispatcher.toOne.delete(name);
    return true;
  }

  /** @internal */
  _objectsOf(name: string): CircuitBreaker[] {
    const breaker = this._objects.get(name);
    if (!breaker) return [];
    return this._twins.size > 0 ? [breaker, ...(this._twins.get(name) ?? [])] : [breaker];
  }

  /** @internal */
  _free(address: number, name: string): void {
    this._engine.dispatcher.forget(address);
    this._core.free(address);
    this._objects.delete(name);
    if (this._twins.size > 0) this._twins.delete(name);
  }

  /**
   * Listens to one kind of event of every breaker; returns the undo. Listeners run inside the call that caused the event.
   * @throws OptionError for an unknown kind, or no function.
   */
  on(kind: EventKind, listener: Listener): Unsubscribe {
    const { dispatcher } = this._engine;
    if (!dispatcher.hasListeners) this._core.journal.skip();
    const undo = dispatcher.toAll.add(kind, listener);
    dispatcher.listen?.();
    return undo;
  }

  /**
   * Listens to the next event of that kind of any breaker only; returns the undo.
   * @throws OptionError for an unknown kind, or no function.
   */
  once(kind: EventKind, listener: Listener): Unsubscribe {
    return listenOnce(this, kind, listener);
  }

  /** All breakers there are now, in the order in which they were made where one thread made them. */
  *[Symbol.iterator](): IterableIterator<CircuitBreaker> {
    for (const [name, { address, policy }] of this._blocks()) {
      yield this._objects.get(name) ?? this._keep(name, address, policy);
    }
  }

  /** @internal Every breaker that is there when it is reached. */
  *_blocks(): IterableIterator<[string, Block]> {
    const { names } = this._core;
    for (const address of names.addresses()) {
      const name = names.nameOf(address);
      if (name === undefined) continue;
      const policy = this._policyAt(address, name);
      // Another thread may have freed the breaker, and another one may live in its block.
      if (names.nameOf(address) !== name) continue;
      yield [name, { address, stripe: this._core.stripeOf(address, policy.placed), policy }];
    }
  }

  /** Ends all listening. Its memory goes when nothing refers to it. */
  [Symbol.dispose](): void {
    const { dispatcher } = this._engine;
    dispatcher.toAll.clear();
    dispatcher.toOne.clear();
  }

  /** How many breakers there are: `snapshots` writes out all of them. */
  toJSON(): Pick<CircuitBreakerRegistry, "size"> {
    return { size: this.size };
  }

  /** One line. */
  override toString(): string {
    return `CircuitBreakerRegistry of ${this.size}`;
  }

  /** @internal Vue wraps the parts of an object without one, and private fields do not bear that. */
  get [Symbol.toStringTag](): string {
    return "CircuitBreakerRegistry";
  }
}
