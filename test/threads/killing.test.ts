/**
 * A thread that dies before each of its atomic steps in turn, in the middle of each thing that it can do. After its handle
 * was reclaimed every name has one breaker, no object refuses for ever, and everything works.
 *
 * Two registries of one thread stand for two threads: from the step at which one dies, it takes no atomic step any more.
 * The last test does the same with real threads.
 */
import { afterEach, describe, expect, it } from "vitest";
import type { CircuitBreaker } from "../../src/breaker/breaker.ts";
import {
  attachRegistry,
  createSharedRegistry,
  type RegistryHandle,
  reclaim,
  type SharedRegistry,
} from "../../src/entry/threads.ts";
import { configure, evictIdle } from "../../src/features/index.ts";
import { stepping } from "./cores.ts";
import { generatorOf } from "./random.ts";
import { endThreads, TestThread } from "./thread.ts";

const clock = () => 1_000;
const NAMES = ["x", "y", "z"];
const defaults = { detector: { kind: "consecutive_failures", failures: 2 } } as const;

class Death extends Error {}

/** Runs a function until it takes atomic step number `at`. Whether it came that far. */
function dieAt(at: number, act: () => void): boolean {
  const before = (step: number) => {
    if (step >= at) throw new Death();
  };
  try {
    stepping(before, act);
    return false;
  } catch (error) {
    if (error instanceof Death) return true;
    throw error;
  }
}

function open(breaker: CircuitBreaker): void {
  for (let call = 0; call < 2; call++) breaker.onFailure(breaker.tryAcquire());
}

/** What a thread does when it dies, in its own registry. */
const TASKS: Record<string, (registry: SharedRegistry) => void> = {
  "creates a breaker": (registry) => registry.get("new"),
  "creates a breaker in a block that was used before": (registry) => {
    registry.get("freed"); // its block, see `prepare`
  },
  "creates breakers until the name table is replaced": (registry) => {
    for (let n = 0; n < 50; n++) registry.get(`other ${n}`);
  },
  "configures a breaker": (registry) => configure(registry.get("x"), { decayMs: 7 }),
  "moves a breaker": (registry) => configure(registry.get("x"), { halfOpen: { probes: 2 } }),
  "moves a breaker to a block that was used before": (registry) => {
    configure(registry.get("x"), { halfOpen: { probes: 3 } });
  },
  "deletes a breaker": (registry) => registry.delete("x"),
  "deletes a breaker and creates it": (registry) => {
    registry.delete("x");
    registry.get("x");
  },
  "evicts breakers": (registry) => evictIdle(registry),
  "switches a breaker": (registry) => registry.get("x").forceOpen(),
  "makes calls that open a breaker": (registry) => open(registry.get("y")),
};

/** A registry, and a thread of it that is to die, with its handle. */
function prepare() {
  const registry = createSharedRegistry({ threads: 3, defaults, clock });
  const handle = registry.handle();
  const other = attachRegistry(handle, { clock });
  for (const name of [...NAMES, "freed"]) registry.get(name);
  registry.delete("freed");
  registry.get("moved", { halfOpen: { probes: 3 } });
  registry.delete("moved");
  open(registry.get("z"));
  for (const name of NAMES) other.get(name);
  return { registry, handle, other };
}

/** `held`: objects of before the death. */
function inspect(registry: SharedRegistry, held: readonly CircuitBreaker[], handle: RegistryHandle): void {
  const next = attachRegistry(handle, { clock }); // the stripe is free again
  expect(registry.get("z").state).toBe("open");
  for (const breaker of held) {
    const { name } = breaker;
    // An object goes on as the breaker of its name, or creates it anew.
    breaker.enable();
    breaker.reset();
    expect(breaker.tryAcquire()).toBeGreaterThan(0);
    breaker.forceOpen();
    expect([name, next.get(name).mode, registry.get(name).mode]).toEqual([
      name,
      "forced_open",
      "forced_open",
    ]);
    next.get(name).enable();
    expect([breaker.mode, breaker.id]).toEqual(["enabled", next.get(name).id]);
  }
  const all = [...registry].map(({ name }) => name);
  expect(new Set(all).size).toBe(all.length);
  expect(registry.size).toBe(all.length);
  for (const name of all) {
    const breaker = next.get(name);
    expect(registry.get(name).id).toBe(breaker.id);
    breaker.reset();
    open(breaker);
    expect(registry.get(name).state).toBe("open");
    configure(breaker, { halfOpen: { probes: 4 } });
    expect([registry.get(name).state, registry.get(name).options.halfOpen.probes]).toEqual(["open", 4]);
    expect(next.delete(name)).toBe(true);
    expect(registry.has(name)).toBe(false);
    expect(registry.get(name).tryAcquire()).toBeGreaterThan(0);
  }
  expect(registry.size).toBe(all.length);
  next.detach();
}

describe.each(Object.keys(TASKS))("a thread that dies while it %s", (task) => {
  it("leaves one breaker for each name, and every object works", { timeout: 60_000 }, () => {
    for (const at of sampleOf(countSteps(task), 100)) {
      const { registry, handle, other } = prepare();
      const third = attachRegistry(registry.handle(), { clock });
      const held = [registry, third].flatMap((each) => NAMES.map((name) => each.get(name)));
      const { id } = held[0]!;
      dieAt(at, () => TASKS[task]!(other));
      expect(reclaim(registry, handle), `step ${at}`).toBe(1);
      // A block that was left admits no calls.
      if (task.startsWith("moves") && registry.get("x").id !== id) {
        expect(registry._core.exports.admit(id), `step ${at}`).toBe(0);
      }
      inspect(registry, held, handle);
    }
  });

  it("is reclaimed also when the thread that reclaims it dies", { timeout: 60_000 }, () => {
    const untilMs = Date.now() + 1_500;
    const next = generatorOf(task.length);
    const steps = countSteps(task);
    for (let round = 0; round < 60 && Date.now() < untilMs; round++) {
      const { registry, handle, other } = prepare();
      const held = NAMES.map((name) => registry.get(name));
      const at = next(steps);
      dieAt(at, () => TASKS[task]!(other));
      const reclaimerHandle = registry.handle();
      const reclaimer = attachRegistry(reclaimerHandle, { clock });
      const reclaimAt = next(30);
      const isDead = dieAt(reclaimAt, () => reclaim(reclaimer, handle));
      const count = (isDead ? reclaim(registry, reclaimerHandle) : 1) + reclaim(registry, handle);
      expect(count, `steps ${at}, ${reclaimAt}`).toBeGreaterThan(0);
      const both = [1, 2].map(() => attachRegistry(handle, { clock }));
      for (const each of both) each.detach();
      inspect(registry, held, handle);
    }
  });
});

/** All numbers below a limit, or so many of them, spread evenly. */
function sampleOf(limit: number, size: number): number[] {
  const stride = Math.max(1, limit / size);
  return Array.from({ length: Math.min(limit, size) }, (_, index) => Math.floor(index * stride));
}

/** Atomic steps of a task. */
function countSteps(task: string): number {
  const { other } = prepare();
  let count = 0;
  stepping(
    () => {
      count++;
    },
    () => TASKS[task]!(other),
  );
  return count;
}

describe("real threads", () => {
  let worker: TestThread | undefined;
  afterEach(async () => {
    if (worker) await endThreads([worker]);
  });

  it.each(["move", "remove", "evict", "create"])(
    "that exit before an atomic step leave nothing broken (%s)",
    { timeout: 60_000 },
    async (operation) => {
      const untilMs = Date.now() + 6_000;
      let deaths = 0;
      for (let at = 0; Date.now() < untilMs; at += 2) {
        const registry = createSharedRegistry({ threads: 3, defaults, clock });
        const handle = registry.handle();
        const held = NAMES.map((name) => registry.get(name));
        open(registry.get("z"));
        worker = new TestThread(handle);
        const ended = new Promise((resolve) => worker!.worker.once("exit", resolve));
        await worker.run("attach");
        worker.post("exitAt", { at, operation, name: "x" });
        const answer = await Promise.race([
          ended,
          new Promise((resolve) => worker!.worker.once("message", resolve)),
        ]);
        if (answer !== 0 && answer !== 1) {
          expect(answer).toEqual({ value: undefined });
          await endThreads([worker]);
          expect(at).toBeGreaterThan(5);
          break;
        }
        deaths++;
        expect(reclaim(registry, handle)).toBe(1);
        inspect(registry, held, handle);
      }
      expect(deaths).toBeGreaterThan(3);
    },
  );
});
