/** Recording the outcomes of a registry's calls, so that they can be replayed. */
import {
  DID_TRANSITION,
  GENERATION_SHIFT,
  LATEST_OFFSET,
  LEVEL_OFFSET,
  OUTCOME_NONE,
  OUTCOME_RELEASE,
  OUTCOME_SUCCESS,
  REGISTRY_SEED_OFFSET,
  SHARED_STRIPES_OFFSET,
  STATE_CLOSED,
  STATE_MASK,
  STATE_OPEN,
  STRIPES_OFFSET,
  TICKET_DID_TRANSITION,
  TICKET_GENERATION_SHIFT,
  TICKET_OFFSET,
  TICKET_SHIFT,
  WORD_OFFSET,
} from "../../../assembly/layout.ts";
import type { ResolvedOptions } from "../../breaker/options.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { numberOption, objectOption } from "../../breaker/validate.ts";
import type { Core } from "../../core/core.ts";
import { acquireFast, failFast, succeedFast } from "../../core/fast-path.ts";
import type { LinearMemory, ReportTap } from "../../core/memory.ts";
import type { BatchExports, CoreExports } from "../../core/module.ts";
import { batchExportsOf } from "../../features/batch.ts";
import {
  OP_ADMITTED,
  OP_CHECK,
  OP_CONFIGURE,
  OP_FAILURE,
  OP_HOLD,
  OP_REFUSED,
  OP_RELEASE,
  OP_RESET,
  OP_SUCCESS,
  OP_SWITCH,
  OP_TRIP,
  type RecordedEndpoint,
  VERSION,
} from "./format.ts";
import { AT, DURATION, LEAST_BYTES, PLAIN_TICKET, RecordRing } from "./record-ring.ts";
import { encodeRecording } from "./recording.ts";

/** How much is kept. */
export interface RecordOptions {
  /** Size of the ring; the oldest outcomes are overwritten. 4,096..1,073,741,824 bytes, default 1,048,576. */
  readonly bytes?: number | undefined;
  /**
   * Calls of `execute`, `executeSync` and `wrap` are timed also where no call is slow by the options: two readings of the
   * clock a call. Default true.
   */
  readonly durations?: boolean | undefined;
}

/** A recording in progress. */
export interface Recorder {
  /** Outcomes and refusals that it holds. */
  readonly outcomes: number;
  /** Outcomes and refusals that were overwritten. */
  readonly dropped: number;
  /** The recording up to now as the bytes of a file, see docs/replay.md. */
  bytes(): Uint8Array;
  /** Records no more; what was recorded can still be read. */
  stop(): void;
  /** As `stop`. */
  [Symbol.dispose](): void;
}

const LEAST = 4_096;
const MOST = 1_073_741_824;
const DEFAULT_BYTES = 1_048_576;
/** In the place of an endpoint: a breaker that is in no name table. */
const IGNORED = 0xffffffff;
/** Breakers begin at distances of this many bytes, as a power of two. */
const BLOCK_LOG2 = 6;

const RECORDING = /* @__PURE__ */ new WeakSet<Core>();

/**
 * Records every outcome, refusal and switch of a registry in this thread, from now on: 4 bytes an outcome of unknown
 * duration, 8 with it. Meanwhile an outcome costs some 8 ns more (docs/adr/0060), and before it is called and after `stop`
 * nothing. A replay is exact where the recording begins before the first call of each breaker, nothing was overwritten, and
 * no state was imported: the header says what is missing.
 * @throws OptionError for bad options; Error when the registry is being recorded.
 */
export function record(registry: CircuitBreakerRegistry, options: RecordOptions = {}): Recorder {
  const given = objectOption("options", options, ["bytes", "durations"]);
  const bytes = numberOption(
    "bytes",
    given.bytes,
    { from: Math.max(LEAST, LEAST_BYTES), to: MOST, whole: true },
    DEFAULT_BYTES,
  );
  if (RECORDING.has(registry._core))
    throw new Error("the registry is being recorded: stop that recorder first");
  const writer = new Writer(registry, new RecordRing(bytes));
  const stop = wrapCore(registry, writer, given.durations !== false);
  return {
    get outcomes() {
      return writer.ring.outcomes;
    },
    get dropped() {
      return writer.ring.dropped;
    },
    bytes: () => writer.encode(),
    stop,
    [Symbol.dispose]: stop,
  };
}

/**
 * Reports that nothing follows from: they stay in JavaScript, and each takes a word of the ring. Their tickets are plain: any
 * other goes to the module.
 */
function tapOf(memory: LinearMemory, writer: Writer): ReportTap {
  const { ring } = writer;
  return function tap(breaker, ticket, now, failures) {
    const slot = writer.slots[breaker >>> BLOCK_LOG2]! | 0;
    if (slot <= 0) return false; // new, or IGNORED
    memory._tap = false; // for the fast path, which ends before anything else runs
    const isCounted =
      failures === 0 ? succeedFast(memory, breaker, ticket, now) : failFast(memory, breaker, ticket, now);
    memory._tap = tap;
    if (isCounted) ring.writeOutcome(OP_SUCCESS + failures, slot - 1, now);
    return isCounted;
  };
}

/** Which breaker is which endpoint, and what the header says. */
class Writer {
  readonly ring: RecordRing;
  /** By address: 1 + index of the endpoint; 0: not seen yet. */
  slots = new Uint32Array(1_024);
  readonly #registry: CircuitBreakerRegistry;
  readonly #endpoints: RecordedEndpoint[] = [];
  readonly #options: ResolvedOptions[] = [];
  readonly #byOptions = new Map<ResolvedOptions, number>();
  readonly #seed: readonly [number, number];
  #inexact: string | null = null;

  constructor(registry: CircuitBreakerRegistry, ring: RecordRing) {
    this.#registry = registry;
    this.ring = ring;
    const { memory, registry: header, stripes } = registry._core;
    const seed = (header + REGISTRY_SEED_OFFSET) >>> 2;
    this.#seed = [memory.u32[seed]!, memory.u32[seed + 1]!];
    if (stripes > 1) this.#inexact = "other threads share the registry";
  }

  /** 1 + index of the endpoint of a breaker that has none yet; IGNORED: it is in no name table. */
  enter(breaker: number): number {
    const { _core: core } = this.#registry;
    const address = breaker >>> 0;
    const name = core.names.nameOf(address);
    const isNamed = name !== undefined && core.names.find(name) === address;
    const slot = isNamed ? this.#enterNamed(address, name) : IGNORED;
    this.setSlot(address, slot);
    return slot;
  }

  #enterNamed(address: number, name: string): number {
    const { _core: core } = this.#registry;
    const policy = this.#registry._policyAt(address, name);
    const { u32 } = core.memory;
    const isUnused =
      core.latestOf(core.stripeOf(address, policy.placed)) === 0 &&
      (core.stateOf(address) === STATE_CLOSED || core.deadlineOf(address) === Infinity) &&
      u32[(address + LEVEL_OFFSET) >>> 2] === 0;
    if (!isUnused) this.#inexact ??= `breaker "${name}" had calls before the recording began`;
    const options = this.optionsIndex(policy.options);
    return this.#endpoints.push({ name, options, generation: core.generationOf(address) });
  }

  setSlot(address: number, slot: number): void {
    const at = address >>> BLOCK_LOG2;
    if (at >= this.slots.length) {
      const slots = new Uint32Array(Math.max(at + 1, this.slots.length * 2));
      slots.set(this.slots);
      this.slots = slots;
    }
    this.slots[at] = slot;
  }

  optionsIndex(options: ResolvedOptions): number {
    const known = this.#byOptions.get(options);
    if (known !== undefined) return known;
    const index = this.#options.push(options) - 1;
    this.#byOptions.set(options, index);
    return index;
  }

  encode(): Uint8Array {
    const { outcomes, dropped } = this.ring;
    const inexact = dropped > 0 ? `${dropped} earlier outcomes were overwritten` : this.#inexact;
    return encodeRecording(
      {
        version: VERSION,
        seed: this.#seed,
        inexact,
        outcomes,
        dropped,
        options: this.#options,
        endpoints: this.#endpoints,
      },
      this.ring.take(),
    );
  }
}

/** Wraps the functions of a core. Returns the undo. */
function wrapCore(registry: CircuitBreakerRegistry, writer: Writer, timesCalls: boolean): () => void {
  const { _core: core, _engine: engine } = registry;
  const { exports, memory } = core;
  const originals = { ...batchExportsOf(core) };
  let isOn = true;
  const wrapped = {
    ...wrapCalls(core, originals, writer, () => isOn),
    ...wrapBatches(core, originals, writer, () => isOn),
    ...wrapSwitches(registry, originals, writer, () => isOn),
  };
  Object.assign(exports, wrapped);
  const undoBlocks = wrapBlocks(core, writer);
  RECORDING.add(core);
  const { _tap } = memory;
  if (!memory.shared) memory._tap = tapOf(memory, writer);
  if (timesCalls) engine.policies.observers++;
  return () => {
    if (!isOn) return;
    isOn = false;
    RECORDING.delete(core);
    memory._tap = _tap;
    if (timesCalls) engine.policies.observers--;
    undoBlocks();
    // Only what is still in place: an observer that came later calls ours, which pass on.
    for (const name of Object.keys(wrapped) as (keyof typeof wrapped)[]) {
      if (exports[name] === wrapped[name]) Object.assign(exports, { [name]: originals[name] });
    }
  };
}

type IsOn = () => boolean;

/** Single calls: the hot functions. Two copies of `report`, since a call from one place to two functions is slower. */
function wrapCalls({ memory }: Core, { acquire, succeed, fail }: CoreExports, writer: Writer, isOn: IsOn) {
  const { ring } = writer;
  const { times } = ring;
  const written = (op: number, slot: number, isPlain: boolean, ticket: number, weight: number) => {
    if (slot === IGNORED || !isOn()) return;
    if (isPlain && weight === 1) ring.write(op, slot - 1);
    else ring.writeFull(op, slot - 1, times[AT]!, times[DURATION]!, weight, isPlain ? PLAIN_TICKET : ticket);
  };
  const enter = (breaker: number) => (isOn() ? writer.enter(breaker) : IGNORED);
  return {
    succeed: ((breaker, stripe, ticket, nowMs, durationMs, weight) => {
      const slot = writer.slots[breaker >>> BLOCK_LOG2] || enter(breaker);
      const isPlain = isOfPresent(memory, breaker, ticket);
      const bits = succeed(breaker, stripe, ticket, nowMs, durationMs, weight);
      times[AT] = memory.f64[(stripe + LATEST_OFFSET) >>> 3]!;
      times[DURATION] = durationMs;
      written(OP_SUCCESS, slot, isPlain, ticket, weight);
      return bits;
    }) as CoreExports["succeed"],
    fail: ((breaker, stripe, ticket, nowMs, durationMs, weight) => {
      const slot = writer.slots[breaker >>> BLOCK_LOG2] || enter(breaker);
      const isPlain = isOfPresent(memory, breaker, ticket);
      const bits = fail(breaker, stripe, ticket, nowMs, durationMs, weight);
      times[AT] = memory.f64[(stripe + LATEST_OFFSET) >>> 3]!;
      times[DURATION] = durationMs;
      written(OP_FAILURE, slot, isPlain, ticket, weight);
      return bits;
    }) as CoreExports["fail"],
    acquire: ((breaker, stripe, nowMs) => {
      const { u32, f64 } = memory;
      const latest = (stripe + LATEST_OFFSET) >>> 3;
      const isFast =
        u32[(breaker + WORD_OFFSET) >>> 2] === u32[(stripe + TICKET_OFFSET) >>> 2]! << TICKET_SHIFT &&
        nowMs < f64[latest + 1]! && // END
        nowMs >= f64[latest]!;
      // Such an admission changes nothing but the latest time, which the report says.
      if (isFast) return acquire(breaker, stripe, nowMs);
      const slot = writer.slots[breaker >>> BLOCK_LOG2] || enter(breaker);
      if (slot !== IGNORED && isOn() && isRefusedFast(memory, breaker, nowMs)) {
        ring.writeOutcome(OP_REFUSED, slot - 1, nowMs);
        return 0;
      }
      const result = acquire(breaker, stripe, nowMs);
      times[AT] = memory.f64[latest]!;
      times[DURATION] = Number.NaN;
      written((result & ~TICKET_DID_TRANSITION) === 0 ? OP_REFUSED : OP_ADMITTED, slot, true, 0, 1);
      return result;
    }) as CoreExports["acquire"],
  };
}

/** Whether an open breaker refuses it, as the fast path sees it; it is counted then. */
function isRefusedFast(memory: LinearMemory, breaker: number, nowMs: number): boolean {
  if ((memory.u32[(breaker + WORD_OFFSET) >>> 2]! & STATE_MASK) !== STATE_OPEN) return false;
  const { _tap } = memory;
  memory._tap = false;
  const result = acquireFast(memory, breaker, nowMs);
  memory._tap = _tap;
  return result === -1;
}

/** Whether it is the plain ticket of the generation that the breaker is in. */
function isOfPresent({ u32 }: LinearMemory, breaker: number, ticket: number): boolean {
  return (u32[(breaker + WORD_OFFSET) >>> 2]! >>> GENERATION_SHIFT) << TICKET_GENERATION_SHIFT === ticket;
}

/** Batches: an entry after the other, as the core has taken them. */
function wrapBatches(core: Core, originals: BatchExports, writer: Writer, isOn: IsOn) {
  const { memory } = core;
  const { ring } = writer;
  const { times } = ring;
  const enterAll = (breakers: number, count: number) => {
    const { u32 } = memory;
    for (let i = 0; i < count; i++) {
      const breaker = u32[(breakers >>> 2) + i]!;
      if (!writer.slots[breaker >>> BLOCK_LOG2]) writer.enter(breaker);
    }
  };
  // From a breaker to the latest time of the stripe of this thread, as long as they have one shape.
  const stripes = (memory.shared ? SHARED_STRIPES_OFFSET : STRIPES_OFFSET) + LATEST_OFFSET;
  const latestOf = (breaker: number) =>
    memory.shared
      ? core.latestOf(core.stripeOf(breaker, core.placedAt(core.policyOf(breaker))))
      : memory.f64[(breaker + stripes) >>> 3]!;
  const reportBatch: BatchExports["reportBatch"] = (...columns) => {
    const [breakers, tickets, outcomes, weights, durations, count] = columns;
    if (!isOn()) return originals.reportBatch(...columns);
    enterAll(breakers, count);
    const bits = originals.reportBatch(...columns);
    // A plain ticket stays one only where no entry before it can have begun another generation.
    const isSame = (bits & DID_TRANSITION) === 0;
    const { u32, f64 } = memory;
    const bytes = new Uint8Array(u32.buffer, outcomes, count);
    for (let i = 0; i < count; i++) {
      const outcome = bytes[i]!;
      const breaker = u32[(breakers >>> 2) + i]!;
      const slot = writer.slots[breaker >>> BLOCK_LOG2]!;
      if (outcome === OUTCOME_NONE || outcome > OUTCOME_RELEASE || slot === IGNORED) continue;
      const ticket = u32[(tickets >>> 2) + i]!;
      const weight = weights ? u32[(weights >>> 2) + i]! : 1;
      const isPlain = ticket === 0 || (isSame && isOfPresent(memory, breaker, ticket));
      times[AT] = latestOf(breaker);
      times[DURATION] = durations ? f64[(durations >>> 3) + i]! : Number.NaN;
      if (isPlain && weight === 1 && outcome !== OUTCOME_RELEASE) {
        ring.write(outcome - OUTCOME_SUCCESS, slot - 1);
      } else {
        const op = outcome === OUTCOME_RELEASE ? OP_RELEASE : outcome - OUTCOME_SUCCESS;
        ring.writeFull(op, slot - 1, times[AT]!, times[DURATION]!, weight, isPlain ? PLAIN_TICKET : ticket);
      }
    }
    return bits;
  };
  const acquireBatch: BatchExports["acquireBatch"] = (...columns) => {
    const [breakers, tickets, , count] = columns;
    if (!isOn()) return originals.acquireBatch(...columns);
    enterAll(breakers, count);
    const result = originals.acquireBatch(...columns);
    for (let i = 0; i < count; i++) {
      const breaker = core.u32At(breakers + i * 4);
      const slot = writer.slots[breaker >>> BLOCK_LOG2]!;
      if (slot === IGNORED) continue;
      times[AT] = latestOf(breaker);
      times[DURATION] = Number.NaN;
      ring.write(core.u32At(tickets + i * 4) === 0 ? OP_REFUSED : OP_ADMITTED, slot - 1);
    }
    return result;
  };
  return { reportBatch, acquireBatch };
}

/** What ends no call. */
function wrapSwitches(
  { _core: core, _engine: engine }: CircuitBreakerRegistry,
  originals: CoreExports,
  writer: Writer,
  isOn: IsOn,
) {
  const { release, check, switchTo, reset, hold, trip, configure } = originals;
  const { memory } = core;
  const write = (op: number, breaker: number, atMs: number, argument: number, ticket = 0) => {
    const slot = isOn() ? writer.slots[breaker >>> BLOCK_LOG2] || writer.enter(breaker) : IGNORED;
    if (slot !== IGNORED) writer.ring.writeFull(op, slot - 1, atMs, argument, 1, ticket);
  };
  // The time that counts: admissions that left no record may have seen a later one.
  const timeOf = (stripe: number, nowMs: number) =>
    Math.max(nowMs, memory.f64[(stripe + LATEST_OFFSET) >>> 3]!);
  const wrapped: Pick<CoreExports, keyof typeof originals & (typeof SWITCHES)[number]> = {
    release: (breaker, stripe, ticket, nowMs) => {
      write(OP_RELEASE, breaker, timeOf(stripe, nowMs), Number.NaN, ticket);
      return release(breaker, stripe, ticket, nowMs);
    },
    check: (breaker, stripe, nowMs) => {
      write(OP_CHECK, breaker, timeOf(stripe, nowMs), Number.NaN);
      return check(breaker, stripe, nowMs);
    },
    switchTo: (breaker, stripe, mode, nowMs, seen) => {
      write(OP_SWITCH, breaker, nowMs, mode);
      return switchTo(breaker, stripe, mode, nowMs, seen);
    },
    reset: (breaker, stripe, nowMs, seen) => {
      write(OP_RESET, breaker, nowMs, Number.NaN);
      return reset(breaker, stripe, nowMs, seen);
    },
    hold: (breaker, stripe, untilMs, nowMs, seen) => {
      write(OP_HOLD, breaker, timeOf(stripe, nowMs), untilMs);
      return hold(breaker, stripe, untilMs, nowMs, seen);
    },
    trip: (breaker, stripe, holdMs, nowMs, seen) => {
      write(OP_TRIP, breaker, timeOf(stripe, nowMs), holdMs);
      return trip(breaker, stripe, holdMs, nowMs, seen);
    },
    configure: (breaker, stripe, policy, nowMs, seen) => {
      const options = writer.optionsIndex(engine.policies.at(policy).options);
      const generation = core.generationOf(breaker >>> 0); // of another block, where the shape has changed
      write(OP_CONFIGURE, breaker, timeOf(stripe, nowMs), options, generation << TICKET_GENERATION_SHIFT);
      return configure(breaker, stripe, policy, nowMs, seen);
    },
  };
  return wrapped;
}

const SWITCHES = ["release", "check", "switchTo", "reset", "hold", "trip", "configure"] as const;

/** Blocks of breakers are freed, used again, and moved. Returns the undo. */
function wrapBlocks(core: Core, writer: Writer): () => void {
  const { free, move } = core;
  core.free = (breaker) => {
    writer.setSlot(breaker, 0);
    free.call(core, breaker);
  };
  core.move = (name, from, placed, isNamed, fill) => {
    const slot = writer.slots[from >>> BLOCK_LOG2] || writer.enter(from);
    const to = move.call(core, name, from, placed, isNamed, fill);
    if (to !== 0) writer.setSlot(to, slot);
    return to;
  };
  return () => {
    // Own properties: without them those of the class are there again.
    Reflect.deleteProperty(core, "free");
    Reflect.deleteProperty(core, "move");
  };
}
