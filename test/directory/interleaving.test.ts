/**
 * Two threads on one directory, one of them stopped before each of its atomic steps in turn while the other does all of
 * its work: what both see, and what is left, must be as if one had come after the other. The threads are simulated, so
 * that every such order is tried.
 */
import { afterEach, describe, expect, it } from "vitest";
import { Allocator } from "../../src/core/allocator.ts";
import { Directory } from "../../src/core/directory.ts";
import { Lives } from "../../src/core/lives.ts";
import type { LinearMemory } from "../../src/core/memory.ts";
import { Names } from "../../src/core/names.ts";
import { placePolicy } from "../../src/core/policies.ts";
import { encodePolicy, shapeOf } from "../../src/core/policy.ts";
import { placeShape } from "../../src/core/shapes.ts";
import { found } from "../../src/core/site.ts";
import { WASM_FLAVOURS } from "../flavours.ts";

const POLICY = {
  startMode: 0,
  delaysMs: [1],
  jitter: 0,
  decayMs: 0,
  probes: 1,
  successesToClose: 1,
  probeTimeoutMs: 1,
};
const STEPS = ["load", "store", "add", "sub", "compareExchange"] as const;
const real = { ...Object.fromEntries(STEPS.map((step) => [step, Atomics[step]])) } as Pick<
  typeof Atomics,
  (typeof STEPS)[number]
>;

afterEach(() => {
  Object.assign(Atomics, real);
});

/** One of the two. */
class Thread {
  readonly directory: Directory;
  readonly #lives: Lives;
  readonly #names: Names;
  readonly #policy: number;

  constructor(memory: LinearMemory, stripe: number) {
    const allocator = new Allocator(memory, stripe);
    this.#names = new Names(memory, allocator);
    this.#lives = new Lives(memory, allocator, this.#names, stripe);
    const shape = shapeOf(POLICY, 2, true);
    this.#policy = placePolicy(
      memory,
      allocator,
      encodePolicy(POLICY, shape, 2, placeShape(memory, allocator, shape)),
    );
    this.directory = new Directory(memory, allocator, this.#names, stripe);
  }

  make(name: string): string {
    const hash = this.#names.hash(name);
    const known = this.directory.find(name, hash);
    if (known !== 0) return "known";
    const breaker = this.#lives.begin(this.#policy, name, hash);
    const entered = this.directory.insert(name, hash, breaker);
    if (entered !== breaker) this.#lives.end(breaker);
    return entered === breaker ? "made" : "known";
  }

  remove(name: string): string {
    const breaker = this.directory.remove(name, this.#names.hash(name));
    if (breaker !== 0) this.#lives.end(breaker);
    return breaker === 0 ? "none" : "removed";
  }

  find(name: string): string {
    return this.directory.find(name, this.#names.hash(name)) === 0 ? "none" : "known";
  }

  sweep(): string {
    let gone = 0;
    this.directory.sweep(
      () => true,
      (breaker) => {
        this.#lives.end(breaker);
        gone++;
      },
    );
    return `${gone} gone`;
  }

  /** All names, sorted; each found at one address of its own. */
  names(): string[] {
    const addresses = [...this.directory.addresses()];
    expect(this.directory.size).toBe(addresses.length);
    const names = addresses.map((address) => {
      const name = this.#names.read(this.#names.of(address));
      expect(this.directory.find(name, this.#names.hash(name))).toBe(address);
      return name;
    });
    return names.sort();
  }
}

type Deed = (thread: Thread) => string;

/** A directory with `taken` used slots of 64, of which `live` hold breakers; the next use after 48 moves the table. */
function pair(taken: number, live: number): [Thread, Thread] {
  const { delivery } = WASM_FLAVOURS.find((flavour) => flavour.delivery.shared)!; // there is one
  const { memory } = found(delivery, [1, 2], 2);
  const threads: [Thread, Thread] = [new Thread(memory, 0), new Thread(memory, 1)];
  for (let n = 0; n < taken; n++) threads[0].make(`name ${n}`);
  for (let n = live; n < taken; n++) threads[0].remove(`name ${n}`);
  return threads;
}

/** What both see and what is left. */
type Outcome = readonly [mine: string, other: string, left: readonly string[]];

/** `other` happens as a whole before atomic step number `at` of `mine`; undefined when there is no such step. */
function run(threads: [Thread, Thread], mine: Deed, other: Deed, at: number): Outcome | undefined {
  let steps = 0;
  let seen: string | undefined;
  for (const step of STEPS) {
    const act = real[step] as (...values: unknown[]) => unknown;
    const stepping = (...values: unknown[]) => {
      if (steps++ === at) {
        Object.assign(Atomics, real);
        seen = other(threads[1]);
      }
      return act(...values);
    };
    Object.assign(Atomics, { [step]: stepping });
  }
  const result = mine(threads[0]);
  Object.assign(Atomics, real);
  return seen === undefined ? undefined : [result, seen, threads[1].names()];
}

function oneAfterTheOther(threads: [Thread, Thread], first: Deed, second: Deed): [string, string, string[]] {
  const one = first(threads[0]);
  return [one, second(threads[1]), threads[1].names()];
}

const DEEDS: Record<string, Deed> = {
  "makes x": (thread) => thread.make("x"),
  "makes y": (thread) => thread.make("y"),
  "removes x": (thread) => thread.remove("x"),
  "removes name 3": (thread) => thread.remove("name 3"),
  "looks for name 3": (thread) => thread.find("name 3"),
  "removes name 3 and makes z": (thread) => thread.remove("name 3") + thread.make("z"),
  "removes and makes name 3": (thread) => thread.remove("name 3") + thread.make("name 3"),
  "makes x and removes it": (thread) => thread.make("x") + thread.remove("x"),
  "sweeps all": (thread) => thread.sweep(),
};
const FILLINGS: readonly [taken: number, live: number][] = [
  [10, 10],
  [48, 48],
  [48, 6],
];

describe.each(FILLINGS)("a directory with %i slots used and %i breakers", (taken, live) => {
  it.each(Object.keys(DEEDS))("of which one thread %s, whatever another does in between", (name) => {
    const mine = DEEDS[name]!;
    for (const [what, other] of Object.entries(DEEDS)) {
      const before = oneAfterTheOther(pair(taken, live), mine, other);
      const [first, second, left] = oneAfterTheOther(pair(taken, live), other, mine);
      const allowed = [before, [second, first, left]].map((outcome) => JSON.stringify(outcome));
      // Of two deeds in a row the other thread may see the first alone: only what is left must be sound then.
      const composed = / and |sweeps/.test(name + what);
      // Freezing and copying are many equal steps: not all of them are tried.
      for (let at = 0; ; at += at < 40 ? 1 : 7) {
        const outcome = run(pair(taken, live), mine, other, at);
        if (outcome === undefined) break;
        if (!composed) expect(allowed, `${what}, before step ${at}`).toContain(JSON.stringify(outcome));
      }
    }
  });
});
