/** What threads do at once to a breaker with a throttle: when it begins and ends, and from which counts its share is. */
import {
  CAUSE_OVERLOADED,
  CAUSE_RELIEVED,
  MEASURE_CALLS_OFFSET,
  MEASURE_FAILURES_OFFSET,
  MEASURE_SHARE_OFFSET,
  MODE_ENABLED,
  SHARE_ONE,
} from "../../../assembly/layout.ts";
import type { Policy } from "../../../src/core/policy.ts";
import { actorsOf, type PlanMaker, planOf, prepare } from "./actor.ts";
import { expectThat, World } from "./world.ts";

const SUCCESS_RATE = 0.9;
const LEAST_SHARE = 0.1;
/** Looks back at four calls. */
const POLICY: Policy = {
  detector: [
    {
      kind: "success_rate_over_time_window",
      windowMs: 300,
      buckets: 3,
      minimumCalls: 8,
      requiredSuccessRate: 0.1,
    },
  ],
  overload: { successRate: SUCCESS_RATE, maximumRefused: 1 - LEAST_SHARE },
  delaysMs: [1_000],
  jitter: 0,
  startMode: MODE_ENABLED,
  decayMs: 0,
  probes: 1,
  successesToClose: 1,
  probeTimeoutMs: 1_000,
};

type Fate = "succeed" | "fail" | "acquire";

/**
 * After four successes each thread reports two calls, or asks. Edges are told once each, and in the end the journal says whether
 * the throttle works. `isExact`: the share is that of all calls, as where only failures are reported.
 */
function reports(fates: readonly Fate[], isExact: boolean): PlanMaker {
  return (text) => {
    const world = new World(text, POLICY, fates.length);
    const actors = actorsOf(world);
    actors.forEach((actor, slot) => {
      prepare(world, actor.acquire(5, slot));
    });
    prepare(world, actors[0]!.acquire(5, 7));
    prepare(world, actors[0]!.succeed(5, 7, 4));
    const { generation } = world;
    const scripts = actors.map((actor, index) => {
      const fate = fates[index]!;
      return [fate === "acquire" ? actor.acquire(6, 6) : actor[fate](6, index, 2)];
    });
    return planOf(world, scripts, {
      end: () => {
        world.expectSettled(generation);
        expectThat(world.generation === generation, "it has left its state");
        const causes = world.transitions().map(({ cause }) => cause);
        const began = causes.filter((cause) => cause === CAUSE_OVERLOADED).length;
        const ended = causes.filter((cause) => cause === CAUSE_RELIEVED).length;
        const measure = world.measure(0);
        const share = measure[MEASURE_SHARE_OFFSET / 4]!;
        expectThat(
          began - ended === (share < SHARE_ONE ? 1 : 0),
          `began ${began} times, ended ${ended}, share ${share}`,
        );
        if (!isExact) return;
        const calls = measure[MEASURE_CALLS_OFFSET / 4]!;
        const wanted = (calls - measure[MEASURE_FAILURES_OFFSET / 4]!) / (SUCCESS_RATE * calls);
        expectThat(
          share === Math.floor(Math.min(Math.max(wanted, LEAST_SHARE), 1) * SHARE_ONE),
          `the share is ${share / SHARE_ONE}, that of all calls ${wanted}`,
        );
      },
    });
  };
}

export const THROTTLE_PLANS: Readonly<Record<string, PlanMaker>> = {
  "throttle: two failures": reports(["fail", "fail"], true),
  "throttle: a failure and a success": reports(["fail", "succeed"], false),
  "throttle: two failures and a call that asks": reports(["fail", "fail", "acquire"], true),
};
