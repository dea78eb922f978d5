/** The core of a registry that several threads share, as one of them uses it. */
import {
  CACHE_LINE_SIZE,
  DELAY_COUNT_OFFSET,
  DELAYS_OFFSET,
  GENERATION_SHIFT,
  PREVIOUS_POLICY_OFFSET,
  RAMP_STEPS_OFFSET,
  REGISTRY_ADDRESS,
  REGISTRY_POLICIES_OFFSET,
  REGISTRY_SHAPES_OFFSET,
  SHAPE_BREAKER_SIZE_OFFSET,
  SHAPE_COUNT_WINDOW_OFFSET,
  SHAPE_LEASES_OFFSET,
  SHAPE_OFFSET,
  SHAPE_OVERLOAD_OFFSET,
  SHAPE_PREVIOUS_OFFSET,
  SHAPE_SIZE,
  SHAPE_STRIPE_SIZE_OFFSET,
  SHARED_STRIPES_OFFSET,
  WRITER_BREAKER_OFFSET,
  WRITER_MOVED_OFFSET,
  WRITER_TABLE_OFFSET,
} from "../../assembly/layout.ts";
import { Core, type PlacedPolicy } from "../core/core.ts";
import { LARGEST_BLOCK } from "../core/memory.ts";
import { type CoreExports, type CoreModule, instantiate } from "../core/module.ts";
import { type BreakerShape, decodePolicy, encodePolicy, type Policy, shapeOf } from "../core/policy.ts";
import { Allocator } from "./allocator.ts";
import { type Attachment, detach, drawToken, JOURNAL_RECORDS, reclaim, writerAt } from "./attachment.ts";
import { BreakerPool } from "./breaker-pool.ts";
import { InternTable } from "./intern-table.ts";
import { MergedJournal } from "./merged-journal.ts";
import { Names } from "./names.ts";
import { waitForOwner } from "./owner-wait.ts";
import type { SharedMemory } from "./shared-memory.ts";
import { FREED_INDEX, SharedNameTable } from "./shared-name-table.ts";
import { ThreadError } from "./thread-error.ts";

export class SharedCore extends Core {
  declare readonly memory: SharedMemory;
  declare readonly names: SharedNameTable;
  override readonly stripe: number;
  override readonly stripes: number;
  override readonly journalCapacity = JOURNAL_RECORDS - 1;
  readonly #attachment: Attachment;
  readonly #allocator: Allocator;
  readonly #pool: BreakerPool;
  readonly #shapes: InternTable;
  readonly #policies: InternTable;
  readonly #placed = new Map<number, PlacedPolicy>();
  readonly #recover: CoreExports["recover"];

  /** @throws RangeError when there is no memory; WasmRefusedError */
  constructor(module: CoreModule, attachment: Attachment) {
    const { memory, stripe, stripes } = attachment;
    const allocator = new Allocator(memory, stripe);
    const names = new SharedNameTable(memory, allocator, new Names(memory, allocator), stripe);
    const exports = instantiate(module, memory.heap);
    super(memory, exports, REGISTRY_ADDRESS, names, new MergedJournal(memory, stripes));
    this.stripe = stripe;
    this.stripes = stripes;
    this.#attachment = attachment;
    this.#allocator = allocator;
    this.#pool = new BreakerPool(memory, allocator, names, stripe);
    this.#recover = exports.recover;
    const chain = (latest: number, previous: number, from: number, lengthOf: LengthOf) =>
      new InternTable(memory, allocator, REGISTRY_ADDRESS + latest, previous, from, lengthOf);
    const shapeFrom = SHAPE_BREAKER_SIZE_OFFSET;
    this.#shapes = chain(REGISTRY_SHAPES_OFFSET, SHAPE_PREVIOUS_OFFSET, shapeFrom, () => SHAPE_SIZE / 4);
    this.#policies = chain(REGISTRY_POLICIES_OFFSET, PREVIOUS_POLICY_OFFSET, 0, policyLength);
  }

  override get freed(): number {
    return this.memory.u32[FREED_INDEX]! | 0;
  }

  override get seen(): number {
    return this.names.seen;
  }

  override get end(): number {
    return this.#allocator.end;
  }

  override cover(end: number): void {
    this.memory.cover(end);
  }

  override allocate(size: number): number {
    return this.#allocator.allocate(size, CACHE_LINE_SIZE);
  }

  override wait(tries: number, name: string): void {
    if (waitForOwner(tries)) return;
    throw new ThreadError(
      "ERR_OWNED",
      `breaker "${name}" is owned by a thread that has stopped: reclaim the handle of that thread`,
    );
  }

  override place(policy: Policy): PlacedPolicy {
    const shape = shapeOf(policy, this.stripes, true);
    const words = new Uint32Array(SHAPE_SIZE / 4);
    words[SHAPE_BREAKER_SIZE_OFFSET / 4] = shape.size;
    words[SHAPE_STRIPE_SIZE_OFFSET / 4] = shape.stripeSize;
    words[SHAPE_LEASES_OFFSET / 4] = shape.leasesOffset;
    words[SHAPE_COUNT_WINDOW_OFFSET / 4] = shape.countWindowOffset;
    words[SHAPE_OVERLOAD_OFFSET / 4] = shape.overloadOffset;
    const shapeAddress = this.#shapes.place(words);
    const encoded = encodePolicy(policy, shape, this.stripes, this.registry, shapeAddress);
    return this.placedAt(this.#policies.place(encoded));
  }

  override placedAt(address: number): PlacedPolicy {
    let placed = this.#placed.get(address);
    if (!placed) {
      placed = { address, shape: this.#shapeOf(address) };
      this.#placed.set(address, placed);
    }
    return placed;
  }

  /** The policy at that address, which any thread may have placed. */
  policyAt(address: number): Policy {
    this.cover(address + LARGEST_BLOCK);
    return decodePolicy(this.memory, address);
  }

  #shapeOf(policy: number): BreakerShape {
    const shape = this.u32At(policy + SHAPE_OFFSET);
    return {
      stripesOffset: SHARED_STRIPES_OFFSET,
      stripeSize: this.u32At(shape + SHAPE_STRIPE_SIZE_OFFSET),
      leasesOffset: this.u32At(shape + SHAPE_LEASES_OFFSET),
      countWindowOffset: this.u32At(shape + SHAPE_COUNT_WINDOW_OFFSET),
      overloadOffset: this.u32At(shape + SHAPE_OVERLOAD_OFFSET),
      size: this.u32At(shape + SHAPE_BREAKER_SIZE_OFFSET),
    };
  }

  override create({ address }: PlacedPolicy, name: string, after = 0): number {
    const breaker = this.#pool.allocate(address);
    this.#pool.begin(breaker, address, name, after);
    this.#pool.disown(breaker);
    return breaker;
  }

  override free(breaker: number): void {
    this.#pool.free(breaker);
  }

  override move(
    name: string,
    from: number,
    { address }: PlacedPolicy,
    _isNamed: boolean,
    fill: (to: number) => void,
  ): number {
    const to = this.#pool.allocate(address);
    const word = this.#pool.own(from);
    if (word === undefined) {
      this.#pool.discard(to, address);
      return 0;
    }
    try {
      this.#pool.begin(to, address, name, word >>> GENERATION_SHIFT);
    } catch (error) {
      this.#pool.disown(from, word);
      throw error;
    }
    fill(to);
    this.#setMoved(this.stripe, to); // before the swap in the name table: see `#repair`
    if (this.names.replace(name, from, to)) {
      this.#pool.freeOwned(from, this.stripe);
      this.#setMoved(this.stripe, 0);
      return to;
    }
    this.#setMoved(this.stripe, 0);
    this.#pool.disown(from, word);
    this.#pool.free(to);
    return 0;
  }

  override latestOfAll(stripe: number, { shape: { stripeSize } }: PlacedPolicy): number {
    const first = stripe - this.stripe * stripeSize;
    const latest = Array.from({ length: this.stripes }, (_, index) =>
      this.latestOf(first + index * stripeSize),
    );
    return Math.max(...latest);
  }

  override announce(): void {
    this.#pool.announce();
  }

  /** A number for a handle, by which its stripes are found again. */
  drawToken(): number {
    return drawToken(this.#attachment);
  }

  /** Takes back the stripes of a handle whose threads run no more; returns how many there were. */
  reclaim(token: number): number {
    return reclaim(this.#attachment, token, (stripe) => this.#repair(stripe));
  }

  /** Finishes or drops what the dead thread of that stripe was doing. May itself be cut short, and done again. */
  #repair(stripe: number): void {
    const cell = (offset: number) => Atomics.load(this.memory.u32, (writerAt(stripe) + offset) >>> 2);
    const breaker = cell(WRITER_BREAKER_OFFSET);
    if (breaker && this.#wasMoved(breaker, stripe, cell(WRITER_MOVED_OFFSET))) {
      this.#pool.freeOwned(breaker, stripe);
    }
    this.#recover!(this.registry, stripe); // the module for threads has it
    this.#setMoved(stripe, 0);
    this.announce(); // the thread may have died before it did
    if (cell(WRITER_TABLE_OFFSET) === 0) return;
    this.names.renew();
    Atomics.store(this.memory.u32, (writerAt(stripe) + WRITER_TABLE_OFFSET) >>> 2, 0);
  }

  /** Whether a breaker that the thread of that stripe owns has been replaced by the one at `to`. */
  #wasMoved(breaker: number, stripe: number, to: number): boolean {
    if (to === 0 || !this.#pool.isOwnedBy(breaker, stripe)) return false;
    const name = this.names.nameOf(breaker);
    return name !== undefined && this.names.find(name) === to;
  }

  #setMoved(stripe: number, to: number): void {
    Atomics.store(this.memory.u32, (writerAt(stripe) + WRITER_MOVED_OFFSET) >>> 2, to);
  }

  /** Gives the stripe back. From here on everything that writes throws what `refuse` throws. */
  detach(refuse: () => never): void {
    detach(this.#attachment);
    const { exports, names } = this;
    for (const name of Object.keys(exports) as (keyof CoreExports)[]) exports[name] = refuse;
    names.find = names.insert = names.replace = names.remove = names.addresses = refuse;
    this.create = this.free = this.move = this.place = this.announce = refuse;
    this.allocate = this.drawToken = this.reclaim = refuse;
  }
}

type LengthOf = (u32: Uint32Array, first: number) => number;

/** Words of a policy: its delays and shares are behind it. */
function policyLength(u32: Uint32Array, first: number): number {
  const steps = new Float64Array(u32.buffer, u32.byteOffset + first * 4 + RAMP_STEPS_OFFSET, 1)[0]!;
  return DELAYS_OFFSET / 4 + (u32[first + DELAY_COUNT_OFFSET / 4]! + steps) * 2;
}
