import { beforeAll, describe, expect, it } from "vitest";
import { policyOfGates } from "../../bench/goodput/policy.ts";
import { POLICIES, playScoreboard, type Scoreboard, settingsOf } from "../../bench/goodput/scoreboard.ts";
import { simulate } from "../../bench/goodput/simulation.ts";
import { missingPeers } from "../../bench/peers.ts";
import { Random } from "../../bench/random.ts";
import { CallQueue } from "../../src/replay/scenario/call-queue.ts";
import { Endpoint } from "../../src/replay/scenario/endpoint.ts";
import type { Gate } from "../../src/replay/scenario/gate.ts";
import { SCENARIOS } from "../../src/replay/scenario/scenarios.ts";

const OUTAGE = SCENARIOS.find(({ name }) => name === "full outage of 30 s")!;
const THIRD = SCENARIOS.find(({ name }) => name === "a third of the capacity")!;
const SETTING = { callsPerSecond: 30, clients: 1, answerMs: 100, failureCost: 0 };

/** Remembers what it is asked and told. */
class RecordingGate implements Gate {
  readonly log: [string, number][] = [];

  admit(nowMs: number): number {
    this.log.push(["admit", nowMs]);
    return 1;
  }

  succeed(_ticket: number, nowMs: number): void {
    this.log.push(["succeed", nowMs]);
  }

  fail(_ticket: number, nowMs: number): void {
    this.log.push(["fail", nowMs]);
  }
}

describe("the scoreboard", () => {
  let first: Scoreboard;
  let second: Scoreboard;

  beforeAll(async () => {
    first = await playScoreboard("short", undefined, [THIRD, OUTAGE]);
    second = await playScoreboard("short", undefined, [THIRD, OUTAGE]);
  }, 60_000);

  it("is the same in every run", () => {
    expect(second).toEqual(first);
  });

  it("has exact figures", () => {
    const figuresOf = (name: string) =>
      Object.fromEntries(
        first.cells
          .filter(({ scenario, policy }) => scenario === name && !/opossum|cockatiel/.test(policy))
          .map(({ policy, good, failed, refused }) => [policy, [good, failed, refused]]),
      );
    expect(figuresOf(THIRD.name)).toEqual({
      none: [3_001, 2_399, 0],
      "bluesmoke, defaults": [2_013, 405, 2_982],
      "bluesmoke, ramp": [2_705, 294, 2_401],
      "bluesmoke, throttle": [3_000, 454, 1_946],
      "SRE formula, K = 2": [2_772, 2_258, 370],
      "Envoy's admission control": [2_831, 1_079, 1_490],
      "semian's PID": [2_758, 620, 2_022],
    });
    expect(figuresOf(OUTAGE.name)).toEqual({
      none: [2_700, 900, 0],
      "bluesmoke, defaults": [2_571, 69, 960],
      "bluesmoke, ramp": [2_248, 69, 1_283],
      "bluesmoke, throttle": [2_683, 42, 875],
      "SRE formula, K = 2": [2_700, 900, 0],
      "Envoy's admission control": [2_258, 513, 829],
      "semian's PID": [2_399, 142, 1_059],
    });
  });

  it("finds every call again: good, failed or refused", () => {
    for (const { offered, good, failed, refused, policy } of first.cells) {
      expect(good + failed + refused, policy).toBe(offered);
    }
  });

  it("offers the same calls to all policies", () => {
    expect([...new Set(first.cells.map(({ scenario, offered }) => `${scenario}: ${offered}`))]).toEqual([
      `${THIRD.name}: ${30 * 180}`,
      `${OUTAGE.name}: ${30 * 120}`,
    ]);
  });

  it("sums up its scenarios, and compares with the best policy of each setting", () => {
    const { scenarios, sum } = first;
    expect(sum.settings).toBe(2);
    for (const row of sum.rows) {
      const parts = scenarios.map(({ rows }) => rows.find(({ policy }) => policy === row.policy)!);
      expect(row.good).toBe(parts[0]!.good + parts[1]!.good);
      expect(row.share).toBeCloseTo((parts[0]!.share + parts[1]!.share) / 2, 12);
      expect(row.leastShare).toBe(Math.min(parts[0]!.leastShare, parts[1]!.leastShare));
    }
    for (const { rows } of scenarios) expect(Math.max(...rows.map(({ share }) => share))).toBe(1);
  });

  it("leaves out the packages that are not installed, and no other policy", () => {
    const names = first.sum.rows.map(({ policy }) => policy);
    expect(first.missing).toHaveLength(missingPeers().length);
    expect([...names, ...first.missing].sort()).toEqual(POLICIES.map(({ name }) => name).sort());
  });

  it.skipIf(missingPeers().length > 0)(
    "has exact figures of other packages, and gives back the clock that it fakes",
    () => {
      expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(60_000);
      const figures = first.cells
        .filter(({ policy }) => /opossum|cockatiel/.test(policy))
        .map(({ policy, good, failed, refused }) => [policy, good, failed, refused]);
      expect(figures).toEqual([
        ["opossum 10", 2_679, 596, 2_125],
        ["cockatiel 4", 2_057, 467, 2_876],
        ["opossum 10", 2_694, 123, 783],
        ["cockatiel 4", 2_637, 38, 925],
      ]);
    },
  );

  it("plays all loads, latencies and numbers of clients in full, and costs of failures where they matter", () => {
    const settings = settingsOf("full", THIRD);
    expect(settings).toHaveLength(3 * 2 * 3 * 2);
    expect(new Set(settings.map((one) => JSON.stringify(one))).size).toBe(settings.length);
    expect(settingsOf("full", OUTAGE)).toHaveLength(3 * 2 * 3);
  });
});

describe("the throttle", () => {
  const THROTTLE = POLICIES.find(({ name }) => name === "bluesmoke, throttle")!;
  const DEFAULTS = POLICIES.find(({ name }) => name === "bluesmoke, defaults")!;
  const SRE = POLICIES.find(({ name }) => name.startsWith("SRE"))!;
  const BROWNOUT = SCENARIOS.find(({ name }) => name.startsWith("brownout"))!;
  const SETTINGS = [0, 0.5].flatMap((failureCost) =>
    [100, 500].map((answerMs) => ({ callsPerSecond: 300, clients: 1, answerMs, failureCost })),
  );
  const CASES = [THIRD, BROWNOUT].flatMap((scenario) =>
    SETTINGS.map((setting) => ({ scenario, setting, ...scenario, ...setting })),
  );

  it.each(CASES)(
    "leaves 0.98 of the good calls of the best policy, and fewer failed ones than the SRE formula: $name, answers after $answerMs ms, a failing call costs $failureCost",
    async ({ scenario, setting }) => {
      const { good, failed, recoverMs } = await simulate(THROTTLE, scenario, setting);
      for (const policy of POLICIES.filter(({ peer }) => peer === undefined)) {
        const other = await simulate(policy, scenario, setting);
        expect(good / other.good, policy.name).toBeGreaterThanOrEqual(0.98);
        if (policy === SRE) expect(failed).toBeLessThanOrEqual(other.failed);
      }
      expect(recoverMs).toBeLessThanOrEqual(10_000); // back at all calls within a window
    },
  );

  it.each([30, 300])(
    "makes at most 1.2 times the failed calls of the binary breaker in a full outage of %d calls a second",
    async (callsPerSecond) => {
      for (const answerMs of [0, 500]) {
        const setting = { callsPerSecond, clients: 1, answerMs, failureCost: 0 };
        const { failed } = await simulate(THROTTLE, OUTAGE, setting);
        expect(failed / (await simulate(DEFAULTS, OUTAGE, setting)).failed).toBeLessThanOrEqual(1.2);
      }
    },
  );

  it("never makes more failed calls than the SRE formula, in any scenario", async () => {
    for (const scenario of SCENARIOS) {
      const { failed } = await simulate(THROTTLE, scenario, SETTING);
      expect(failed, scenario.name).toBeLessThanOrEqual((await simulate(SRE, scenario, SETTING)).failed);
    }
  });
});

describe("a simulation", () => {
  it("fails the calls of an outage, and no other", async () => {
    const none = POLICIES[0]!;
    expect(await simulate(none, OUTAGE, SETTING)).toEqual({
      offered: 3_600,
      good: 2_700,
      failed: 900,
      refused: 0,
      noticeMs: null,
      recoverMs: null,
    });
  });

  it("reports each call when it ends, and never goes back in time", async () => {
    const gate = new RecordingGate();
    await simulate(
      policyOfGates("recording", () => gate),
      OUTAGE,
      SETTING,
    );
    const times = gate.log.map(([, nowMs]) => nowMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const admitted = gate.log.flatMap(([what, nowMs]) => (what === "admit" ? nowMs + SETTING.answerMs : []));
    expect(gate.log.flatMap(([what, nowMs]) => (what === "admit" ? [] : nowMs))).toEqual(admitted);
  });

  it("measures when a client notices, and when it has recovered", async () => {
    const between = (fromMs: number, toMs: number) => (nowMs: number) =>
      nowMs >= fromMs && nowMs < toMs ? 0 : 1;
    const refusing = (admit: (nowMs: number) => number) =>
      simulate(
        policyOfGates("refusing", () => ({ admit, succeed() {}, fail() {} })),
        OUTAGE,
        SETTING,
      );
    const slotMs = 1_000 / 30;
    const late = await refusing(between(32_000, 70_000));
    expect(late.refused).toBe(38 * 30);
    expect(late.noticeMs).toBeGreaterThanOrEqual(2_000);
    expect(late.noticeMs).toBeLessThan(2_000 + slotMs);
    expect(late.recoverMs).toBeLessThan(10_000);
    expect(late.recoverMs).toBeGreaterThan(10_000 - slotMs);
    expect((await refusing(between(40_000, 50_000))).recoverMs).toBe(0);
    expect(await refusing(between(0, 20_000))).toMatchObject({ refused: 600, noticeMs: null });
  });

  it("refuses to lose a call", async () => {
    const lossy = {
      name: "lossy",
      create: () => ({ clients: [{ offer: () => undefined, settle: () => undefined }] }),
    };
    await expect(simulate(lossy, OUTAGE, SETTING)).rejects.toThrow(
      "lossy, full outage of 30 s: 0 + 0 + 0 is not 3600",
    );
  });
});

describe("the endpoint of a simulation", () => {
  /** Good calls of 30 s with twice the capacity of 100 calls a second. */
  function goodCalls(failureCost: number, excess?: "queue"): number {
    const endpoint = new Endpoint(200, 0, failureCost);
    const phase = { lengthMs: 30_000, capacity: 0.5, ...(excess && { excess }) };
    let good = 0;
    for (let call = 0; call < 6_000; call++) {
      endpoint.serve(call * 5, phase, 0);
      if (endpoint.isGood) good++;
    }
    return good;
  }

  it("bears its capacity and a burst where failures are free, and nothing where they take all of it", () => {
    expect(goodCalls(0)).toBe(3_009);
    expect(goodCalls(0.5)).toBeLessThan(30);
  });

  it("answers late instead of failing where it queues, until clients give up", () => {
    expect(goodCalls(0, "queue")).toBe(3_100);
    const endpoint = new Endpoint(200, 0, 0);
    const phase = { lengthMs: 30_000, capacity: 0.5, excess: "queue" } as const;
    for (let call = 0; call < 100; call++) endpoint.serve(0, phase, 0);
    expect(endpoint.durationMs).toBe(990);
    endpoint.serve(0, phase, 0);
    expect([endpoint.isGood, endpoint.durationMs]).toEqual([false, 1_000]);
  });
});

describe("the queue of a simulation", () => {
  it("gives calls back by time, and those of the same time in their order", () => {
    const random = new Random(7);
    const queue = new CallQueue();
    const calls = Array.from({ length: 500 }, (_, client) => ({
      client,
      luck: 0,
      ticket: 0,
      beganMs: 0,
      endsMs: random.below(50),
      isGood: true,
    }));
    for (const call of calls.slice(0, 300)) queue.push(call);
    const early = Array.from({ length: 100 }, () => queue.pop());
    for (const call of calls.slice(300)) queue.push(call);
    const late = Array.from({ length: 400 }, () => queue.pop());
    const byTime = (some: typeof calls) =>
      [...some].sort((a, b) => a.endsMs - b.endsMs || a.client - b.client);
    expect(early).toEqual(byTime(calls.slice(0, 300)).slice(0, 100));
    expect(late).toEqual(byTime(calls.filter((call) => !early.includes(call))));
    expect(queue.nextMs).toBe(Number.POSITIVE_INFINITY);
  });
});
