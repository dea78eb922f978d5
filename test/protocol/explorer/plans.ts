/**
 * What simulated threads do at once, and what must hold whatever the order of their steps.
 *
 * Each plan is a breaker in some state, one script for each thread, and properties. Times are few and fixed: a thread that is
 * late or early is one whose steps come late or early.
 */
import {
  CAUSE_HUNG,
  CAUSE_RAMP_ENDED,
  CAUSE_TIME_WINDOW_RATE,
  MEASURE_CALLS_OFFSET,
  MEASURE_FAILURES_OFFSET,
  MEASURE_HUNG_OFFSET,
  MEASURE_PENDING_OFFSET,
  MINIMUM_CALLS_OFFSET,
  MODE_ENABLED,
  PROBE_SUCCESSES_BITS,
  PROBE_SUCCESSES_OFFSET,
  REQUIRED_RATE_OFFSET,
  STATE_CLOSED,
  STATE_HALF_OPEN,
  STATE_RETURNING,
} from "../../../assembly/layout.ts";
import type { DetectorRule, Policy } from "../../../src/core/policy.ts";
import { countWindowOf } from "../ring.ts";
import {
  type Actor,
  ADMITTED,
  actorsOf,
  FIRST_TICKET,
  HAS_ENDED,
  type MadePlan,
  MOST_OUT,
  type PlanMaker,
  PROBES_OUT,
  planOf,
  prepare,
  WAS_BROKEN,
} from "./actor.ts";
import type { Call } from "./explorer.ts";
import { expectThat, World } from "./world.ts";

const WINDOW: DetectorRule = {
  kind: "success_rate_over_time_window",
  windowMs: 30,
  buckets: 3,
  minimumCalls: 2,
  requiredSuccessRate: 0.5,
};
const POLICY: Policy = {
  detector: [WINDOW],
  delaysMs: [1_000],
  jitter: 0,
  startMode: MODE_ENABLED,
  decayMs: 0,
  probes: 1,
  successesToClose: 1,
  probeTimeoutMs: 1_000,
};
/** A call counts as hung two buckets after its own. */
const HUNG: Policy = { ...POLICY, detector: [{ ...WINDOW, hungAfterMs: 10 }] };

/** Whether the policy's rule about the time window is broken by what the memory has at this moment. */
function isBroken(world: World): boolean {
  const measure = world.measure(0); // as of the latest time of all threads
  const policy = world.policy;
  const calls = measure[MEASURE_CALLS_OFFSET / 4]!;
  const failures = measure[MEASURE_FAILURES_OFFSET / 4]!;
  const hung = measure[MEASURE_HUNG_OFFSET / 4]!;
  const minimum = world.at(policy + MINIMUM_CALLS_OFFSET);
  const rate = world.f64[(policy + REQUIRED_RATE_OFFSET) >>> 3]!;
  const successes = calls - failures;
  return (
    (calls >= minimum && successes / calls < rate) ||
    (calls + hung >= minimum && hung > 0 && successes / (calls + hung) < rate)
  );
}

/** Remembers whether the rule was ever broken. Until the first transition: then the window is empty. */
function lookAt(world: World, generation: number): () => void {
  return () => {
    if (world.get(WAS_BROKEN) === 0 && world.generation === generation && isBroken(world))
      world.set(WAS_BROKEN, 1);
  };
}

/** No verdict but on what there was; and none is missing in the end, unless a thread died that owed it. */
function expectVerdict(world: World, generation: number, isKilled: boolean): void {
  const records = world.expectSettled(generation);
  const first = records[0];
  if (first?.cause === CAUSE_TIME_WINDOW_RATE || first?.cause === CAUSE_HUNG) {
    expectThat(world.get(WAS_BROKEN) === 1, "opened on sums that the memory never had");
  }
  if (first === undefined && !isKilled)
    expectThat(!isBroken(world), "a verdict is missing when all have stopped");
}

/** How many of the first tickets are held. */
function heldIn(world: World): number {
  return [0, 1, 2, 3].filter((slot) => world.get(FIRST_TICKET + slot) !== 0).length;
}

/** Calls that are admitted and not reported: as many as the memory says. */
function expectPending(world: World, generation: number, expected: number): void {
  if (world.generation !== generation) return;
  const pending = world.measure(0)[MEASURE_PENDING_OFFSET / 4]!;
  expectThat(pending === expected, `${pending} calls are pending, not ${expected}`);
}

/**
 * Threads report calls that another one admitted, while buckets turn; a third one only looks, or recovers the first. Three calls
 * succeeded, three hang or fail, which is exactly as many as the rule bears: none may open the breaker.
 */
function hungCalls(threads: 2 | 3, isMortal = false): PlanMaker {
  return (text) => {
    const world = new World(text, HUNG, 3);
    const [one, two, three] = actorsOf(world) as [Actor, Actor, Actor];
    for (const [slot, actor] of [one, two, two, one].entries()) prepare(world, actor.acquire(5, slot));
    prepare(world, one.succeed(5, 3, 3));
    const { generation } = world;
    const third = isMortal ? three.recover(0) : three.check(24);
    const scripts = [[one.fail(24, 1)], [two.fail(15, 0), two.acquire(15, 3)], [third]];
    return planOf(world, scripts.slice(0, threads), {
      ...(isMortal && { mortal: 0 }),
      end: (isKilled) => {
        world.expectSettled(generation);
        expectThat(world.generation === generation, "opened although half the calls succeeded");
        if (!isKilled) expectPending(world, generation, heldIn(world));
      },
    });
  };
}

/** The clock of the thread that admits is ahead of that of the thread that reports. */
function hungAhead(text: string): MadePlan {
  const world = new World(text, HUNG, 2);
  const [one, two] = actorsOf(world) as [Actor, Actor];
  prepare(world, one.acquire(5, 0));
  prepare(world, two.acquire(5, 1));
  const { generation } = world;
  const report: Call = {
    ...two.succeed(15, 2),
    when: () => world.get(FIRST_TICKET + 2) !== 0,
  };
  return planOf(
    world,
    [
      [one.acquire(25, 2), one.fail(26, 0)],
      [two.succeed(14, 1), report],
    ],
    {
      observed: world.measuredWords,
      look: lookAt(world, generation),
      end: (isKilled) => {
        expectVerdict(world, generation, isKilled);
        expectPending(world, generation, heldIn(world));
      },
    },
  );
}

const RAMP: Policy = {
  ...POLICY,
  detector: [{ ...WINDOW, windowMs: 3_000 }],
  ramp: { shares: [0.5], stepMs: 100 },
};

/** A breaker on its ramp since 1,000 ms, with a call of slot 7 admitted. */
function onRamp(text: string, threads: number): { world: World; actors: Actor[] } {
  const world = new World(text, RAMP, threads);
  const actors = actorsOf(world);
  const [one] = actors as [Actor];
  world.exports.trip(world.breaker, one.stripe, 0, 0, world.freed);
  for (const call of one.probe(1_000, 0, "succeed")) prepare(world, call);
  expectThat(world.state === STATE_RETURNING, "the ramp has not begun");
  prepare(world, one.acquire(1_001, 7));
  expectThat(world.get(FIRST_TICKET + 7) !== 0, "the first call of the ramp is refused");
  for (const actor of actors) prepare(world, actor.check(1_002));
  world.set(ADMITTED, 1);
  return { world, actors };
}

/** Shares are exact over all threads. */
function rampShares(text: string): MadePlan {
  const { world, actors } = onRamp(text, 3);
  const { generation } = world;
  const threads = actors.map((actor, index) => [
    actor.acquire(1_010, 2 * index),
    actor.acquire(1_011, 2 * index + 1),
  ]);
  return planOf(world, threads, {
    end: () => {
      world.expectSettled(generation);
      const cell = world.at(world.breaker + PROBE_SUCCESSES_OFFSET);
      const asked = cell & ((1 << PROBE_SUCCESSES_BITS) - 1);
      expectThat(asked === 7, `7 calls asked, ${asked} were counted`);
      expectThat(world.get(ADMITTED) === 4, `4 of 7 calls must pass, not ${world.get(ADMITTED)}`);
    },
  });
}

/** Its end is one transition, whichever thread makes it, and a call that begins after it is admitted. */
function rampEnd(text: string, isMortal = false): MadePlan {
  const { world, actors } = onRamp(text, 3);
  const { generation } = world;
  const [one, two, three] = actors as [Actor, Actor, Actor];
  const later: Call = {
    ...two.acquire(1_102, 2),
    begins: () => world.set(HAS_ENDED, world.state === STATE_CLOSED ? 1 : 0),
  };
  return planOf(
    world,
    [
      [isMortal ? one.check(1_101) : one.acquire(1_050, 0)],
      [two.acquire(1_101, 1), ...(isMortal ? [two.recover(0)] : []), later],
      isMortal ? [] : [three.check(1_101)],
    ],
    {
      ...(isMortal && { mortal: 0 }),
      end: (isKilled) => {
        if (isMortal && !isKilled) return; // `later` waits for the death
        const [end, ...others] = world.expectSettled(generation);
        expectThat(end?.cause === CAUSE_RAMP_ENDED, "the ramp has not ended");
        expectThat(others.length === 0 && world.state === STATE_CLOSED, "the ramp ended twice");
        const isAdmitted = world.get(FIRST_TICKET + 2) !== 0;
        expectThat(isAdmitted || world.get(HAS_ENDED) === 0, "a call is refused after the ramp");
      },
    },
  );
}

/** A share of a half makes one call enough for a verdict; of one success, another and a failure none opens. */
function rampVerdict(text: string): MadePlan {
  const { world, actors } = onRamp(text, 3);
  const { generation } = world;
  const [one, two, three] = actors as [Actor, Actor, Actor];
  prepare(world, one.succeed(1_003, 7));
  for (const slot of [0, 1]) {
    do prepare(world, two.acquire(1_004, slot));
    while (world.get(FIRST_TICKET + slot) === 0);
  }
  return planOf(world, [[one.fail(1_020, 0)], [two.succeed(1_020, 1)], [three.check(1_040)]], {
    end: () => {
      world.expectSettled(generation);
      expectThat(world.generation === generation, "opened although half the calls succeeded");
      const { [MEASURE_CALLS_OFFSET / 4]: calls, [MEASURE_FAILURES_OFFSET / 4]: failures } = world.measure(0);
      expectThat(calls === 3 && failures === 1, `${calls} calls with ${failures} failures were counted`);
    },
  });
}

/** A stricter policy in the same block, beside a report and a control; the thread that configures may die. */
function configured(control: "reset" | "forceOpen", isMortal: boolean): PlanMaker {
  return (text) => {
    const world = new World(text, POLICY, 3);
    const [one, two, three] = actorsOf(world) as [Actor, Actor, Actor];
    const stricter = world.cores[0]!.place({
      ...POLICY,
      detector: [{ ...WINDOW, requiredSuccessRate: 0.8 }],
    }).address;
    for (const [slot, actor] of [one, two, two].entries()) prepare(world, actor.acquire(5, slot));
    prepare(world, one.succeed(6, 0));
    prepare(world, two.fail(6, 1));
    const { generation, policy } = world;
    const answer = FIRST_TICKET + 5;
    const repair = isMortal ? [two.recover(0)] : [];
    return planOf(
      world,
      [[one.configure(stricter, 7, 5)], [two.succeed(7, 2), ...repair], [three[control](7)]],
      {
        ...(isMortal && { mortal: 0 }),
        end: (isKilled) => {
          const records = world.expectSettled(generation);
          const wasDone = world.get(answer) > 1;
          if (!isKilled)
            expectThat(wasDone === (world.policy === stricter), "the policy is not that of the answer");
          expectThat(world.policy === stricter || world.policy === policy, "the policy is another one");
          // Half of the calls failed, which the new policy does not bear.
          if (wasDone) expectThat(world.generation > generation, "the new policy has not judged");
          expectThat(records.length <= 2, "more transitions than causes");
        },
      },
    );
  };
}

/** Several threads find that the delay is over; some have a probe, which succeeds or fails. */
function probing(
  threads: number,
  probes: number,
  fates: readonly ("succeed" | "fail" | "release")[],
): PlanMaker {
  return (text) => {
    const world = new World(text, { ...POLICY, probes, successesToClose: 2 }, threads);
    const actors = actorsOf(world);
    world.exports.trip(world.breaker, actors[0]!.stripe, 0, 0, world.freed);
    for (const actor of actors) prepare(world, actor.check(500));
    const { generation } = world;
    const scripts = actors.map((actor, index) => actor.probe(1_000, index, fates[index]!));
    return planOf(world, scripts, {
      look: () => expectThat(world.get(MOST_OUT) <= probes, "more probes are out than allowed"),
      end: () => {
        const [first, second, ...others] = world.expectSettled(generation);
        expectThat(first?.to === STATE_HALF_OPEN, "the delay has not ended");
        expectThat(others.length === 0, "more transitions than causes");
        const failed = fates.includes("fail");
        if (!failed)
          expectThat(second === undefined || second.to === STATE_CLOSED, "opened without a failure");
        expectThat(world.get(PROBES_OUT) === 0, "a probe is out in the end");
      },
    });
  };
}

/** Three threads judge the time window; the last report makes the verdict true, and one thread is a bucket ahead. */
function closedWindow(text: string): MadePlan {
  const rule = { ...WINDOW, windowMs: 20, buckets: 2, minimumCalls: 3 };
  const world = new World(text, { ...POLICY, detector: [rule] }, 3);
  const [one, two, three] = actorsOf(world) as [Actor, Actor, Actor];
  for (const [slot, actor] of [one, two, three, one].entries()) prepare(world, actor.acquire(5, slot));
  prepare(world, one.succeed(5, 3, 2));
  const { generation } = world;
  return planOf(world, [[one.fail(15, 0)], [two.fail(15, 1)], [three.succeed(25, 2)]], {
    observed: world.measuredWords,
    look: lookAt(world, generation),
    end: (isKilled) => expectVerdict(world, generation, isKilled),
  });
}

/** A bucket turns in one stripe while two threads judge: before and after the turn half the calls succeeded, or more. */
function turningWindow(text: string): MadePlan {
  const rule = { ...WINDOW, windowMs: 20, buckets: 2, minimumCalls: 3 };
  const world = new World(text, { ...POLICY, detector: [rule] }, 3);
  const [one, two, three] = actorsOf(world) as [Actor, Actor, Actor];
  for (const [slot, actor] of [one, two, three, three].entries()) prepare(world, actor.acquire(5, slot));
  prepare(world, three.succeed(5, 2, 2));
  prepare(world, three.fail(5, 3, 2));
  prepare(world, three.acquire(15, 2));
  prepare(world, three.succeed(15, 2, 3));
  const { generation } = world;
  return planOf(world, [[one.fail(15, 0)], [two.fail(15, 1, 2)], [three.check(25)]], {
    end: () => {
      world.expectSettled(generation);
      expectThat(world.generation === generation, "opened on sums that never were");
    },
  });
}

/** Three threads append to a count window of two calls. */
function countWindow(text: string): MadePlan {
  const rule: DetectorRule = {
    kind: "success_rate_over_count_window",
    calls: 2,
    minimumCalls: 2,
    requiredSuccessRate: 0,
  };
  const world = new World(text, { ...POLICY, detector: [rule] }, 3);
  const actors = actorsOf(world);
  for (const [slot, actor] of actors.entries()) prepare(world, actor.acquire(5, slot));
  const { generation } = world;
  const [one, two, three] = actors as [Actor, Actor, Actor];
  return planOf(world, [[one.fail(6, 0, 2)], [two.succeed(6, 1, 2)], [three.fail(6, 2, 2)]], {
    end: () => {
      world.expectSettled(generation);
      const { number, failures, recounted } = countWindowOf(
        { shape: world.placed.shape, u32: (address) => world.at(address) },
        world.breaker,
        2,
      );
      expectThat(number === 6, `6 calls ended, ${number} were counted`);
      expectThat(failures === recounted, `the head has ${failures} failures, its ring ${recounted}`);
    },
  });
}

/** Plans of the gate. */
export const PLANS: Readonly<Record<string, PlanMaker>> = {
  "hung calls: each reports those of the other": hungCalls(2),
  "hung calls: each reports those of the other, a thread dies": hungCalls(3, true),
  "hung calls: a clock ahead": hungAhead,
  "ramp: shares": rampShares,
  "ramp: its end, a thread dies": (text) => rampEnd(text, true),
  "ramp: a verdict": rampVerdict,
  "configure beside a reset": configured("reset", false),
  "configure beside a reset, a thread dies": configured("reset", true),
  "configure beside a switch": configured("forceOpen", false),
  "probes: three threads, one lease": probing(3, 1, ["succeed", "succeed", "fail"]),
  "count window: three threads": countWindow,
};

/** Plans with more states. */
export const LARGE_PLANS: Readonly<Record<string, PlanMaker>> = {
  "hung calls: three threads": hungCalls(3),
  "ramp: its end": rampEnd,
  "probes: three threads, two leases": probing(3, 2, ["succeed", "succeed", "release"]),
  "time window: a bucket turns": turningWindow,
  "time window: three threads that report": closedWindow,
};
