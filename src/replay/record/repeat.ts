/** Replaying a recording with its own options: the same transitions, with the same jitter, at the same times. */
import {
  DID_TRANSITION,
  GENERATION_SHIFT,
  REGISTRY_SEED_OFFSET,
  TICKET_DID_TRANSITION,
  TICKET_GENERATION_SHIFT,
  WORD_OFFSET,
} from "../../../assembly/layout.ts";
import { type CircuitBreakerEvent, EVENT_KINDS } from "../../breaker/events.ts";
import type { CircuitBreakerOptions, ResolvedOptions } from "../../breaker/options.ts";
import { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { Core } from "../../core/core.ts";
import type { CoreExports } from "../../core/module.ts";
import { configure } from "../../features/configure.ts";
import {
  OP_ADMITTED,
  OP_CONFIGURE,
  OP_FAILURE,
  OP_HOLD,
  OP_REFUSED,
  OP_RELEASE,
  OP_RESET,
  OP_SUCCESS,
  OP_SWITCH,
  OP_TRIP,
} from "./format.ts";
import { type Recording, readRecords, type TraceRecord } from "./recording.ts";

/** What a recorded registry did. */
export interface Repetition {
  /** In their order; without `lastError`, which is in no recording. */
  readonly events: readonly CircuitBreakerEvent[];
  /** The registry after the last record. */
  readonly registry: CircuitBreakerRegistry;
  /** Admissions that were answered otherwise when they were recorded: 0 where the recording is exact. */
  readonly differences: number;
}

/**
 * Replays a recording with the options, times, seed and tickets that it holds. Where `header.inexact` is null, the events
 * are those of the recorded registry, to the last byte of their JSON.
 * @throws TraceError when a record is damaged.
 */
export function repeatRecording(recording: Recording): Repetition {
  const repeater = new Repeater(recording);
  readRecords(recording, (record) => repeater.take(record));
  repeater.dispatch();
  const { events, registry, differences } = repeater;
  return { events, registry, differences };
}

class Repeater {
  readonly registry: CircuitBreakerRegistry;
  readonly events: CircuitBreakerEvent[] = [];
  differences = 0;
  readonly #recording: Recording;
  /** Addresses by index of the endpoint; 0: not made yet. */
  readonly #addresses: Uint32Array;
  #isPending = false;
  #nowMs = 0;

  constructor(recording: Recording) {
    const { seed, endpoints } = recording.header;
    this.registry = new CircuitBreakerRegistry({ clock: () => this.#nowMs });
    const { memory, registry } = this.registry._core;
    memory.u32.set(seed, (registry + REGISTRY_SEED_OFFSET) >>> 2);
    this.#recording = recording;
    this.#addresses = new Uint32Array(endpoints.length);
    for (const kind of EVENT_KINDS) this.registry.on(kind, (event) => this.events.push(event));
  }

  /** Emits the events of the latest record. Not before the next one is known: a hold belongs to the failure before it. */
  dispatch(): void {
    if (this.#isPending) this.registry._engine.dispatcher.dispatch();
    this.#isPending = false;
  }

  take(record: TraceRecord): void {
    const { op, endpoint, atMs, argument, weight } = record;
    if (op !== OP_HOLD) this.dispatch();
    this.#nowMs = atMs;
    const breaker = this.#addresses[endpoint] || this.#make(endpoint);
    const { _core: core } = this.registry;
    const { exports } = core;
    const stripe = core.stripeOf(breaker, core.placedAt(core.policyOf(breaker)));
    const ticket = record.ticket || core.generationOf(breaker) << TICKET_GENERATION_SHIFT;
    if (op === OP_ADMITTED || op === OP_REFUSED) {
      const result = exports.acquire(breaker, stripe, atMs);
      const isAdmitted = (result & ~TICKET_DID_TRANSITION) !== 0;
      if (isAdmitted !== (op === OP_ADMITTED)) this.differences++;
      this.#after(result < 0 ? DID_TRANSITION : 0);
    } else if (op === OP_SUCCESS) {
      this.#after(exports.succeed(breaker, stripe, ticket, atMs, argument, weight));
    } else if (op === OP_FAILURE) {
      this.#after(exports.fail(breaker, stripe, ticket, atMs, argument, weight));
    } else if (op === OP_CONFIGURE) this.#configure(endpoint, argument, ticket);
    else this.#after(switchOf(exports, op, breaker, stripe, ticket, atMs, argument));
  }

  #after(bits: number): void {
    if (bits & DID_TRANSITION) this.#isPending = true;
  }

  #make(endpoint: number): number {
    const { endpoints, options } = this.#recording.header;
    const { name, options: index, generation } = endpoints[endpoint]!;
    this.registry.delete(name); // an earlier life
    const { id } = this.registry.get(name, options[index] as CircuitBreakerOptions);
    this.#setGeneration(id, generation);
    this.#addresses[endpoint] = id;
    return id;
  }

  /** Blocks are used again, and go on from the generation of the breaker before. */
  #setGeneration(address: number, generation: number): void {
    const { u32 } = this.registry._core.memory;
    const word = (address + WORD_OFFSET) >>> 2;
    u32[word] = (generation << GENERATION_SHIFT) | (u32[word]! & ((1 << GENERATION_SHIFT) - 1));
  }

  #configure(endpoint: number, index: number, ticket: number): void {
    const { endpoints, options } = this.#recording.header;
    const breaker = this.registry.get(endpoints[endpoint]!.name);
    const { _core: core } = this.registry;
    core.create = (placed, name, after) => {
      const address = Core.prototype.create.call(core, placed, name, after);
      this.#setGeneration(address, ticket >>> TICKET_GENERATION_SHIFT);
      return address;
    };
    configure(breaker, changeTo(options[index]!), { nowMs: this.#nowMs });
    Reflect.deleteProperty(core, "create"); // that of the class is there again
    this.#addresses[endpoint] = breaker.id;
  }
}

/** An op that ends no call; its bits. */
function switchOf(
  exports: CoreExports,
  op: number,
  breaker: number,
  stripe: number,
  ticket: number,
  atMs: number,
  argument: number,
): number {
  if (op === OP_RELEASE) return exports.release(breaker, stripe, ticket, atMs);
  if (op === OP_HOLD) return exports.hold(breaker, stripe, argument, atMs, 0);
  if (op === OP_TRIP) return exports.trip(breaker, stripe, argument, atMs, 0);
  if (op === OP_SWITCH) return exports.switchTo(breaker, stripe, argument, atMs, 0);
  if (op === OP_RESET) return exports.reset(breaker, stripe, atMs, 0);
  return exports.check(breaker, stripe, atMs);
}

/** The same options as `configure` takes them: it keeps what is absent. A switch of the mode is a record of its own. */
function changeTo({ mode: _, ...options }: ResolvedOptions): CircuitBreakerOptions {
  const { halfOpen, overload = "none" } = options;
  const { ramp = { shares: [] } } = halfOpen;
  return { ...options, overload, halfOpen: { ...halfOpen, ramp } };
}
