/**
 * Two threads at one name table. One is stopped before each of its atomic steps in turn while the other does all of its
 * work: what both see, and what is left, must be as if one had come after the other. The threads are simulated, so that
 * every such order is tried.
 */
import { describe, expect, it } from "vitest";
import type { SharedCore } from "../../src/threads/shared-core.ts";
import { createCores, HOST_ONLY, placeIn, stepping, stopStepping } from "./cores.ts";

function create(core: SharedCore, name: string): string {
  if (core.names.find(name)) return "known";
  const breaker = core.create(placeIn(core), name);
  const entered = core.names.insert(name, breaker);
  if (entered !== breaker) core.free(breaker);
  return entered === breaker ? "created" : "known";
}

function remove(core: SharedCore, name: string): string {
  const breaker = core.names.remove(name);
  if (breaker) core.free(breaker);
  return breaker ? "removed" : "none";
}

function find(core: SharedCore, name: string): string {
  return core.names.find(name) ? "known" : "none";
}

function removeAll(core: SharedCore): string {
  let count = 0;
  for (const address of core.names.addresses()) {
    const name = core.names.nameOf(address);
    if (name === undefined || !core.names.remove(name, address)) continue;
    core.free(address);
    count++;
  }
  return `${count} removed`;
}

/** All names, sorted; each found at one address of its own. */
function namesOf({ names }: SharedCore): string[] {
  const addresses = [...names.addresses()];
  expect(names.size).toBe(addresses.length);
  const found = addresses.map((address) => {
    const name = names.nameOf(address)!;
    expect(names.find(name)).toBe(address);
    return name;
  });
  return found.sort();
}

type Task = (core: SharedCore) => string;

/** A table with `taken` used slots of 64, of which `live` hold breakers; the next use after 48 replaces it. */
function createPair(taken: number, live: number): [SharedCore, SharedCore] {
  const [first, second] = createCores(2, HOST_ONLY) as [SharedCore, SharedCore];
  for (let n = 0; n < taken; n++) create(first, `name ${n}`);
  for (let n = live; n < taken; n++) remove(first, `name ${n}`);
  placeIn(second); // not counted as steps
  return [first, second];
}

/** What both see and what is left. */
type Result = readonly [mine: string, other: string, left: readonly string[]];

/** `other` happens as a whole before atomic step number `at` of `mine`; undefined when there is no such step. */
function run([one, two]: [SharedCore, SharedCore], mine: Task, other: Task, at: number): Result | undefined {
  let seen: string | undefined;
  const before = (step: number) => {
    if (step !== at) return;
    stopStepping();
    seen = other(two);
  };
  const result = stepping(before, () => mine(one));
  return seen === undefined ? undefined : [result, seen, namesOf(two)];
}

function oneAfterTheOther(
  [one, two]: [SharedCore, SharedCore],
  first: Task,
  second: Task,
): [string, string, string[]] {
  const result = first(one);
  return [result, second(two), namesOf(two)];
}

const TASKS: Record<string, Task> = {
  "creates x": (core) => create(core, "x"),
  "creates y": (core) => create(core, "y"),
  "removes x": (core) => remove(core, "x"),
  "removes name 3": (core) => remove(core, "name 3"),
  "finds name 3": (core) => find(core, "name 3"),
  "removes name 3 and creates z": (core) => remove(core, "name 3") + create(core, "z"),
  "removes and creates name 3": (core) => remove(core, "name 3") + create(core, "name 3"),
  "creates x and removes it": (core) => create(core, "x") + remove(core, "x"),
  "removes all": removeAll,
};
const FILLS: readonly [taken: number, live: number][] = [
  [10, 10],
  [48, 48],
  [48, 6],
];

describe.each(FILLS)("a name table with %i slots used and %i breakers", (taken, live) => {
  it.each(Object.keys(TASKS))("is sound when one thread %s, whatever another does in between", (name) => {
    const mine = TASKS[name]!;
    for (const [what, other] of Object.entries(TASKS)) {
      const before = oneAfterTheOther(createPair(taken, live), mine, other);
      const [first, second, left] = oneAfterTheOther(createPair(taken, live), other, mine);
      const allowed = [before, [second, first, left]].map((result) => JSON.stringify(result));
      // Of two tasks in a row the other thread may see the first alone: only what is left must be sound then.
      const composed = / and |all/.test(name + what);
      // Freezing and copying are many equal steps: not all of them are tried.
      for (let at = 0; ; at += at < 40 ? 1 : 7) {
        const result = run(createPair(taken, live), mine, other, at);
        if (result === undefined) break;
        if (!composed) expect(allowed, `${what}, before step ${at}`).toContain(JSON.stringify(result));
      }
    }
  });
});
