/**
 * The move of a breaker to another block, by the host's own code, beside a call of the compiled core by another thread. The move is
 * stopped before each of its atomic steps, the call before each of its accesses to memory; one of them goes on to its end
 * then, and the other one after it. All pairs of stops with BLUESMOKE_PROTOCOL=large, else a part of them.
 */
import { describe, expect, it } from "vitest";
import {
  DID_TRANSITION,
  MODE_FORCED_OPEN,
  OWNER_MASK,
  OWNER_SHIFT,
  WORD_OFFSET,
} from "../../assembly/layout.ts";
import { sharedText } from "../../build/shared.ts";
import { decodeText } from "../../src/core/wasm-text.ts";
import { attachRegistry, createSharedRegistry } from "../../src/entry/threads.ts";
import { configure } from "../../src/features/index.ts";
import { stepping } from "../threads/cores.ts";
import { compile } from "./explorer/code.ts";
import { Machine, Thread } from "./explorer/machine.ts";

const MODULE = compile(decodeText(sharedText));
const NOW = 1_000;
const clock = () => NOW;
const defaults = { detector: { kind: "consecutive_failures", failures: 1 } } as const;
const STRIDE = process.env.BLUESMOKE_PROTOCOL === "large" ? 1 : 4;
/** More than either has steps. */
const NEVER = 100_000;
const DONE = -2;
/** Steps that the move takes while it waits for an owner, before that one goes on. */
const PATIENCE = 150;

type Calls = "switches to forced open" | "fails a call" | "acquires";

/** A registry of two threads with one breaker, and a call of the second thread that can be stopped. */
function prepare(kind: Calls) {
  const registry = createSharedRegistry({ threads: 2, defaults, clock });
  const other = attachRegistry(registry.handle(), { clock });
  const breaker = other.get("x");
  registry.get("x");
  const { id } = breaker;
  const core = other._core;
  const stripe = core.stripeOf(id, breaker._policy.placed);
  const ticket = breaker.tryAcquire();
  const machine = new Machine(MODULE, core.memory.heap.buffer);
  // Every access is one before which the thread stops.
  machine.accesses.readers.fill(255);
  machine.accesses.writers.fill(255);
  const thread = new Thread(1);
  const values: Record<Calls, [string, ...number[]]> = {
    "switches to forced open": ["switchTo", id, stripe, MODE_FORCED_OPEN, NOW, core.seen],
    "fails a call": ["fail", id, stripe, ticket, NOW, 1, 1],
    acquires: ["acquire", id, stripe, NOW],
  };
  const [name, ...rest] = values[kind];
  thread.begin(MODULE, name, rest);
  let isDone = machine.run(thread, false);
  let steps = 0;
  const go = (limit: number) => {
    for (let step = 0; step < limit && !isDone; step++, steps++) isDone = machine.run(thread, true);
    return isDone ? thread.r32[thread.base]! : DONE;
  };
  return { registry, other, id, core, go, count: () => steps };
}

type Both = ReturnType<typeof prepare>;

function ownerOf({ core }: Both, address: number): number {
  return (core.memory.u32[(address + WORD_OFFSET) >>> 2]! >>> OWNER_SHIFT) & OWNER_MASK;
}

function move(registry: Both["registry"]): void {
  configure(registry.get("x"), { halfOpen: { probes: 2 } });
}

/** What holds when both have come to their end. */
function inspect(both: Both, kind: Calls, result: number): void {
  const { registry, other, id, core } = both;
  const moved = registry.get("x");
  expect(moved.id).not.toBe(id);
  expect(other.get("x").id).toBe(moved.id);
  expect([id, moved.id].map((address) => ownerOf(both, address))).toEqual([0, 0]);
  expect(core.exports.admit(id)).toBe(0); // the old block refuses
  expect(moved.options.halfOpen.probes).toBe(2);
  if (kind === "switches to forced open") {
    // It was done to the breaker, wherever that is now, or the caller is told to come again.
    expect(moved.mode).toBe(result < 0 ? "enabled" : "forced_open");
  } else if (kind === "fails a call") {
    // A report that came too late for the move to copy it is lost; a transition never is. The move may judge what it copied.
    if (result & DID_TRANSITION) expect(moved.state).toBe("open");
  } else expect(moved.state).toBe("closed");
}

/** Steps of the move and of the call, each by itself. */
function countSteps(kind: Calls): { moves: number; calls: number } {
  const alone = prepare(kind);
  let moves = 0;
  stepping(
    () => {
      moves++;
    },
    () => move(alone.registry),
  );
  const other = prepare(kind);
  other.go(NEVER);
  return { moves, calls: other.count() };
}

describe.each<Calls>(["switches to forced open", "fails a call", "acquires"])("a thread that %s", (kind) => {
  it.each([
    ["pauses while the move goes to its end", 0],
    ["goes to its end while the move pauses", 1],
  ])("%s: no switch and no transition is lost", { timeout: 600_000 }, (_, pattern) => {
    const { moves, calls } = countSteps(kind);
    expect([moves > 20, calls > 2]).toEqual([true, true]);
    let tried = 0;
    for (let at = 0; at < moves; at++) {
      for (let stop = at % STRIDE; stop <= calls; stop += STRIDE) {
        const both = prepare(kind);
        if (pattern === 1) both.go(stop);
        const before = (step: number) => {
          if (step === at) both.go(pattern === 1 ? NEVER : stop);
          // The move waits for an owner: it must go on.
          if (step > at + PATIENCE && ownerOf(both, both.id) !== 0) both.go(NEVER);
        };
        stepping(before, () => move(both.registry));
        const result = both.go(NEVER);
        inspect(both, kind, result);
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(50);
  });
});
