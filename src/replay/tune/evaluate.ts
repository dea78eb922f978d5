/** How options do on a run trace: on the compiled core, by batches while all breakers are closed. */
import {
  DID_TRANSITION,
  REGISTRY_SEED_OFFSET,
  SLOT_MASK,
  SLOT_THROTTLED,
  STATE_CLOSED,
  STATE_MASK,
  STRIPES_OFFSET,
  TICKET_DID_TRANSITION,
  TICKET_OFFSET,
  WORD_OFFSET,
} from "../../../assembly/layout.ts";
import type { CircuitBreakerOptions } from "../../breaker/options.ts";
import { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import type { Core } from "../../core/core.ts";
import { type Batch, batchExportsOf, createBatch } from "../../features/batch.ts";
import { SUCCESS } from "../calls/call-trace.ts";
import type { Outage } from "../whatif/outages.ts";
import type { RunTrace } from "./runs.ts";

/** What options achieve. */
export interface Score {
  /** Shares of the good calls that were refused, and of the failed ones that were; 0 where there are none. */
  readonly goodRefused: number;
  readonly failedSaved: number;
  /** ms until an outage was noticed, at worst; of those that were noticed. */
  readonly noticeMs: number;
  /** Outages that were never noticed, by their lengths in ms. */
  readonly missedMs: readonly number[];
  readonly openings: number;
}

/** The trace in the memory of a core: made once, used for all candidates. */
export class Evaluator {
  readonly runs: RunTrace;
  /** By endpoint. */
  readonly outages: readonly (readonly Outage[])[];
  readonly registry = new CircuitBreakerRegistry({ clock: () => 0 });
  readonly batch: Batch;
  readonly #seed: number;

  /** @param outages of the same trace */
  constructor(runs: RunTrace, outages: readonly Outage[], seed = 1) {
    this.runs = runs;
    this.outages = Array.from({ length: runs.endpoints }, (_, index) =>
      outages.filter(({ endpoint }) => endpoint === index),
    );
    this.#seed = seed;
    this.batch = createBatch(this.registry, Math.max(1, runs.endpoint.length));
    this.batch.outcomes.set(runs.outcomes);
    this.batch.weights.set(runs.weights);
    if (runs.durations.some((ms) => ms > 0)) this.batch.durations.set(runs.durations);
  }

  /** The same options give the same score. @throws OptionError for bad options */
  score(options: CircuitBreakerOptions): Score {
    const { memory, registry: header } = this.registry._core;
    const seed = (header + REGISTRY_SEED_OFFSET) >>> 2;
    memory.u32.set([this.#seed, 0], seed);
    const names = Array.from({ length: this.runs.endpoints }, (_, index) => `e${index}`);
    const addresses = names.map((name) => this.registry.get(name, options).id);
    try {
      return new Evaluation(this, Uint32Array.from(addresses)).run();
    } finally {
      for (const name of names) this.registry.delete(name);
    }
  }
}

class Evaluation {
  readonly #runs: RunTrace;
  readonly #outages: readonly (readonly Outage[])[];
  readonly #core: Core;
  readonly #batch: Batch;
  /** By endpoint: addresses. */
  readonly #breakers: Uint32Array;
  /** By endpoint: 1 where calls have to ask: not closed, or throttled. */
  readonly #asks: Uint8Array;
  #asking = 0;
  #goodRefused = 0;
  #failedSaved = 0;
  #openings = 0;
  /** Probes that are out, in the order in which they were let through. */
  #probes: { readonly run: number; readonly ticket: number; readonly dueMs: number }[] = [];
  /** By endpoint: ms of its notices, in the order of its outages; NaN: not yet. */
  readonly #notices: number[][];

  constructor({ runs, outages, registry, batch }: Evaluator, breakers: Uint32Array) {
    this.#runs = runs;
    this.#outages = outages;
    this.#core = registry._core;
    this.#batch = batch;
    this.#breakers = breakers;
    this.#asks = new Uint8Array(runs.endpoints);
    this.#notices = outages.map((list) => list.map(() => Number.NaN));
    const column = batch.breakers;
    for (let run = 0; run < runs.endpoint.length; run++) column[run] = breakers[runs.endpoint[run]!]!;
  }

  run(): Score {
    const { sliceMs, firstRun, good, failed } = this.#runs;
    const exports = batchExportsOf(this.#core);
    const { breakers, tickets, outcomes, weights, durations } = this.#batch._columns;
    for (let slice = 0; slice < sliceMs.length; slice++) {
      const from = firstRun[slice]!;
      const count = firstRun[slice + 1]! - from;
      const nowMs = sliceMs[slice]!;
      if (this.#asking > 0) {
        this.#askSlice(from, count, nowMs);
        continue;
      }
      const bits = exports.reportBatch(
        breakers + from * 4,
        tickets + from * 4,
        outcomes + from,
        weights + from * 4,
        durations && durations + from * 8,
        count,
        0,
        nowMs,
      );
      if (bits & DID_TRANSITION)
        for (let i = from; i < from + count; i++) this.#look(this.#runs.endpoint[i]!, nowMs);
    }
    return {
      goodRefused: good > 0 ? this.#goodRefused / good : 0,
      failedSaved: failed > 0 ? this.#failedSaved / failed : 0,
      openings: this.#openings,
      ...this.#noticed(),
    };
  }

  #noticed(): Pick<Score, "noticeMs" | "missedMs"> {
    const missedMs: number[] = [];
    let noticeMs = 0;
    for (const [endpoint, list] of this.#outages.entries()) {
      for (const [index, { fromMs, toMs }] of list.entries()) {
        const notice = this.#notices[endpoint]![index]!;
        if (Number.isNaN(notice)) missedMs.push(toMs - fromMs);
        else noticeMs = Math.max(noticeMs, notice);
      }
    }
    return { noticeMs, missedMs };
  }

  /** Every run of a slice by itself, since some breakers are not closed. */
  #askSlice(from: number, count: number, nowMs: number): void {
    const { endpoint } = this.#runs;
    if (this.#probes.length > 0) this.#endProbes(nowMs);
    for (let run = from; run < from + count; run++) {
      if (this.#asks[endpoint[run]!] === 1) this.#ask(run, nowMs);
      else this.#report(run, nowMs, this.#runs.weights[run]!, 0);
      this.#look(endpoint[run]!, nowMs);
    }
  }

  /** The calls of a run ask to pass, until all that are left are refused, or all pass. */
  #ask(run: number, nowMs: number): void {
    const { exports } = this.#core;
    const breaker = this.#breakers[this.#runs.endpoint[run]!]!;
    const isGood = this.#runs.outcomes[run] === SUCCESS;
    for (let left = this.#runs.weights[run]!; left > 0; left--) {
      const ticket = exports.acquire(breaker, breaker + STRIPES_OFFSET, nowMs) & ~TICKET_DID_TRANSITION;
      const isThrottled = this.#isThrottled(breaker);
      if (ticket === 0) {
        const refused = isThrottled ? 1 : left;
        if (isGood) this.#goodRefused += refused;
        else this.#failedSaved += refused;
        if (!isThrottled) return;
      } else if (this.#stateOf(breaker) === STATE_CLOSED && !isThrottled) {
        this.#report(run, nowMs, left, ticket);
        return;
      } else if (isThrottled) this.#report(run, nowMs, 1, ticket);
      else this.#probes.push({ run, ticket, dueMs: nowMs + this.#runs.meanMs[run]! });
    }
  }

  /** Reports the probes whose time has come. While they are out, a breaker refuses what it would. */
  #endProbes(nowMs: number): void {
    const due = this.#probes.filter(({ dueMs }) => dueMs <= nowMs);
    if (due.length === 0) return;
    this.#probes = this.#probes.filter(({ dueMs }) => dueMs > nowMs);
    for (const { run, ticket, dueMs } of due) {
      this.#report(run, dueMs, 1, ticket);
      this.#look(this.#runs.endpoint[run]!, dueMs);
    }
  }

  /** `ticket` 0: the plain one. */
  #report(run: number, nowMs: number, weight: number, ticket: number): void {
    const { exports, memory } = this.#core;
    const breaker = this.#breakers[this.#runs.endpoint[run]!]!;
    const own = ticket || memory.u32[(breaker + WORD_OFFSET) >>> 2]! >>> 2;
    const report = this.#runs.outcomes[run] === SUCCESS ? exports.succeed : exports.fail;
    report(breaker, breaker + STRIPES_OFFSET, own, nowMs, this.#runs.durations[run]!, weight);
  }

  #stateOf(breaker: number): number {
    return this.#core.memory.u32[(breaker + WORD_OFFSET) >>> 2]! & STATE_MASK;
  }

  #isThrottled(breaker: number): boolean {
    const ticket = this.#core.memory.u32[(breaker + STRIPES_OFFSET + TICKET_OFFSET) >>> 2]!;
    return (ticket & SLOT_MASK) === SLOT_THROTTLED;
  }

  /** Notes whether calls have to ask from here on. */
  #look(endpoint: number, nowMs: number): void {
    const breaker = this.#breakers[endpoint]!;
    const asks = this.#stateOf(breaker) !== STATE_CLOSED || this.#isThrottled(breaker) ? 1 : 0;
    if (asks === 1) this.#notice(endpoint, nowMs);
    if (asks === this.#asks[endpoint]) return;
    this.#asks[endpoint] = asks;
    this.#asking += asks === 1 ? 1 : -1;
    if (asks === 1) this.#openings++;
  }

  #notice(endpoint: number, nowMs: number): void {
    const outages = this.#outages[endpoint]!;
    const notices = this.#notices[endpoint]!;
    for (let index = 0; index < outages.length; index++) {
      const { fromMs, toMs } = outages[index]!;
      // A slice ends after the last failure in it.
      const isIn = nowMs >= fromMs && nowMs <= toMs + this.#runs.widthMs;
      if (isIn && Number.isNaN(notices[index]!)) notices[index] = nowMs - fromMs;
    }
  }
}
