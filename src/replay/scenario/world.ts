/** An endpoint and the calls that are offered to it, without what decides which of them are made. */
import { Arrivals, type PhaseOf } from "./arrivals.ts";
import { CallQueue } from "./call-queue.ts";
import { Endpoint } from "./endpoint.ts";
import type { Call, Traffic } from "./gate.ts";
import type { Scenario } from "./scenarios.ts";

/** How a scenario is played. */
export interface Setting {
  /** Of all clients together. */
  readonly callsPerSecond: number;
  /** Each has a breaker of its own. */
  readonly clients: number;
  /** The time of an answer, good or not. */
  readonly answerMs: number;
  /** Work of a call that fails for want of capacity; that of a good one is 1. */
  readonly failureCost: number;
  /** A client waits that long, then its call has failed. Default 1,000. */
  readonly timeoutMs?: number;
}

/** What became of the calls: `good + failed + refused` is `offered`. */
export interface Figures {
  readonly offered: number;
  readonly good: number;
  /** Made in vain. */
  readonly failed: number;
  readonly refused: number;
  /** From the start of the trouble to the first refusal since: mean of the clients that refused. null: none did. */
  readonly noticeMs: number | null;
  /** From the end of the trouble to the last refusal: mean of the same clients, 0 where it came before. */
  readonly recoverMs: number | null;
}

/** A scenario whose phases may be made while it is played. */
export interface OpenScenario extends Pick<Scenario, "troubleFromMs" | "troubleToMs" | "name"> {
  /** See arrivals.ts. */
  readonly phaseOf: PhaseOf;
}

/** Goes from event to event: `goOn`, then `end` or `take`. */
export class World implements Traffic {
  nowMs = 0;
  /** Calls so far: `good + failed + refused`, and those that are out, are all that were offered. */
  good = 0;
  failed = 0;
  refused = 0;
  /** ms that the calls that were made took or will take, in all. */
  waitedMs = 0;
  readonly #arrivals: Arrivals;
  readonly #queue = new CallQueue();
  readonly #scenario: OpenScenario;
  readonly #endpoint: Endpoint;
  /** By client; undefined: none. */
  readonly #firstRefusalMs: (number | undefined)[];
  readonly #lastRefusalMs: number[] = [];

  constructor(scenario: Scenario | OpenScenario, setting: Setting, seed: number) {
    const { callsPerSecond, clients, answerMs, failureCost, timeoutMs } = setting;
    this.#scenario =
      "phases" in scenario ? { ...scenario, phaseOf: (index) => scenario.phases[index] } : scenario;
    this.#arrivals = new Arrivals(this.#scenario.phaseOf, callsPerSecond, clients, seed);
    this.#endpoint = new Endpoint(callsPerSecond, answerMs, failureCost, timeoutMs);
    this.#firstRefusalMs = Array.from({ length: clients }, () => undefined);
  }

  /** ms: when something happens next; Infinity: nothing does. */
  get nextMs(): number {
    return Math.min(this.#queue.nextMs, this.#arrivals.nextMs);
  }

  /** Calls that were offered. */
  get offered(): number {
    return this.#arrivals.offered;
  }

  /** Goes to the next event. true: a call ends; false: one is offered, or `nowMs` is Infinity. */
  goOn(): boolean {
    const isEnd = this.#queue.nextMs <= this.#arrivals.nextMs;
    this.nowMs = isEnd ? this.#queue.nextMs : this.#arrivals.nextMs;
    return isEnd && this.nowMs < Infinity;
  }

  /** The call that is offered. */
  take(): Call {
    return this.#arrivals.take();
  }

  begin(call: Call): void {
    this.#endpoint.serve(this.nowMs, this.#arrivals.phaseAt(this.nowMs), call.luck);
    call.isGood = this.#endpoint.isGood;
    call.beganMs = this.nowMs;
    call.endsMs = this.nowMs + this.#endpoint.durationMs;
    this.waitedMs += this.#endpoint.durationMs;
    this.#queue.push(call);
  }

  refuse({ client }: Call): void {
    this.refused++;
    if (this.nowMs < this.#scenario.troubleFromMs) return;
    this.#firstRefusalMs[client] ??= this.nowMs;
    this.#lastRefusalMs[client] = this.nowMs;
  }

  /** The next call that is out ends. */
  end(): Call {
    const call = this.#queue.pop();
    if (call.isGood) this.good++;
    else this.failed++;
    return call;
  }

  /** At the end. @throws Error when a call is neither good nor failed nor refused. */
  figures(policy: string): Figures {
    const { name } = this.#scenario;
    const { offered, good, failed, refused } = this;
    if (good + failed + refused !== offered) {
      throw new Error(`${policy}, ${name}: ${good} + ${failed} + ${refused} is not ${offered}`);
    }
    return { offered, good, failed, refused, ...this.reaction() };
  }

  /** How soon clients noticed the trouble and its end. */
  reaction(): Pick<Figures, "noticeMs" | "recoverMs"> {
    const { troubleFromMs, troubleToMs } = this.#scenario;
    const noticed = this.#firstRefusalMs.filter((timeMs) => timeMs !== undefined);
    const recovered = Object.values(this.#lastRefusalMs).map((timeMs) => Math.max(timeMs - troubleToMs, 0));
    return {
      noticeMs: mean(noticed.map((timeMs) => timeMs - troubleFromMs)),
      recoverMs: mean(recovered),
    };
  }
}

/** null for an empty list. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
