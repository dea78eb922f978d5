/** One policy in one scenario and setting: event after event, in simulated time. */
import { Arrivals } from "./arrivals.ts";
import { Endpoint } from "./endpoint.ts";
import { EventQueue } from "./event-queue.ts";
import type { Call, Policy, Traffic } from "./policy.ts";
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

const SEED = 11;

/** @throws Error when a call is neither good nor failed nor refused. */
export async function simulate(policy: Policy, scenario: Scenario, setting: Setting): Promise<Figures> {
  const run = new Run(scenario, setting);
  const { clients } = setting;
  const instance = await policy.create({ clients, seed: SEED, traffic: run });
  try {
    for (;;) {
      const isEnd = run.queue.nextMs <= run.arrivals.nextMs;
      run.nowMs = isEnd ? run.queue.nextMs : run.arrivals.nextMs;
      if (run.nowMs === Number.POSITIVE_INFINITY) return run.figures(policy.name);
      instance.advance?.(run.nowMs);
      const call = isEnd ? run.end() : run.arrivals.take();
      const client = instance.clients[call.client]!; // there are as many
      const pending = isEnd ? client.settle(call, run.nowMs) : client.offer(call, run.nowMs);
      if (pending !== undefined) await pending;
    }
  } finally {
    instance.dispose?.();
  }
}

/** The world without the policy. */
class Run implements Traffic {
  nowMs = 0;
  readonly arrivals: Arrivals;
  readonly queue = new EventQueue();
  readonly #scenario: Scenario;
  readonly #endpoint: Endpoint;
  /** By client; undefined: none. */
  readonly #firstRefusalMs: (number | undefined)[];
  readonly #lastRefusalMs: number[] = [];
  #good = 0;
  #failed = 0;
  #refused = 0;

  constructor(scenario: Scenario, { callsPerSecond, clients, answerMs, failureCost }: Setting) {
    this.#scenario = scenario;
    this.arrivals = new Arrivals(scenario, callsPerSecond, clients, SEED);
    this.#endpoint = new Endpoint(callsPerSecond, answerMs, failureCost);
    this.#firstRefusalMs = Array.from({ length: clients }, () => undefined);
  }

  begin(call: Call): void {
    this.#endpoint.serve(this.nowMs, this.arrivals.phaseAt(this.nowMs), call.luck);
    call.isGood = this.#endpoint.isGood;
    call.endsMs = this.nowMs + this.#endpoint.durationMs;
    this.queue.push(call);
  }

  refuse({ client }: Call): void {
    this.#refused++;
    if (this.nowMs < this.#scenario.troubleFromMs) return;
    this.#firstRefusalMs[client] ??= this.nowMs;
    this.#lastRefusalMs[client] = this.nowMs;
  }

  /** The next call that is out ends. */
  end(): Call {
    const call = this.queue.pop();
    if (call.isGood) this.#good++;
    else this.#failed++;
    return call;
  }

  figures(policy: string): Figures {
    const { troubleFromMs, troubleToMs, name } = this.#scenario;
    const { offered } = this.arrivals;
    const [good, failed, refused] = [this.#good, this.#failed, this.#refused];
    if (good + failed + refused !== offered) {
      throw new Error(`${policy}, ${name}: ${good} + ${failed} + ${refused} is not ${offered}`);
    }
    const noticed = this.#firstRefusalMs.filter((timeMs) => timeMs !== undefined);
    const recovered = Object.values(this.#lastRefusalMs).map((timeMs) => Math.max(timeMs - troubleToMs, 0));
    return {
      offered,
      good,
      failed,
      refused,
      noticeMs: mean(noticed.map((timeMs) => timeMs - troubleFromMs)),
      recoverMs: mean(recovered),
    };
  }
}

/** null for an empty list. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
