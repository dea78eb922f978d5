/**
 * One machine of a fleet. Every round it publishes what its windows hold, and asks for the counts of the others only where
 * it has failures of its own: a healthy fleet writes one value a machine and reads none.
 *
 * Calls never wait for the store. The fleet opens a breaker as `trip` does, and it heals as any other one.
 */

import type { Mode } from "../breaker/options.ts";
import { startQuietTimer, warn } from "../breaker/platform.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { type FleetOptions, type ResolvedFleetOptions, readFleetOptions } from "./options.ts";
import { Peers } from "./peers.ts";
import { HOLD_ROUNDS, holdOpen, ProbeLease } from "./probe-lease.ts";
import { encodeReport } from "./report.ts";
import { Switches } from "./switches.ts";
import { type Track, Tracker } from "./tracker.ts";
import { isSick, type Opinion, opens, opinionOf, type Rule } from "./verdict.ts";
import { StoreTimeoutError, within } from "./within.ts";

/** Rounds after which the store forgets the report of a machine. */
const REPORT_ROUNDS = 3;
/** Rounds for which a report counts that is not replaced. */
const STALE_ROUNDS = 2;
/** Rounds after which a request that never settled is given up. */
const ABANDON_ROUNDS = 10;

/** How a fleet is doing. */
export interface FleetStatus {
  /** Exchanges with the store that were completed. */
  readonly exchanges: number;
  /** Exchanges that failed, or took longer than `everyMs`: local counts alone decided. */
  readonly failed: number;
  /** Exchanges that were left out because the one before was still under way. */
  readonly skipped: number;
  /** Other machines whose reports were read last; reports are read only where this machine has failures. */
  readonly machines: number;
  /** Reports and switches that made no sense. */
  readonly refused: number;
  /** Breakers that the fleet opened here. */
  readonly opened: number;
  /** The latest error of the store. */
  readonly lastError: unknown;
}

/** One machine of a fleet; see `joinFleet`. */
export class Fleet {
  /** Name of this machine. */
  readonly machine: string;
  readonly #registry: CircuitBreakerRegistry;
  readonly #options: ResolvedFleetOptions;
  readonly #tracker: Tracker;
  readonly #peers: Peers;
  readonly #leases: ProbeLease;
  readonly #switches: Switches;
  readonly #counters = { exchanges: 0, failed: 0, skipped: 0, opened: 0 };
  #lastError: unknown;
  #sequence = Math.floor(Math.random() * 2 ** 32);
  #hasLeft = false;
  /** Rounds since the exchange under way began; 0: none is. */
  #pendingRounds = 0;

  /** @internal */
  constructor(registry: CircuitBreakerRegistry, options: ResolvedFleetOptions) {
    const { store, machine, roundMs } = options;
    this.#registry = registry;
    this.#options = options;
    this.machine = machine;
    this.#tracker = new Tracker(registry, options.maximumEndpoints, options.machines);
    this.#peers = new Peers(machine, STALE_ROUNDS * roundMs);
    this.#leases = new ProbeLease(store, machine, roundMs);
    this.#switches = new Switches(registry);
    if (options.isTimed) this.#schedule();
  }

  /** Numbers for a health check or a log. */
  status(): FleetStatus {
    const refused = this.#peers.refused + this.#switches.refused;
    return { ...this.#counters, machines: this.#peers.size, refused, lastError: this.#lastError };
  }

  /**
   * One exchange with the store. The timer calls it; programs with `everyMs: 0` call it themselves. Never rejects. Resolves
   * at the latest after `everyMs` (1,000 ms without a timer).
   */
  async exchange(): Promise<void> {
    if (this.#hasLeft) return;
    if (this.#pendingRounds > 0 && this.#pendingRounds++ < ABANDON_ROUNDS) {
      this.#counters.skipped++;
      return;
    }
    this.#pendingRounds = 1;
    const limit = { isOver: false };
    const work = this.#exchange(limit).finally(() => {
      if (!limit.isOver) this.#pendingRounds = 0;
    });
    try {
      await within(work, this.#options.roundMs);
      this.#counters.exchanges++;
    } catch (error) {
      this.#fail(error);
      if (error instanceof StoreTimeoutError) {
        limit.isOver = true; // what arrives later is old
        work.then(this.#settle, this.#settle);
      }
    }
  }

  readonly #settle = () => {
    this.#pendingRounds = 0;
  };

  #fail(error: unknown): void {
    this.#counters.failed++;
    this.#lastError = error;
    this.#call(this.#options.onError, error);
  }

  /** Calls a function of the user. */
  #call<Value>(fn: ((value: Value) => void) | undefined, value: Value): void {
    try {
      fn?.(value);
    } catch (error) {
      warn(error);
    }
  }

  async #exchange(limit: { readonly isOver: boolean }): Promise<void> {
    const { store, machine, roundMs } = this.#options;
    this.#tracker.update();
    this.#sequence = (this.#sequence + 1) >>> 0;
    const report = encodeReport({ sequence: this.#sequence, counts: this.#tracker.counts() });
    const due = this.#tracker.due(HOLD_ROUNDS * roundMs);
    const needsOthers = due.length > 0 || this.#tracker.suspects().length > 0;
    const [, reports, switches] = await Promise.all([
      store.publish(machine, report, REPORT_ROUNDS * roundMs),
      needsOthers ? store.reports() : [],
      store.switches(),
      ...[...this.#tracker.all].map((track) => this.#leases.report(track)),
    ]);
    if (limit.isOver || this.#hasLeft) return;
    const nowMs = this.#registry.now();
    this.#switches.apply(switches, nowMs);
    if (!needsOthers) return;
    this.#peers.update(reports, nowMs);
    const opened = this.#tracker.suspects().filter((track) => this.#judge(track, nowMs));
    await Promise.all([...due, ...opened].map((track) => this.#askToProbe(track, limit)));
  }

  #opinion(track: Track, rule: Rule, nowMs: number): Opinion {
    return opinionOf([track.counts, ...this.#peers.countsOf(track.hash, nowMs)], rule);
  }

  /** Opens a breaker if the fleet says so. Its counts are as old as the request to the store took. */
  #judge(track: Track, nowMs: number): boolean {
    const { breaker } = track;
    const rule = track.rule!;
    const opinion = this.#opinion(track, rule, nowMs);
    if (!opens(track.counts, opinion, rule) || breaker.state !== "closed") return false;
    const { sick, busy, calls, failures } = opinion;
    const [allCalls, allFailures] = [Math.round(calls), Math.round(failures)];
    const message = `${sick} of ${busy} machines see it fail: ${allFailures} of ${allCalls} calls`;
    const reason = { name: "FleetVerdict", message };
    const { exports } = breaker._core;
    breaker._change(nowMs, (id, stripe, now, seen) => {
      const bits = exports.trip(id, stripe, 0, now, seen);
      if (bits > 0) breaker._after(bits, reason);
      return Math.min(bits, 0);
    });
    if (breaker.state === "closed") return false; // in shadow mode
    this.#counters.opened++;
    const { name: endpoint } = breaker;
    this.#call(this.#options.onOpened, {
      endpoint,
      atMs: nowMs,
      sick,
      machines: busy,
      calls: allCalls,
      failures: allFailures,
    });
    return true;
  }

  async #askToProbe(track: Track, limit: { readonly isOver: boolean }): Promise<void> {
    const { roundMs } = this.#options;
    const rule = track.rule!;
    if (track.breaker.retryAfterMs() > HOLD_ROUNDS * roundMs) return;
    if (!isSick(this.#opinion(track, rule, this.#registry.now()), rule)) return;
    const isHeld = await this.#leases.isHeldByOther(track);
    if (isHeld && !limit.isOver) holdOpen(track, this.#registry.now(), HOLD_ROUNDS * roundMs);
  }

  /** Forces a breaker open on all machines within a round. @throws what the store throws; nothing is switched then. */
  forceOpen(endpoint: string): Promise<void> {
    return this.#switchAll(endpoint, "forced_open");
  }

  /** Lets a breaker decide again, on all machines: closed, with an empty window. @throws as `forceOpen`. */
  enable(endpoint: string): Promise<void> {
    return this.#switchAll(endpoint, "enabled");
  }

  /** Lets all calls of a breaker pass uncounted, on all machines. @throws as `forceOpen`. */
  disable(endpoint: string): Promise<void> {
    return this.#switchAll(endpoint, "disabled");
  }

  async #switchAll(endpoint: string, mode: Mode): Promise<void> {
    await within(this.#options.store.setSwitch(endpoint, mode), this.#options.roundMs);
  }

  /** Ends the exchange. What this machine said is forgotten after three rounds. */
  leave(): void {
    this.#hasLeft = true;
  }

  /** The same as `leave`. */
  [Symbol.dispose](): void {
    this.leave();
  }

  #schedule(): void {
    const run = () => {
      if (this.#hasLeft) return;
      void this.exchange();
      this.#schedule();
    };
    startQuietTimer(run, this.#options.everyMs);
  }
}

/**
 * Lets the breakers of a registry share their counts with those of other machines. A breaker opens by the fleet if it has two
 * failures of its own, its own success rate is below `requiredSuccessRate`, at least half of the machines with three calls or
 * more are likewise, and the sum of all machines breaks the rule of its time window. Without the store everything is as
 * without a fleet. In a registry that threads share, one thread joins.
 * @throws OptionError for bad options, and for what is no registry.
 */
export function joinFleet(registry: CircuitBreakerRegistry, options: FleetOptions): Fleet {
  return new Fleet(registry, readFleetOptions(registry, options));
}
