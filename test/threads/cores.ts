/** Cores of several threads over one memory, used by one thread: for what depends on every single step. */
import { LAYOUT_VERSION } from "../../assembly/layout.ts";
import { sharedText } from "../../build/shared.ts";
import type { CircuitBreakerOptions } from "../../src/breaker/options.ts";
import { policyOf, resolveOptions } from "../../src/breaker/options.ts";
import type { CoreExports, CoreModule } from "../../src/core/module.ts";
import { inlineModule } from "../../src/entry/wasm.ts";
import { attach, createLayout, drawToken } from "../../src/threads/attachment.ts";
import { SharedCore } from "../../src/threads/shared-core.ts";

export const SHARED: CoreModule = inlineModule("shared", true, sharedText);

/** For tests that need no module: to make one and its memory takes most of their time. */
export const HOST_ONLY: CoreModule = {
  ...SHARED,
  createMemory: () => ({
    buffer: new SharedArrayBuffer(262_144),
    grow: () => {
      throw new RangeError("the memory of this test does not grow");
    },
  }),
  instantiate: () => ({ layoutVersion: () => LAYOUT_VERSION }) as CoreExports,
};

/** That many cores, each with a stripe of its own. */
export function createCores(count: number, module = SHARED): SharedCore[] {
  const first = createLayout(module, [1, 2], count);
  const others = Array.from({ length: count - 1 }, () => attach(first.memory.heap, drawToken(first))!);
  return [first, ...others].map((attachment) => new SharedCore(module, attachment));
}

/** The placed policy of those options. */
export function placeIn(core: SharedCore, options: CircuitBreakerOptions = {}) {
  return core.place(policyOf(resolveOptions(options)));
}

const STEPS = ["load", "store", "add", "sub", "exchange", "compareExchange"] as const;
type Step = (...values: unknown[]) => unknown;
const REAL = Object.fromEntries(STEPS.map((step) => [step, Atomics[step]])) as unknown as Record<
  string,
  Step
>;

/** Runs a function with another one called before each of its atomic steps, which gets the number of the step. */
export function stepping<T>(before: (step: number) => void, act: () => T): T {
  let count = 0;
  for (const step of STEPS) {
    const counted: Step = (...values) => {
      before(count++);
      return REAL[step]!(...values);
    };
    Object.assign(Atomics, { [step]: counted });
  }
  try {
    return act();
  } finally {
    stopStepping();
  }
}

/** From here on atomic steps are not observed. */
export function stopStepping(): void {
  Object.assign(Atomics, REAL);
}
