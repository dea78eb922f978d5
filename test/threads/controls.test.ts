/**
 * Switching, resetting and holding a breaker while another thread moves, deletes or evicts it. Two registries of one thread
 * stand for two threads, so that every order is tried; two real threads then try as many as they can.
 */
import { afterEach, describe, expect, it } from "vitest";
import { OWNER_MASK, OWNER_SHIFT, WORD_OFFSET } from "../../assembly/layout.ts";
import type { CircuitBreaker } from "../../src/breaker/breaker.ts";
import { attachRegistry, createSharedRegistry, type SharedRegistry } from "../../src/entry/threads.ts";
import { configure, evictIdle } from "../../src/features/index.ts";
import { stepping, stopStepping } from "./cores.ts";
import { endThreads, startThreads, type TestThread } from "./thread.ts";

const RUN_MS = Number(process.env.BLUESMOKE_THREADS_MS ?? 1_000);
const clock = () => 1_000;
/** At what a switch should have changed, before it is lost. */
const LOOKS = 20;

function createPair(): [SharedRegistry, SharedRegistry] {
  const one = createSharedRegistry({ threads: 2, clock });
  const pair: [SharedRegistry, SharedRegistry] = [one, attachRegistry(one.handle(), { clock })];
  // A registry that has deleted a breaker has a block that stands for all of those.
  for (const registry of pair) {
    registry.get("deleted");
    registry.delete("deleted");
  }
  return pair;
}

type Change = (registry: SharedRegistry) => void;

/** What another thread does to "x". */
const CHANGES: Record<string, Change> = {
  moves: (registry) => configure(registry.get("x"), { halfOpen: { probes: 2 } }),
  "moves there and back": (registry) => {
    configure(registry.get("x"), { halfOpen: { probes: 2 } });
    configure(registry.get("x"), { halfOpen: { probes: 1 } });
  },
  configures: (registry) => configure(registry.get("x"), { decayMs: 5 }),
  "deletes, and creates another breaker in the same block,": (registry) => {
    registry.delete("x");
    registry.get("y");
  },
  "deletes and creates": (registry) => {
    registry.delete("x");
    registry.get("x");
  },
  "evicts, and creates another breaker in the same block,": (registry) => {
    evictIdle(registry);
    registry.get("y");
  },
};

/** What this thread does to "x" meanwhile, and what must hold then for every thread. */
const CONTROLS: Record<string, (breaker: CircuitBreaker) => void> = {
  forceOpen: (breaker) => breaker.forceOpen(),
  disable: (breaker) => breaker.disable(),
  shadow: (breaker) => breaker.shadow(),
  trip: (breaker) => breaker.trip(),
  "configure with a mode": (breaker) => configure(breaker, { mode: "forced_open", decayMs: 9 }),
  "configure that moves, with a mode": (breaker) => {
    configure(breaker, { mode: "forced_open", halfOpen: { probes: 3 } });
  },
};
const MODES: Record<string, string> = { disable: "disabled", shadow: "shadow", trip: "enabled" };

/** A control of "x" has had its effect, on "x" alone, for both threads. */
function expectControlled(pair: readonly SharedRegistry[], control: string): void {
  const mode = MODES[control] ?? "forced_open";
  for (const registry of pair) {
    expect(registry.get("x").mode).toBe(mode);
    if (control === "trip") expect(registry.get("x").state).toBe("open");
    expect(registry.peek("y")?.mode ?? "enabled").toBe("enabled");
    expect(registry.peek("y")?.state ?? "closed").toBe("closed");
    expect([...registry].map(({ name }) => name).sort()).toEqual(registry.has("y") ? ["x", "y"] : ["x"]);
  }
}

describe.each(Object.keys(CHANGES))("while another thread %s a breaker", (what) => {
  it.each(Object.keys(CONTROLS))("%s has its effect", (control) => {
    const exports = ["switchTo", "trip", "configure"] as const;
    // The other thread's change comes after this one has found the breaker, before the call into the module.
    for (const name of exports) {
      const pair = createPair();
      const breaker = pair[0].get("x");
      const { exports: core } = pair[0]._core;
      const real = core[name] as (...values: number[]) => number;
      let isDone = false;
      core[name] = ((...values: number[]) => {
        if (!isDone) CHANGES[what]!(pair[1]);
        isDone = true;
        return real(...values);
      }) as never;
      CONTROLS[control]!(breaker);
      if (isDone) expectControlled(pair, control);
    }
  });

  it("switches nothing else at any of its steps", () => {
    for (let at = 0, isReached = true; isReached; at++) {
      const pair = createPair();
      const breaker = pair[0].get("x");
      pair[1].get("x");
      let bits = -1;
      isReached = false;
      stepping(
        (step) => {
          if (step !== at) return;
          isReached = true;
          stopStepping();
          // One try: while the other thread owns the breaker, all tries end in the same way.
          breaker._refresh();
          const { switchTo } = pair[0]._core.exports;
          bits = switchTo(breaker._id, breaker._stripe, 2, 1_000, breaker._seen);
        },
        () => CHANGES[what]!(pair[1]),
      );
      if (!isReached) break;
      const x = pair[0].peek("x");
      if (bits >= 0 && !what.includes("deletes") && !what.includes("evicts"))
        expect(x?.mode).toBe("forced_open");
      if (bits < 0) expect(x?.mode ?? "enabled").toBe("enabled");
      expect(pair[0].peek("y")?.mode ?? "enabled").toBe("enabled");
      // Whatever was tried, from here on everything works.
      breaker.forceOpen();
      expectControlled(pair, "forceOpen");
    }
  });
});

describe("a thread with an old address", () => {
  it("does nothing to a breaker that was created in the block since, when it looks for its own", () => {
    const pair = createPair();
    const breaker = pair[0].get("x");
    configure(pair[1].get("x"), { halfOpen: { probes: 2 } });
    const real = pair[0]._policyAt;
    // After the search, and before the object takes the address.
    pair[0]._policyAt = (...values) => {
      pair[0]._policyAt = real;
      pair[1].delete("x");
      pair[1].get("y", { halfOpen: { probes: 2 } });
      return real.call(pair[0], ...values);
    };
    breaker.forceOpen();
    expectControlled(pair, "forceOpen");
  });

  it("configures no breaker that was created in the block to which it has moved its own", () => {
    const pair = createPair();
    const breaker = pair[0].get("x");
    const { id } = breaker;
    const core = pair[0]._core;
    const real = core.stripeOf;
    core.stripeOf = (...values) => {
      if (values[0] !== id) {
        core.stripeOf = real;
        pair[1].delete("x");
        pair[1].get("y", { halfOpen: { probes: 2 }, decayMs: 3 });
      }
      return real.call(core, ...values);
    };
    configure(breaker, { halfOpen: { probes: 2 }, decayMs: 4 });
    expect(pair[1].get("y").options.decayMs).toBe(3);
    expect([breaker.options.decayMs, pair[1].get("x").options.decayMs]).toEqual([4, 4]);
  });

  it.each([1, 4, 10, 25])(
    "may own the freed block for %i steps while a breaker is created in it",
    (steps) => {
      for (let at = 0, isReached = true; isReached; at++) {
        const pair = createPair();
        const { id } = pair[0].get("x");
        pair[0].delete("x");
        const { u32 } = pair[0]._core.memory;
        const cell = (id + WORD_OFFSET) >>> 2;
        let before = 0;
        // As `own` and `disown` of the module do it: a swap, and later a store.
        const disown = () => {
          if (before) u32[cell] = before;
          before = 0;
        };
        const interrupt = (step: number) => {
          if (step === at + steps) disown();
          if (step !== at) return;
          isReached = true;
          if ((u32[cell]! & (OWNER_MASK << OWNER_SHIFT)) !== 0) return;
          before = u32[cell]!;
          u32[cell] = before | (1 << OWNER_SHIFT);
        };
        isReached = false;
        const breaker = stepping(interrupt, () => pair[1].get("y"));
        disown();
        expect(breaker.mode, `step ${at}`).toBe("enabled");
        expect(breaker.tryAcquire(), `step ${at}`).toBeGreaterThan(0);
        expect(pair[0].get("y").id).toBe(breaker.id);
      }
    },
  );
});

describe("two real threads", () => {
  let workers: TestThread[] = [];
  afterEach(async () => {
    await endThreads(workers);
  });

  it("switch a breaker that one of them moves, and none of another name", { timeout: 60_000 }, async () => {
    const registry = createSharedRegistry({ threads: 1, clock });
    workers = await startThreads(() => registry.handle(), 1);
    const running = workers[0]!.run<number>("move", { name: "x", others: 4, until: Date.now() + RUN_MS });
    let isRunning = true;
    running.finally(() => {
      isRunning = false;
    });
    const breaker = registry.get("x");
    const lost = { forceOpen: 0, enable: 0 };
    // A look may fall into a move, and the next one into the next move. What is lost stays so.
    const isLost = (differs: () => boolean) => Array.from({ length: LOOKS }, differs).every(Boolean);
    const wrong: string[] = [];
    for (let n = 0; isRunning; n++) {
      breaker.forceOpen();
      if (isLost(() => breaker.mode !== "forced_open" || breaker.tryAcquire() !== 0)) lost.forceOpen++;
      breaker.enable();
      if (isLost(() => breaker.mode !== "enabled")) lost.enable++;
      const other = registry.peek(`y${n % 4}`);
      if (other && isLost(() => other.mode !== "enabled")) wrong.push(other.name);
      if (n % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await running).toBeGreaterThan(100);
    expect(lost).toEqual({ forceOpen: 0, enable: 0 });
    expect(wrong).toEqual([]);
    for (const { mode, name } of registry) expect(`${name} ${mode}`).toBe(`${name} enabled`);
  });
});
