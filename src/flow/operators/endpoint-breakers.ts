/**
 * The breakers of one operator, by endpoint: taken when an endpoint is first seen, left when it is idle.
 *
 * Made for 100,000 endpoints: an endpoint is one entry of a map and one place in two columns. A tick looks at every breaker
 * that is not closed, and at a bounded number of the others, in turns.
 */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import { type CircuitBreakerEvent, EVENT_KINDS } from "../../breaker/events.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { isLikeNew } from "../../core/idle.ts";
import { GraphError } from "../protocol/graph-error.ts";
import { type BreakerUser, BreakerUsers } from "./breaker-users.ts";
import type { EndpointPolicy } from "./endpoint-policy.ts";

/** Breakers that a tick looks at besides those that are not closed. */
const LOOKS_PER_TICK = 1_024;
/** At the maximum, breakers that are looked at for an idle one: at each new endpoint, and for each ms since the one before. */
const LOOKS = 64;
const LOOKS_PER_MS = 256;
/** A column that is full grows by this factor. */
const GROWTH = 1.25;

/** The operator that uses the breakers. */
export interface BreakerObserver {
  /** A breaker has changed its state or mode. */
  onBreakerEvent(event: CircuitBreakerEvent): void;
  /** The operator uses the breaker no more. */
  onLeave(breaker: CircuitBreaker): void;
}

/** When a breaker is left. */
export interface EndpointLimits {
  /** Not asked for so long, in ms. Infinity: never. */
  readonly idleMs: number;
  /** Infinity: any number. */
  readonly maximumBreakers: number;
}

export class EndpointBreakers implements BreakerUser, Iterable<CircuitBreaker> {
  readonly #registry: CircuitBreakerRegistry;
  readonly #policy: EndpointPolicy;
  readonly #limits: EndpointLimits;
  readonly #observer: BreakerObserver;
  readonly #users: BreakerUsers;
  readonly #places = new Map<string, number>();
  readonly #breakers: CircuitBreaker[] = [];
  /** When an event asked last, in ms. */
  #askedMs = new Float64Array(16);
  readonly #notClosed = new Set<CircuitBreaker>();
  /** Breakers whose mode refuses nothing: disabled, shadow. */
  readonly #unenforced = new Set<CircuitBreaker>();
  readonly #ofHost = new Set<string>();
  /** Places below this one are looked at next. */
  #hand = 0;
  /** When an idle breaker was looked for last, in ms. */
  #lookedMs = 0;
  /** End the listening to the registry. */
  #unsubscribe: readonly (() => void)[] = [];

  constructor(
    registry: CircuitBreakerRegistry,
    policy: EndpointPolicy,
    limits: EndpointLimits,
    observer: BreakerObserver,
  ) {
    this.#registry = registry;
    this.#policy = policy;
    this.#limits = limits;
    this.#observer = observer;
    this.#users = BreakerUsers.of(registry);
  }

  /** Breakers that refuse nothing by their mode. */
  get unenforced(): ReadonlySet<CircuitBreaker> {
    return this.#unenforced;
  }

  has(endpoint: string): boolean {
    return this.#places.has(endpoint);
  }

  isOfHost(endpoint: string): boolean {
    return this.#ofHost.has(endpoint);
  }

  /** The breaker that an event asks, where the endpoint is known. */
  ask(endpoint: string, atMs: number): CircuitBreaker | undefined {
    const place = this.#places.get(endpoint);
    if (place === undefined) return undefined;
    this.#askedMs[place] = atMs;
    return this.#breakers[place];
  }

  /**
   * The breaker of an endpoint that is not known yet: that of the registry, or a new one.
   *
   * @throws GraphError when the breaker has other options; Error where there are `maximum_breakers` and too few are idle
   */
  take(endpoint: string, atMs: number): CircuitBreaker {
    this.#makeRoom(endpoint, atMs);
    const breaker = this.#obtain(endpoint);
    if (this.#unsubscribe.length === 0) this.#subscribe();
    const place = this.#breakers.push(breaker) - 1;
    this.#places.set(endpoint, place);
    if (place >= this.#askedMs.length) this.#grow();
    this.#askedMs[place] = atMs;
    if (breaker.state !== "closed") this.#notClosed.add(breaker);
    this.#noteMode(breaker, breaker.mode);
    return breaker;
  }

  /** Judges changes by time alone, and leaves breakers that are idle. */
  tick(atMs: number): void {
    for (const breaker of this.#notClosed) breaker.check(atMs);
    for (let looks = Math.min(this.#breakers.length, LOOKS_PER_TICK); looks > 0; looks--) {
      const place = this.#nextPlace();
      const breaker = this.#breakers[place];
      if (breaker === undefined) return;
      if (!this.#notClosed.has(breaker)) breaker.check(atMs);
      // A listener to the check may have pushed an event, and changed places.
      if (this.#breakers[place] === breaker && this.#isIdle(place, atMs)) this.#leave(place);
    }
  }

  /** Listens to nothing any more. The breakers stay in the registry, for the next operator. */
  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#users.remove(this, this.#breakers);
  }

  [Symbol.iterator](): IterableIterator<CircuitBreaker> {
    return this.#breakers[Symbol.iterator]();
  }

  #obtain(endpoint: string): CircuitBreaker {
    const known = this.#registry.peek(endpoint);
    if (known === undefined) return this.#policy.create(endpoint);
    if (!this.#policy.isOf(known)) {
      throw new GraphError(`the endpoint "${endpoint}" has a breaker with other options already`, [endpoint]);
    }
    if (this.#users.isOfHost(known, this)) this.#ofHost.add(endpoint);
    return known;
  }

  #subscribe(): void {
    this.#users.add(this);
    this.#unsubscribe = EVENT_KINDS.map((kind) => this.#registry.on(kind, (event) => this.#onEvent(event)));
  }

  #onEvent(event: CircuitBreakerEvent): void {
    const place = this.#places.get(event.endpoint);
    const breaker = place === undefined ? undefined : this.#breakers[place];
    if (breaker === undefined) return; // of another operator, or of the host
    if (event.to === "closed") this.#notClosed.delete(breaker);
    else this.#notClosed.add(breaker);
    this.#noteMode(breaker, event.mode);
    this.#observer.onBreakerEvent(event);
  }

  #noteMode(breaker: CircuitBreaker, mode: CircuitBreakerEvent["mode"]): void {
    if (mode === "disabled" || mode === "shadow") this.#unenforced.add(breaker);
    else this.#unenforced.delete(breaker);
  }

  #grow(): void {
    const column = new Float64Array(Math.ceil(this.#askedMs.length * GROWTH));
    column.set(this.#askedMs);
    this.#askedMs = column;
  }

  /** Goes round, downwards: the breaker that takes the place of one that leaves was looked at before. */
  #nextPlace(): number {
    const count = this.#breakers.length;
    this.#hand = (this.#hand > 0 && this.#hand <= count ? this.#hand : count) - 1;
    return this.#hand;
  }

  /** Closed, at level 0, and not asked for long; or evicted from the registry already. */
  #isIdle(place: number, nowMs: number): boolean {
    if (!((this.#askedMs[place] as number) <= nowMs - this.#limits.idleMs)) return false;
    const breaker = this.#breakers[place] as CircuitBreaker;
    if (!breaker._refresh(false)) return true;
    return breaker.state === "closed" && this.#registry._core.measure(breaker.id, nowMs).level === 0;
  }

  /** Idle, or the same as a new one. */
  #canLeave(place: number, nowMs: number): boolean {
    const breaker = this.#breakers[place] as CircuitBreaker;
    if (!breaker._refresh(false)) return true;
    return isLikeNew(this.#registry._core, breaker.id, nowMs) || this.#isIdle(place, nowMs);
  }

  /** As `limitBreakers` does: looks at a bounded number; of those that are idle the one that was asked the longest ago leaves. */
  #makeRoom(endpoint: string, nowMs: number): void {
    const count = this.#breakers.length;
    const { maximumBreakers } = this.#limits;
    if (count < maximumBreakers) return;
    let found = -1;
    let foundMs = Number.POSITIVE_INFINITY;
    let looks = Math.min(count, LOOKS + LOOKS_PER_MS * Math.max(0, nowMs - this.#lookedMs));
    this.#lookedMs = nowMs;
    for (; looks > 0; looks--) {
      const place = this.#nextPlace();
      const askedMs = this.#askedMs[place] as number;
      if (askedMs >= foundMs || !this.#canLeave(place, nowMs)) continue;
      found = place;
      foundMs = askedMs;
    }
    if (found < 0) {
      throw new Error(
        `no breaker for "${endpoint}": there are maximum_breakers (${maximumBreakers}), and too few are idle`,
      );
    }
    this.#leave(found);
  }

  /** An answer that comes later is late, and changes nothing. */
  #leave(place: number): void {
    const breaker = this.#breakers[place] as CircuitBreaker;
    const last = this.#breakers.length - 1;
    const moved = this.#breakers[last] as CircuitBreaker;
    this.#breakers[place] = moved;
    this.#askedMs[place] = this.#askedMs[last] as number;
    this.#places.set(moved.name, place);
    this.#breakers.pop();
    const { name } = breaker;
    this.#places.delete(name);
    this.#notClosed.delete(breaker);
    this.#unenforced.delete(breaker);
    const isOfHost = this.#ofHost.delete(name);
    this.#observer.onLeave(breaker);
    if (!isOfHost && this.#users.isLast(name, this)) this.#registry.delete(name);
  }
}
