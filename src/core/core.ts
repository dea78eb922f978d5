/** One registry at work in the core: its header in linear memory, its policies, its breakers by address. */
import {
  BREAKER_REMAINDER,
  DEADLINE_OFFSET,
  GENERATION_MASK,
  GENERATION_SHIFT,
  LATEST_OFFSET,
  MODE_FORCED_OPEN,
  MODE_MASK,
  MODE_SHIFT,
  POLICY_OFFSET,
  RECORD_SIZE,
  REGISTRY_JOURNAL_CAPACITY_OFFSET,
  REGISTRY_JOURNAL_OFFSET,
  REGISTRY_SEED_OFFSET,
  REGISTRY_STRIPE_COUNT_OFFSET,
  REGISTRY_WRITERS_OFFSET,
  START_MODE_OFFSET,
  STATE_CLOSED,
  STATE_MASK,
  STATE_OPEN,
  WORD_OFFSET,
  WRITER_SCRATCH_OFFSET,
  WRITER_SIZE,
} from "../../assembly/layout.ts";
import { type Arena, arenaFor } from "./arena.ts";
import { type Journal, OwnJournal } from "./journal.ts";
import { type Measure, readMeasure } from "./measure.ts";
import type { LinearMemory } from "./memory.ts";
import type { CoreExports, CoreModule } from "./module.ts";
import { MapNameTable, type NameTable } from "./name-table.ts";
import { type BreakerShape, encodePolicy, type Policy, shapeOf } from "./policy.ts";

/** Records in the ring of a registry of one thread, a power of two. */
const JOURNAL_RECORDS = 64;

/** A policy in memory, and how its breakers are laid out. */
export interface PlacedPolicy {
  readonly address: number;
  readonly shape: BreakerShape;
}

/** Two u32 from which jitter is drawn. */
export type Seed = readonly [number, number];

/** The core of a registry of one thread. `SharedCore` in src/threads/ replaces what threads need otherwise. */
export class Core {
  readonly memory: LinearMemory;
  /** Copied off the exports object, whose properties V8 looks up slowly; `detach` and observers replace members. */
  readonly exports: { -readonly [Name in keyof CoreExports]: CoreExports[Name] };
  /** Address of the header. */
  readonly registry: number;
  readonly names: NameTable;
  readonly journal: Journal;
  /** Index of the stripe that this thread writes, and how many there are. */
  readonly stripe: number = 0;
  readonly stripes: number = 1;
  /** Records that the journal of this thread holds before the first is overwritten. */
  readonly journalCapacity: number = JOURNAL_RECORDS - 1;
  readonly arena: Arena | undefined;
  readonly #policies = new Map<string, PlacedPolicy>();
  readonly #byAddress = new Map<number, PlacedPolicy>();

  protected constructor(
    memory: LinearMemory,
    exports: CoreExports,
    registry: number,
    names: NameTable,
    journal: Journal,
    arena?: Arena,
  ) {
    this.memory = memory;
    this.exports = { ...exports };
    this.registry = registry;
    this.names = names;
    this.journal = journal;
    this.arena = arena;
  }

  /** A registry of one thread. @throws RangeError when there is no memory. */
  static create(module: CoreModule, seed: Seed): Core {
    const arena = arenaFor(module);
    const { memory } = arena;
    const registry = arena.allocate(REGISTRY_WRITERS_OFFSET + WRITER_SIZE);
    const records = arena.allocate(JOURNAL_RECORDS * RECORD_SIZE);
    writeHeader(memory, registry, 1, JOURNAL_RECORDS, records, seed);
    const journal = new OwnJournal(memory, registry + REGISTRY_WRITERS_OFFSET, records, JOURNAL_RECORDS);
    return new Core(memory, arena.exports, registry, new MapNameTable(memory), journal, arena);
  }

  /** Rises whenever a breaker is freed or configured where other threads may hold its address, as a signed number. */
  get freed(): number {
    return 0;
  }

  /** `freed` before the latest search for a name: an address that was found since is right while `freed` is still that. */
  get seen(): number {
    return 0;
  }

  /** Another thread owns the breaker of that name: waits before the next try. Of one thread, never. */
  wait(_tries: number, _name: string): void {}

  /** Bytes in use, freed blocks included. */
  get end(): number {
    return this.arena!.end;
  }

  /** Makes the views reach what another thread may have made up to `end`. */
  cover(_end: number): void {}

  /** A zeroed block. @throws RangeError when there is no memory; nothing is changed then. */
  allocate(size: number): number {
    return this.arena!.allocate(size);
  }

  /** The policy in memory: the one that is there, or a new one. */
  place(policy: Policy): PlacedPolicy {
    const key = JSON.stringify(policy); // Infinity becomes null, and no other value does
    let placed = this.#policies.get(key);
    if (!placed) {
      const shape = shapeOf(policy, 1, false);
      const encoded = encodePolicy(policy, shape, 1, this.registry, 0);
      const address = this.arena!.allocate(encoded.byteLength);
      this.memory.u32.set(encoded, address >>> 2);
      placed = { address, shape };
      this.#policies.set(key, placed);
      this.#byAddress.set(address, placed);
    }
    return placed;
  }

  /**
   * A new breaker of a policy: closed (or forced open), empty, in a generation that its block never had and that is
   * ahead of `after`.
   */
  create({ address: policy, shape }: PlacedPolicy, name: string, after = 0): number {
    const arena = this.arena!;
    const breaker = arena.free.get(shape.size)?.pop() ?? arena.allocate(shape.size, BREAKER_REMAINDER);
    const latest = laterGeneration(this.generationOf(breaker), after);
    this.memory.u32.fill(0, breaker >>> 2, (breaker + shape.size) >>> 2);
    this.begin(breaker, policy, generationAfter(latest));
    this.names.label(breaker, name);
    return breaker;
  }

  /** Writes the first state of a breaker whose memory is zero. */
  protected begin(breaker: number, policy: number, generation: number): void {
    this.memory.u32[(breaker + POLICY_OFFSET) >>> 2] = policy;
    this.#setWord(breaker, generation, this.u32At(policy + START_MODE_OFFSET));
  }

  #setWord(breaker: number, generation: number, mode: number): void {
    const { u32, f64 } = this.memory;
    if (mode === MODE_FORCED_OPEN) f64[(breaker + DEADLINE_OFFSET) >>> 3] = Infinity;
    u32[(breaker + WORD_OFFSET) >>> 2] = (generation << GENERATION_SHIFT) | firstWordOf(mode);
  }

  /** Frees a breaker that is not in the name table; from here on it refuses everything. */
  free(breaker: number): void {
    const { shape } = this.placedAt(this.policyOf(breaker));
    this.names.unlabel(breaker);
    this.#setWord(breaker, generationAfter(this.generationOf(breaker)), MODE_FORCED_OPEN);
    const { free } = this.arena!;
    const blocks = free.get(shape.size);
    if (blocks) blocks.push(breaker);
    else free.set(shape.size, [breaker]);
  }

  /**
   * Moves a breaker to a block of another policy, which `fill` fills; the old one is freed. `isNamed`: it is in the name
   * table. Returns the new address, or 0 when another thread owns the breaker or was faster: nothing is changed then.
   * @throws RangeError when there is no memory; nothing is changed then.
   */
  move(
    name: string,
    from: number,
    placed: PlacedPolicy,
    isNamed: boolean,
    fill: (to: number) => void,
  ): number {
    const to = this.create(placed, name, this.generationOf(from));
    fill(to);
    if (isNamed) this.names.replace(name, from, to);
    this.free(from);
    return to;
  }

  /** Makes every thread look again where breakers are, and what their options are. */
  announce(): void {}

  /** The policy at that address. */
  placedAt(address: number): PlacedPolicy {
    return this.#byAddress.get(address)!;
  }

  /** Address of a breaker's policy. */
  policyOf(breaker: number): number {
    return this.u32At(breaker + POLICY_OFFSET);
  }

  /** Address of the stripe that this thread writes. */
  stripeOf(breaker: number, { shape }: PlacedPolicy): number {
    return breaker + shape.stripesOffset + this.stripe * shape.stripeSize;
  }

  stateOf(breaker: number): number {
    return this.u32At(breaker + WORD_OFFSET) & STATE_MASK;
  }

  modeOf(breaker: number): number {
    return (this.u32At(breaker + WORD_OFFSET) >>> MODE_SHIFT) & MODE_MASK;
  }

  generationOf(breaker: number): number {
    return this.u32At(breaker + WORD_OFFSET) >>> GENERATION_SHIFT;
  }

  /** ms. Open: until when; closed: since when. */
  deadlineOf(breaker: number): number {
    return this.memory.f64[(breaker + DEADLINE_OFFSET) >>> 3]!;
  }

  /** ms: the latest time that the calls of that stripe have seen. */
  latestOf(stripe: number): number {
    this.cover(stripe + LATEST_OFFSET + 8);
    return this.memory.f64[(stripe + LATEST_OFFSET) >>> 3]!;
  }

  /** ms: the latest time that any stripe of the breaker has seen; `stripe`: that of this thread. */
  latestOfAll(stripe: number, _placed: PlacedPolicy): number {
    return this.latestOf(stripe);
  }

  measure(breaker: number, nowMs: number): Measure {
    const { scratch } = this;
    this.exports.measure(breaker, nowMs, scratch);
    return readMeasure(this.memory, scratch);
  }

  /** Where this thread lets `measure` write. */
  get scratch(): number {
    return this.registry + REGISTRY_WRITERS_OFFSET + this.stripe * WRITER_SIZE + WRITER_SCRATCH_OFFSET;
  }

  u32At(address: number): number {
    this.cover(address + 4);
    return this.memory.u32[address >>> 2]!;
  }
}

/** Writes the parts of a registry's header that every registry has. */
export function writeHeader(
  { u32 }: LinearMemory,
  registry: number,
  stripes: number,
  journalCapacity: number,
  journal: number,
  seed: Seed,
): void {
  u32[(registry + REGISTRY_STRIPE_COUNT_OFFSET) >>> 2] = stripes;
  u32[(registry + REGISTRY_JOURNAL_CAPACITY_OFFSET) >>> 2] = journalCapacity;
  u32[(registry + REGISTRY_JOURNAL_OFFSET) >>> 2] = journal;
  u32.set(seed, (registry + REGISTRY_SEED_OFFSET) >>> 2);
}

/** The word of a new breaker of that mode, without its generation. */
export function firstWordOf(mode: number): number {
  return (mode << MODE_SHIFT) | (mode === MODE_FORCED_OPEN ? STATE_OPEN : STATE_CLOSED);
}

/** As in assembly/word.ts: never 0. */
export function generationAfter(generation: number): number {
  return generation === GENERATION_MASK ? 1 : generation + 1;
}

/** The later of two generations that do not lie half of all of them apart. */
export function laterGeneration(one: number, other: number): number {
  return ((one - other) & GENERATION_MASK) <= GENERATION_MASK >>> 1 ? one : other;
}
