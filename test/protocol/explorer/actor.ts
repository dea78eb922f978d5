/** The calls of simulated threads, and what plans are made of. */
import { MODE_FORCED_OPEN, REGISTRY_ADDRESS, TICKET_DID_TRANSITION } from "../../../assembly/layout.ts";
import type { Call, Plan, Script } from "./explorer.ts";
import type { World } from "./world.ts";

export interface MadePlan {
  readonly world: World;
  readonly plan: Plan;
}

/** Makes the memory and the plan anew from a build of the core. */
export type PlanMaker = (text: string) => MadePlan;

const UNKNOWN_MS = Number.NaN;

/** The words of `ghost`: whether the rule was broken at a moment, probes out, the most of them, then tickets and results. */
export const WAS_BROKEN = 0;
export const PROBES_OUT = 1;
export const MOST_OUT = 2;
export const ADMITTED = 3;
export const HAS_ENDED = 4;
export const IS_REPAIRED = 5;
export const FIRST_TICKET = 8;

export function ticketOf(result: number): number {
  return result & ~TICKET_DID_TRANSITION;
}

/** Calls of one thread. Slots number tickets. */
export class Actor {
  readonly world: World;
  readonly stripe: number;

  constructor(world: World, index: number) {
    this.world = world;
    this.stripe = world.stripe(index);
  }

  acquire(nowMs: number, slot: number): Call {
    return {
      call: () => ["acquire", this.world.breaker, this.stripe, nowMs],
      returned: (result) => {
        this.world.set(FIRST_TICKET + slot, ticketOf(result));
        if (ticketOf(result) !== 0) this.world.set(ADMITTED, this.world.get(ADMITTED) + 1);
      },
    };
  }

  #report(name: "succeed" | "fail", nowMs: number, slot: number, weight: number): Call {
    return {
      call: () => {
        const ticket = this.world.get(FIRST_TICKET + slot);
        if (ticket === 0) return undefined;
        return [name, this.world.breaker, this.stripe, ticket, nowMs, UNKNOWN_MS, weight];
      },
      returned: () => this.world.set(FIRST_TICKET + slot, 0),
    };
  }

  succeed(nowMs: number, slot: number, weight = 1): Call {
    return this.#report("succeed", nowMs, slot, weight);
  }

  fail(nowMs: number, slot: number, weight = 1): Call {
    return this.#report("fail", nowMs, slot, weight);
  }

  release(nowMs: number, slot: number): Call {
    return {
      call: () => {
        const ticket = this.world.get(FIRST_TICKET + slot);
        return ticket === 0 ? undefined : ["release", this.world.breaker, this.stripe, ticket, nowMs];
      },
      returned: () => this.world.set(FIRST_TICKET + slot, 0),
    };
  }

  check(nowMs: number): Call {
    return { call: () => ["check", this.world.breaker, this.stripe, nowMs] };
  }

  /** A call with a probe, which is out from here to the beginning of its report. */
  probe(nowMs: number, slot: number, fate: "succeed" | "fail" | "release"): Call[] {
    const { world } = this;
    const acquire = this.acquire(nowMs, slot);
    const report = this[fate](nowMs, slot);
    return [
      {
        ...acquire,
        returned: (result) => {
          acquire.returned!(result);
          if (ticketOf(result) === 0) return;
          world.set(PROBES_OUT, world.get(PROBES_OUT) + 1);
          world.set(MOST_OUT, Math.max(world.get(MOST_OUT), world.get(PROBES_OUT)));
        },
      },
      {
        ...report,
        begins: () => {
          if (world.get(FIRST_TICKET + slot) !== 0) world.set(PROBES_OUT, world.get(PROBES_OUT) - 1);
        },
      },
    ];
  }

  reset(nowMs: number): Call {
    const { world } = this;
    return { call: () => ["reset", world.breaker, this.stripe, nowMs, world.freed] };
  }

  forceOpen(nowMs: number): Call {
    const { world } = this;
    return { call: () => ["switchTo", world.breaker, this.stripe, MODE_FORCED_OPEN, nowMs, world.freed] };
  }

  configure(policy: number, nowMs: number, slot: number): Call {
    const { world } = this;
    return {
      call: () => ["configure", world.breaker, this.stripe, policy, nowMs, world.freed],
      returned: (result) => world.set(FIRST_TICKET + slot, result + 2),
    };
  }

  /** Repairs after the thread of that index, once it has died. */
  recover(index: number): Call {
    return {
      call: () => ["recover", REGISTRY_ADDRESS, index],
      returned: () => this.world.set(IS_REPAIRED, 1),
      when: (isKilled) => isKilled,
    };
  }
}

/** Makes a plan out of a world and scripts. */
export function planOf(
  world: World,
  threads: readonly Script[],
  rest: Omit<Plan, "threads" | "ghost">,
): MadePlan {
  return { world, plan: { threads, ghost: world.ghosts, ...rest } };
}

export function actorsOf(world: World): Actor[] {
  return world.cores.map((_, index) => new Actor(world, index));
}

/** Makes a call before the threads begin. */
export function prepare(world: World, { call, returned }: Call): void {
  const [name, ...values] = call()!;
  const exports = world.exports as unknown as Record<string, (...all: number[]) => number>;
  returned?.(exports[name]!(...values));
}
