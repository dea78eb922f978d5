/** The breakers of one operator, by endpoint: taken when an endpoint is first seen, left when it is idle. */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import { type CircuitBreakerEvent, EVENT_KINDS } from "../../breaker/events.ts";
import type { CircuitBreakerOptions } from "../../breaker/options.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { breakerFor, leaveBreaker } from "./endpoint.ts";

/** Idle breakers are looked for this many times in the time after which they go: none stays much longer. */
const LOOKS = 4;

/** One breaker in use. */
export class Guard {
  readonly breaker: CircuitBreaker;
  /** When an event asked last, in ms. */
  askedMs: number;
  /** Sinks that have answered for the endpoint, where the operator has to know. */
  readonly sinks = new Set<number>();
  /** A sink on its way was broken when that was looked at last. */
  minds = false;
  /** Takes the listeners off. */
  readonly undo: readonly (() => void)[];

  constructor(breaker: CircuitBreaker, atMs: number, undo: readonly (() => void)[]) {
    this.breaker = breaker;
    this.askedMs = atMs;
    this.undo = undo;
  }

  /** Closed for so long that no opening is remembered. An answer that comes later still is late, and changes nothing. */
  isIdle(sinceMs: number, nowMs: number): boolean {
    if (this.askedMs > sinceMs || this.breaker.state !== "closed") return false;
    return this.breaker.snapshot(nowMs).level === 0;
  }
}

export class Guards implements Iterable<Guard> {
  readonly #registry: CircuitBreakerRegistry;
  readonly #options: CircuitBreakerOptions;
  readonly #tell: (event: CircuitBreakerEvent) => void;
  readonly #guards = new Map<string, Guard>();
  #lookedMs = 0;

  /** @param tell hears every event of every breaker, from `take` to `leave` */
  constructor(
    registry: CircuitBreakerRegistry,
    options: CircuitBreakerOptions,
    tell: (event: CircuitBreakerEvent) => void,
  ) {
    this.#registry = registry;
    this.#options = options;
    this.#tell = tell;
  }

  /** The guard of an endpoint that was taken before. */
  find(endpoint: string): Guard | undefined {
    return this.#guards.get(endpoint);
  }

  /** Throws a GraphError when the breaker has other options already. */
  take(endpoint: string, atMs: number): Guard {
    const breaker = breakerFor(this.#registry, endpoint, this.#options, this);
    const guard = new Guard(
      breaker,
      atMs,
      EVENT_KINDS.map((kind) => breaker.on(kind, this.#tell)),
    );
    this.#guards.set(endpoint, guard);
    return guard;
  }

  /** Leaves the breakers that no event has asked for `idleMs`; `nowMs` need not come often. */
  leaveIdle(idleMs: number, nowMs: number): void {
    if (nowMs - this.#lookedMs < idleMs / LOOKS) return;
    this.#lookedMs = nowMs;
    for (const [endpoint, guard] of this.#guards) {
      if (!guard.isIdle(nowMs - idleMs, nowMs)) continue;
      this.#guards.delete(endpoint);
      this.#deafen(guard);
      leaveBreaker(this.#registry, endpoint, this);
    }
  }

  /** Hears nothing any more. The breakers stay: they may live on without the graph. */
  close(): void {
    for (const guard of this) this.#deafen(guard);
  }

  [Symbol.iterator](): IterableIterator<Guard> {
    return this.#guards.values();
  }

  #deafen(guard: Guard): void {
    for (const undo of guard.undo) undo();
  }
}
