/** The policies at work on the same calls, in simulated time. */
import type { CircuitBreaker } from "../../src/breaker/breaker.ts";
import type { CircuitBreakerOptions } from "../../src/breaker/options.ts";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { BreakerGate } from "../../src/replay/scenario/breaker-gate.ts";
import { type Gate, GateClient } from "../../src/replay/scenario/gate.ts";
import type { Phase } from "../../src/replay/scenario/scenarios.ts";
import { type OpenScenario, type Setting, World } from "../../src/replay/scenario/world.ts";
import type { PolicyId } from "./policies.ts";

/** What is played. */
export interface Play {
  readonly setting: Setting;
  readonly scenario: OpenScenario;
  readonly policies: readonly {
    readonly id: PolicyId;
    readonly options: CircuitBreakerOptions | undefined;
  }[];
}

/** Codes of `Columns.state`. */
export const CLOSED = 0;
export const OPEN = 1;
export const HALF_OPEN = 2;
/** Closed, and refuses a part. */
export const THROTTLED = 3;

/** What happened in each second. */
export interface Columns {
  readonly good: number[];
  readonly failed: number[];
  readonly refused: number[];
  /** At the end of the second, or the worst in it: open before half-open before throttled. */
  readonly state: number[];
}

/** Of the scoreboard in bench/: the same options give the same figures. */
export const SEED = 11;
const SECOND_MS = 1_000;
/** Longer histories lose their beginning. */
export const MOST_SECONDS = 36_000;
/** Seconds that are forgotten at once. */
const FORGOTTEN = 3_600;

const PASS: Gate = { admit: () => 1, succeed() {}, fail() {} };

/** One policy. */
export class Lane {
  readonly id: PolicyId;
  readonly world: World;
  readonly breaker: CircuitBreaker | undefined;
  readonly columns: Columns = { good: [], failed: [], refused: [], state: [] };
  /** Seconds that are no more in the columns. */
  forgotten = 0;
  openings = 0;
  /** ms of the first and the latest opening. */
  openedMs: number | undefined;
  latestOpenedMs: number | undefined;
  latestClosedMs: number | undefined;
  readonly #client: GateClient;
  #good = 0;
  #failed = 0;
  #refused = 0;
  #wasOpen = false;

  constructor(id: PolicyId, options: CircuitBreakerOptions | undefined, { scenario, setting }: Play) {
    this.id = id;
    this.world = new World(scenario, setting, SEED);
    this.breaker = options && new CircuitBreakerRegistry({ seed: SEED, defaults: options }).get("endpoint");
    this.#client = new GateClient(this.breaker ? new BreakerGate(this.breaker) : PASS, this.world);
    this.breaker?.on("opened", ({ atMs }) => {
      this.openings++;
      this.#wasOpen = true;
      this.openedMs ??= atMs;
      this.latestOpenedMs = atMs;
    });
    this.breaker?.on("closed", ({ atMs }) => {
      this.latestClosedMs = atMs;
    });
  }

  /** Plays one second. */
  advance(toMs: number): void {
    const { world } = this;
    while (world.nextMs < toMs) {
      if (world.goOn()) this.#client.settle(world.end(), world.nowMs);
      else this.#client.offer(world.take(), world.nowMs);
    }
    const { good, failed, refused, state } = this.columns;
    if (good.length === MOST_SECONDS) {
      for (const column of [good, failed, refused, state]) column.splice(0, FORGOTTEN);
      this.forgotten += FORGOTTEN;
    }
    good.push(world.good - this.#good);
    failed.push(world.failed - this.#failed);
    refused.push(world.refused - this.#refused);
    state.push(this.#stateIn(world.refused - this.#refused));
    this.#good = world.good;
    this.#failed = world.failed;
    this.#refused = world.refused;
  }

  /** Ends the calls that are still out: no more are offered. They count in one more second. */
  drain(): void {
    this.advance(Infinity);
  }

  #stateIn(refused: number): number {
    const state = this.breaker?.state ?? "closed";
    const wasOpen = this.#wasOpen || state === "open";
    this.#wasOpen = false;
    if (wasOpen) return OPEN;
    if (state === "half_open") return HALF_OPEN;
    return refused > 0 ? THROTTLED : CLOSED;
  }
}

/** All of them. */
export class Lab {
  readonly lanes: readonly Lane[];
  readonly play: Play;
  /** ms that were played. */
  nowMs = 0;

  /** @throws OptionError for bad options */
  constructor(play: Play) {
    this.play = play;
    this.lanes = play.policies.map(({ id, options }) => new Lane(id, options, play));
  }

  /** At the end of a scenario. */
  drain(): void {
    for (const lane of this.lanes) lane.drain();
  }

  /**
   * Plays whole seconds until a time, or for as long as it may take. Returns whether it got there.
   * @param isLate asked before each second
   */
  advance(toMs: number, isLate: () => boolean = () => false): boolean {
    while (this.nowMs + SECOND_MS <= toMs) {
      if (isLate()) return false;
      this.nowMs += SECOND_MS;
      for (const lane of this.lanes) lane.advance(this.nowMs);
    }
    return true;
  }
}

/** ms: how long a scenario lasts. */
export function lengthOf(phases: readonly Phase[]): number {
  return phases.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
}
