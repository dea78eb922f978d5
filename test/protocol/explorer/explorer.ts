/**
 * Tries every order of the steps of a few threads, each of which makes a few calls of the compiled core.
 *
 * A search by depth over states: the words that are ever written, and what decides the future of each thread. Of states that
 * were seen it keeps a hash of 64 bits. Where a thread does something that makes a word common to two threads, and the search
 * did not know it yet, it begins anew.
 */
import type { CompiledModule } from "./code.ts";
import { Futures } from "./futures.ts";
import { type Access, Machine, Thread } from "./machine.ts";

/** One call of a thread. */
export interface Call {
  /** Name of an export and its arguments; undefined: nothing to do. */
  readonly call: () => readonly [name: string, ...values: number[]] | undefined;
  /** What becomes of the result, in the step in which it is known. */
  readonly returned?: (result: number) => void;
  /** Done in a step of its own, before the call. */
  readonly begins?: () => void;
  /** The call begins only when this is so. */
  readonly when?: (isKilled: boolean) => boolean;
}

/** What a thread does: calls one after the other; of several in one place any one. */
export type Script = readonly (Call | readonly Call[])[];

export interface Plan {
  readonly threads: readonly Script[];
  /** Index of a thread that may be killed at any step. */
  readonly mortal?: number;
  /** After each step: the memory is what a thread could see. */
  readonly look?: () => void;
  /** When no thread can go on. */
  readonly end: (isKilled: boolean) => void;
  /** Words of memory that only `look`, `end` and `call` use, and that are part of a state. */
  readonly ghost: readonly number[];
  /** Words whose every change is a step, although no other thread reads them. */
  readonly observed?: readonly number[];
}

export interface Limits {
  readonly states: number;
}

export interface Outcome {
  readonly states: number;
  readonly steps: number;
  readonly depth: number;
  readonly isComplete: boolean;
  /** What did not hold, and the steps that led there. */
  readonly violation?: { readonly message: string; readonly path: readonly string[] };
}

const READY = 0;
const RUNNING = 1;
const FINISHED = 2;
const DEAD = 3;
/** In place of the number of a call. */
const DIES = 15;
/** Bit for the observer among readers. */
const OBSERVER = 1 << 7;
const WALKS = 200;
const LONGEST_WALK = 20_000;

export class Violation extends Error {}

class Grown extends Error {}

export class Explorer {
  readonly machine: Machine;
  readonly #plan: Plan;
  readonly #module: CompiledModule;
  readonly #threads: readonly Thread[];
  readonly #status: Uint8Array;
  readonly #place: Uint8Array;
  readonly #which: Uint8Array;
  readonly #first: Uint32Array;
  readonly #describe: (address: number) => string;
  readonly #futures: Futures;
  readonly #access: Access = { word: 0, size: 4, isRead: false, isWrite: false };
  #last = 0;
  #killed = 0;

  /** The memory is as it must be when the threads begin. */
  constructor(
    module: CompiledModule,
    buffer: ArrayBufferLike,
    plan: Plan,
    describe: (address: number) => string,
  ) {
    this.#module = module;
    this.#plan = plan;
    this.#describe = describe;
    this.machine = new Machine(module, buffer);
    this.#threads = plan.threads.map((_, index) => new Thread(index));
    this.#futures = new Futures(plan.threads.length);
    this.#status = new Uint8Array(plan.threads.length);
    this.#place = new Uint8Array(plan.threads.length);
    this.#which = new Uint8Array(plan.threads.length);
    this.#first = this.machine.u32.slice();
    for (const word of plan.observed ?? []) this.machine.accesses.readers[word]! |= OBSERVER;
  }

  /** Searches until all states are seen, or something does not hold. */
  explore(limits: Limits): Outcome {
    this.#walk();
    for (;;) {
      this.machine.accesses.hasGrown = false;
      this.#futures.close();
      try {
        const outcome = this.#search(limits);
        if (outcome.violation || !outcome.isComplete || !this.#futures.hasGrown) return outcome;
      } catch (error) {
        if (!(error instanceof Grown)) throw error;
      }
    }
  }

  #reset(): void {
    this.machine.u32.set(this.#first);
    this.#plan.threads.forEach((script, index) => {
      this.#status[index] = script.length > 0 ? READY : FINISHED;
    });
    this.#place.fill(0);
    this.#which.fill(0);
    this.#last = 0;
    this.#killed = 0;
  }

  /** Runs threads in random orders, which shows most of what they access. */
  #walk(): void {
    let state = 1;
    for (let walk = 0; walk < WALKS; walk++) {
      this.#reset();
      for (let step = 0; step < LONGEST_WALK; step++) {
        const choices = this.#choices();
        if (choices.length === 0) break;
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        // Mostly the same thread: orders of few switches reach more.
        const same = choices.find((choice) => choice >> 4 === this.#last);
        const other = choices[(state >>> 8) % choices.length]!;
        try {
          this.#take(same !== undefined && state >>> 30 ? same : other);
        } catch (error) {
          if (error instanceof Violation) break;
          throw error;
        }
      }
    }
  }

  /** What can happen next: the thread in the upper bits; below, which call it begins, or DIES. */
  #choices(): number[] {
    const choices: number[] = [];
    const { threads, mortal } = this.#plan;
    for (let index = 0; index < threads.length; index++) {
      const status = this.#status[index]!;
      if (status === RUNNING) choices.push(index << 4);
      else if (status === READY) {
        const calls = threads[index]![this.#place[index]!]!;
        if (Array.isArray(calls)) {
          (calls as readonly Call[]).forEach((call, which) => {
            if (call.when?.(this.#killed !== 0) ?? true) choices.push((index << 4) | which);
          });
        } else if ((calls as Call).when?.(this.#killed !== 0) ?? true) choices.push(index << 4);
      }
    }
    if (mortal !== undefined && this.#status[mortal]! <= RUNNING) choices.push((mortal << 4) | DIES);
    return choices;
  }

  /** The one choice that is enough, since it commutes with all that other threads can do; -1: there is none. */
  #persistent(choices: readonly number[]): number {
    for (const choice of choices) {
      const index = choice >> 4;
      if ((choice & 15) === 0 && this.#commutes(index)) return choice;
    }
    return -1;
  }

  #commutes(index: number): boolean {
    if (this.#status[index] === READY) {
      // Up to its first access that matters.
      const call = this.#plan.threads[index]![this.#place[index]!]!;
      return (
        !Array.isArray(call) && !(call as Call).begins && !(call as Call).when && index !== this.#plan.mortal
      );
    }
    const { word, size, isWrite } = this.machine.pending(this.#threads[index]!, this.#access);
    if (isWrite && index === this.#plan.mortal) return false;
    for (let each = word; each < word + size / 4; each++) {
      if (isWrite && this.machine.accesses.readers[each]! & OBSERVER) return false;
      for (let other = 0; other < this.#threads.length; other++) {
        if (other === index || this.#status[other]! > RUNNING) continue;
        if (this.#futures.conflicts(this.#placeOf(other), each, isWrite)) return false;
      }
    }
    return true;
  }

  /** Where a thread stands, for `Futures`. */
  #placeOf(index: number) {
    const thread = this.#threads[index]!;
    const status = this.#status[index]!;
    let key = (status << 16) | (this.#place[index]! << 8) | this.#which[index]!;
    if (status === RUNNING) {
      for (let frame = 0; frame < thread.depth; frame++)
        key = Math.imul(key, 0x01000193) ^ thread.returns[frame]!;
      key = Math.imul(key, 0x01000193) ^ thread.at;
    }
    return this.#futures.at(index, key);
  }

  #callOf(index: number): Call {
    const calls = this.#plan.threads[index]![this.#place[index]!]!;
    return Array.isArray(calls) ? calls[this.#which[index]!]! : (calls as Call);
  }

  #take(choice: number): void {
    const index = choice >> 4;
    const which = choice & 15;
    this.#last = index;
    if (which === DIES) {
      this.#status[index] = DEAD;
      this.#killed = 1;
    } else {
      const place = this.#placeOf(index);
      if (this.#status[index] === READY) this.#begin(index, which);
      else {
        const { word, size, isRead, isWrite } = this.machine.pending(this.#threads[index]!, this.#access);
        this.#futures.note(place, word, isRead, isWrite);
        if (size === 8) this.#futures.note(place, word + 1, isRead, isWrite);
        this.#run(index, true);
      }
      this.#futures.follow(place, this.#placeOf(index));
    }
    this.#plan.look?.();
  }

  #begin(index: number, which: number): void {
    this.#which[index] = which;
    const call = this.#callOf(index);
    call.begins?.();
    const what = call.call();
    if (what === undefined) this.#next(index);
    else {
      const [name, ...values] = what;
      this.#threads[index]!.begin(this.#module, name, values);
      this.#status[index] = RUNNING;
      this.#run(index, false);
    }
  }

  #run(index: number, goes: boolean): void {
    const thread = this.#threads[index]!;
    if (!this.machine.run(thread, goes)) return;
    this.#callOf(index).returned?.(thread.r32[thread.base]!);
    this.#next(index);
  }

  /** Goes on to the next call, in the same step if nothing about its beginning is to be seen. */
  #next(index: number): void {
    const script = this.#plan.threads[index]!;
    this.#status[index] = READY;
    const place = ++this.#place[index]!;
    this.#which[index] = 0;
    if (place === script.length) this.#status[index] = FINISHED;
    else {
      const call = script[place]!;
      if (!Array.isArray(call) && !(call as Call).begins && !(call as Call).when) this.#begin(index, 0);
    }
  }

  #save(to: Uint32Array, first: number, words: readonly number[]): number {
    const { u32 } = this.machine;
    let next = first;
    for (let word = 0; word < words.length; word++) to[next++] = u32[words[word]!]!;
    to[next++] = this.#killed;
    for (let index = 0; index < this.#threads.length; index++) {
      const status = this.#status[index]!;
      to[next++] = status | (this.#place[index]! << 4) | (this.#which[index]! << 12);
      if (status === RUNNING) next = this.#threads[index]!.save(this.#module, to, next);
    }
    return next;
  }

  #load(from: Uint32Array, first: number, words: readonly number[]): void {
    const { u32 } = this.machine;
    let next = first;
    for (let word = 0; word < words.length; word++) u32[words[word]!] = from[next++]!;
    this.#killed = from[next++]!;
    for (let index = 0; index < this.#threads.length; index++) {
      const status = from[next++]!;
      this.#status[index] = status & 15;
      this.#place[index] = (status >> 4) & 255;
      this.#which[index] = status >> 12;
      if ((status & 15) === RUNNING) next = this.#threads[index]!.load(this.#module, from, next);
    }
  }

  #search({ states }: Limits): Outcome {
    this.#reset();
    const { accesses } = this.machine;
    const words = [...new Set([...accesses.written, ...this.#plan.ghost])].sort((one, other) => one - other);
    const seen = new HashSet();
    const scratch = new Uint32Array(1 << 14);
    let arena = new Uint32Array(1 << 20);
    const starts: number[] = [0];
    const choices: number[][] = [];
    /** Of a state where one choice is enough: the others, in case that it ends a call. */
    const others: (number[] | undefined)[] = [];
    let steps = 0;
    let depth = 0;
    /** Puts the present state on the stack, unless it was seen. */
    const enter = (): void => {
      const end = this.#save(scratch, 0, words);
      if (!seen.add(scratch, end)) return;
      const next = this.#choices();
      if (next.length === 0) {
        this.#plan.end(this.#killed !== 0);
        return;
      }
      const start = starts[choices.length]!;
      if (start + end > arena.length) {
        const larger = new Uint32Array(arena.length * 2);
        larger.set(arena);
        arena = larger;
      }
      arena.set(scratch.subarray(0, end), start);
      const enough = next.length > 1 ? this.#persistent(next) : -1;
      others[choices.length] = enough < 0 ? undefined : next.filter((choice) => choice !== enough);
      choices.push(enough < 0 ? next : [enough]);
      starts[choices.length] = start + end;
      depth = Math.max(depth, choices.length);
    };
    const path: number[] = [];
    try {
      enter();
      while (choices.length > 0) {
        if (seen.size > states) return { states: seen.size, steps, depth, isComplete: false };
        const choice = choices[choices.length - 1]!.pop();
        if (choice === undefined) {
          choices.pop();
          path.pop();
          continue;
        }
        this.#load(arena, starts[choices.length - 1]!, words);
        const before = choices.length;
        path[before - 1] = choice;
        path.length = before;
        const place = this.#place[choice >> 4];
        this.#take(choice);
        steps++;
        const rest = others[before - 1];
        // What a plan notes at the end of a call is an access, too.
        if (rest && this.#place[choice >> 4] !== place) {
          choices[before - 1]!.push(...rest);
          others[before - 1] = undefined;
        }
        if (accesses.hasGrown) throw new Grown();
        enter();
      }
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      const violation = { message: error.message, path: this.#retrace(path) };
      return { states: seen.size, steps, depth, isComplete: true, violation };
    }
    return { states: seen.size, steps, depth, isComplete: true };
  }

  /** What happened on a path, a line for each step. */
  #retrace(path: readonly number[]): string[] {
    this.#reset();
    const lines: string[] = [];
    for (const choice of path) {
      const index = choice >> 4;
      const thread = this.#threads[index]!;
      const isRunning = this.#status[index] === RUNNING;
      const { op, a, n } = this.#module.instructions[thread.at]!;
      const address = isRunning ? thread.r32[thread.base + a]! + n : 0;
      const before = isRunning ? this.machine.i32[address >>> 2] : 0;
      try {
        this.#take(choice);
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
      }
      const after = this.machine.i32[address >>> 2];
      const what = isRunning
        ? `0x${op.toString(16)} ${this.#describe(address)}: ${before}${after === before ? "" : ` -> ${after}`}`
        : `begins call ${this.#place[index]}`;
      lines.push(`thread ${index} ${(choice & 15) === DIES ? "dies" : what}`);
    }
    return lines;
  }
}

/** Hashes of 64 bits of what was added. */
class HashSet {
  size = 0;
  #slots = new Uint32Array(1 << 17);

  /** Whether it is new. */
  add(words: Uint32Array, end: number): boolean {
    let one = 0x9e3779b9;
    let other = 0x85ebca6b;
    for (let index = 0; index < end; index++) {
      const word = words[index]!;
      one = Math.imul(one ^ word, 0x01000193);
      one = ((one << 13) | (one >>> 19)) + 0x27d4eb2d;
      other = Math.imul(other + word, 0xcc9e2d51);
      other ^= other >>> 15;
    }
    one = Math.imul(one ^ (one >>> 16), 0x7feb352d);
    one = (one ^ (one >>> 15)) >>> 0;
    other = (other ^ (other >>> 13)) >>> 0 || 1;
    if (this.size * 4 > this.#slots.length) this.#grow();
    return this.#insert(this.#slots, one, other);
  }

  #insert(slots: Uint32Array, one: number, other: number): boolean {
    const mask = slots.length / 2 - 1;
    for (let slot = one & mask; ; slot = (slot + 1) & mask) {
      const held = slots[2 * slot + 1]!;
      if (held === 0) {
        slots[2 * slot] = one;
        slots[2 * slot + 1] = other;
        this.size++;
        return true;
      }
      if (held === other && slots[2 * slot] === one) return false;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    this.size = 0;
    for (let slot = 0; slot < old.length; slot += 2) {
      if (old[slot + 1] !== 0) this.#insert(this.#slots, old[slot]!, old[slot + 1]!);
    }
  }
}
