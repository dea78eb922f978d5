/** One policy in one scenario and setting: event after event, in simulated time. */
import type { Scenario } from "../../src/replay/scenario/scenarios.ts";
import { type Figures, type Setting, World } from "../../src/replay/scenario/world.ts";
import type { Policy } from "./policy.ts";

const SEED = 11;

/** @throws Error when a call is neither good nor failed nor refused. */
export async function simulate(policy: Policy, scenario: Scenario, setting: Setting): Promise<Figures> {
  const run = new World(scenario, setting, SEED);
  const { clients } = setting;
  const instance = await policy.create({ clients, seed: SEED, traffic: run });
  try {
    for (;;) {
      const isEnd = run.goOn();
      if (run.nowMs === Number.POSITIVE_INFINITY) return run.figures(policy.name);
      instance.advance?.(run.nowMs);
      const call = isEnd ? run.end() : run.take();
      const client = instance.clients[call.client]!; // there are as many
      const pending = isEnd ? client.settle(call, run.nowMs) : client.offer(call, run.nowMs);
      if (pending !== undefined) await pending;
    }
  } finally {
    instance.dispose?.();
  }
}
