/** The format of exported state: what is written, and what is refused when it is read. */
import { describe, expect, it } from "vitest";
import { STATE_CLOSED, STATE_HALF_OPEN, STATE_OPEN, STATE_RETURNING } from "../../assembly/layout.ts";
import { resolveOptions } from "../../src/breaker/options.ts";
import type { BreakerState } from "../../src/core/state.ts";
import { type ExportedBreaker, type ExportedState, StateWriter } from "../../src/features/export-format.ts";
import { isImportError } from "../../src/features/import-error.ts";
import { type ImportedBreaker, readExport } from "../../src/features/read-export.ts";
import { sent } from "./archive-fixture.ts";

const MAXIMUM_TIME_MS = 46_000 * 86_400_000;
const STATE: BreakerState = {
  nowMs: 1_050,
  state: STATE_CLOSED,
  mode: 0,
  level: 2,
  deadlineMs: 900,
  delayMs: 100.5,
  totals: {
    succeeded: 3,
    failed: 2,
    slow: 1,
    refusedOpen: 4,
    refusedForcedOpen: 0,
    refusedThrottled: 6,
    refusedBusy: 5,
    late: 3,
    opened: 1,
  },
  consecutiveFailures: 1,
  probeSuccesses: 0,
  window: {
    endMs: 1_100,
    widthMs: 100,
    buckets: [
      { calls: 5, failures: 2, slow: 1 },
      { calls: 0, failures: 0, slow: 0 },
    ],
  },
  outcomes: Uint8Array.of(0, 1, 2, 3, 1),
};
const BREAKER: ImportedBreaker = {
  name: "a",
  options: resolveOptions({
    detector: [
      { kind: "success_rate_over_time_window", windowMs: 200, buckets: 2, slowCallMs: 10 },
      { kind: "success_rate_over_count_window", calls: 5 },
    ],
    backoff: { kind: "exponential", initialMs: 1.1, factor: 1.7, maximumMs: 1_000, jitter: "decorrelated" },
    halfOpen: { probes: 3, successesToClose: 2, probeTimeoutMs: 5.5, ramp: { shares: [0.1, 0.7] } },
    decayMs: 0.1,
    timeoutMs: 3,
  }),
  state: STATE,
};
const DATA = write([BREAKER]);
const [SAMPLE] = DATA.breakers as [ExportedBreaker];

function write(breakers: readonly ImportedBreaker[]): ExportedState {
  const writer = new StateWriter();
  for (const { name, options, state } of breakers) writer.add(name, options, state);
  return sent(writer.data);
}

/** The error that reading some data throws. */
function errorOf(data: unknown) {
  try {
    readExport(data);
  } catch (error) {
    if (isImportError(error)) return error;
    throw error;
  }
  return undefined;
}

/** The data with another breaker in it. */
function withBreaker(change: object): unknown {
  return { ...DATA, breakers: [{ ...SAMPLE, ...change }] };
}

describe("exported state", () => {
  it("is what the document says", () => {
    expect(DATA).toEqual({
      format: "bluesmoke",
      version: 1,
      count: 1,
      options: [BREAKER.options],
      breakers: [
        {
          name: "a",
          options: 0,
          atMs: 1_050,
          state: "closed",
          mode: "enabled",
          deadlineMs: 900,
          level: 2,
          delayMs: 100.5,
          consecutiveFailures: 1,
          totals: {
            succeeded: 3,
            failed: 2,
            slow: 1,
            refusedOpen: 4,
            refusedThrottled: 6,
            refusedBusy: 5,
            late: 3,
            opened: 1,
          },
          window: { endMs: 1_100, buckets: [[5, 2, 1]] },
          outcomes: "01231",
        },
      ],
    });
  });

  it("has everything that was put in, to the last bit", () => {
    const empty = { window: undefined, outcomes: new Uint8Array(0) };
    const halfOpen = { ...STATE, ...empty, state: STATE_HALF_OPEN, probeSuccesses: 1 };
    const ramp = { ...STATE, state: STATE_RETURNING, probeSuccesses: 1_023 };
    const open = { ...STATE, ...empty, state: STATE_OPEN, deadlineMs: MAXIMUM_TIME_MS + 0.1 };
    const forced = {
      ...STATE,
      ...empty,
      state: STATE_OPEN,
      mode: 2,
      deadlineMs: Number.POSITIVE_INFINITY,
      delayMs: Number.POSITIVE_INFINITY,
    };
    const most = {
      ...STATE,
      nowMs: MAXIMUM_TIME_MS,
      window: undefined,
      level: 2 ** 31 - 1,
      totals: { ...STATE.totals, failed: 2 ** 52, refusedForcedOpen: 2 ** 52 },
      consecutiveFailures: 2 ** 31 - 1,
      deadlineMs: -MAXIMUM_TIME_MS,
      delayMs: 2 ** -149,
    };
    const breakers = [STATE, halfOpen, ramp, open, forced, most].map((state, index) => ({
      ...BREAKER,
      name: `breaker ${index}`,
      state,
    }));
    expect(readExport(write(breakers))).toEqual(breakers);
  });

  it("has 0 for -0, which JSON does not tell apart", () => {
    const { breakers } = write([{ ...BREAKER, state: { ...STATE, deadlineMs: -0, nowMs: 1_050 } }]);
    const writer = new StateWriter();
    writer.add("a", BREAKER.options, { ...STATE, deadlineMs: -0 });
    expect(writer.data.breakers[0]?.deadlineMs).toBe(0);
    expect(breakers[0]?.deadlineMs).toBe(0);
    const [read] = readExport(withBreaker({ deadlineMs: -0, level: -0 }));
    expect([read?.state.deadlineMs, read?.state.level]).toEqual([0, 0]);
  });

  it("has the same options once, without functions", () => {
    const writer = new StateWriter();
    for (let i = 0; i < 100; i++) {
      const classify = () => "ignored" as const;
      writer.add(`breaker ${i}`, resolveOptions({ classify, fallback: () => i, timeoutMs: 5 }), STATE);
    }
    expect(writer.data.options).toEqual([resolveOptions({ timeoutMs: 5 })]);
  });

  it("has a backoff that was given as a function as its steps", () => {
    const options = resolveOptions({ backoff: (level: number) => 10 + level, decayMs: 5 });
    const [read] = readExport(
      write([{ ...BREAKER, options, state: { ...STATE, window: undefined, outcomes: new Uint8Array(0) } }]),
    );
    expect(read?.options).toEqual(options);
    expect(read?.options.backoff.kind).toBe("steps");
  });

  it("has calls scaled down, and their rates, where there are more than one window holds", () => {
    const calls = 0x7f00_0000;
    const bucket = { calls, failures: calls / 4, slow: 0 };
    const windowOf = (buckets: NonNullable<BreakerState["window"]>["buckets"]) => {
      const window = { ...STATE.window!, buckets };
      return readExport(write([{ ...BREAKER, state: { ...STATE, window } }]))[0]?.state.window?.buckets;
    };
    const small = STATE.window!.buckets[0]!;
    expect(windowOf([bucket, small])).toEqual([bucket, small]);
    expect(windowOf([bucket, bucket])?.[0]).toEqual({ calls: calls / 2, failures: calls / 8, slow: 0 });
  });

  it("keeps its names through JSON, whatever they are", () => {
    const names = [
      "a",
      "\u0000",
      "日本",
      "💥",
      "\ud800",
      "\udfff\ud800",
      "__proto__",
      "toString",
      "x".repeat(1_024),
    ];
    const breakers = names.map((name) => ({ ...BREAKER, name }));
    expect(readExport(write(breakers)).map(({ name }) => name)).toEqual(names);
  });
});

describe("data that is refused", () => {
  it.each<[unknown, string, string]>([
    [undefined, "foreign", "got undefined"],
    [null, "foreign", "got null"],
    ["{}", "foreign", "got a text: parse it first"],
    [5, "foreign", "got 5"],
    [[], "foreign", "got an array of 0"],
    [new Uint8Array(5), "foreign", "got an object"],
    [{ format: "other" }, "foreign", "got an object"],
    [{ ...DATA, version: 2 }, "version", "version must be 1, got 2"],
    [{ ...DATA, version: "1" }, "version", 'version must be 1, got "1"'],
    [{ ...DATA, version: undefined }, "version", "version must be 1, got undefined"],
    [{ ...DATA, breakers: [] }, "truncated", "breakers must be 1, got 0"],
    [{ ...DATA, count: 2 }, "truncated", "breakers must be 2, got 1"],
    [{ ...DATA, count: undefined }, "damaged", "count must be a number, got undefined"],
    [{ ...DATA, count: -1 }, "content", "count must be a whole number from 0 to 4294967295, got -1"],
    [{ ...DATA, breakers: undefined }, "damaged", "breakers must be an array, got undefined"],
    [{ ...DATA, breakers: [5] }, "damaged", "breakers[0]: it must be an object, got 5"],
    [{ ...DATA, breakers: [[]] }, "damaged", "breakers[0]: it must be an object, got an array of 0"],
    [{ ...DATA, options: {} }, "damaged", "options must be an array, got an object"],
    [{ ...DATA, options: [] }, "content", "options must be 1 to 1, got 0"],
    [{ ...DATA, options: [{}, {}] }, "content", "options must be 1 to 1, got 2"],
    [{ ...DATA, options: [undefined] }, "damaged", "options[0] must be an object of options, got undefined"],
    [{ ...DATA, options: [null] }, "content", "options[0]: options must be an object, got null"],
    [{ ...DATA, options: [{ decayMs: -1 }] }, "content", "options[0]: decayMs must be 0 to 86400000, got -1"],
    [{ ...DATA, options: [{ decay: 1 }] }, "content", 'options[0]: unknown option "decay"'],
    [{ ...DATA, extra: 1 }, "damaged", 'data must be without "extra"'],
  ])("%j has the fault %s: %s", (data, fault, message) => {
    const error = errorOf(data);
    expect(error).toMatchObject({ name: "ImportError", code: "ERR_IMPORT", fault });
    expect(error?.message).toContain(message);
  });

  const { window: WINDOW } = SAMPLE;
  const inBucket = (...bucket: unknown[]) => ({ window: { ...WINDOW, buckets: [bucket] } });
  const open = { state: "open", window: undefined, outcomes: undefined };
  it.each<[object, string, string]>([
    [{ name: undefined }, "damaged", "breakers[0]: name must be a text, got undefined"],
    [{ name: "" }, "content", 'breakers[0] "": name must have 1 to 1024 characters, got 0'],
    [{ name: "x".repeat(1_025) }, "content", ": name must have 1 to 1024 characters, got 1025"],
    [{ options: 1 }, "content", 'breakers[0] "a": options must be a whole number from 0 to 0, got 1'],
    [{ options: "0" }, "damaged", 'breakers[0] "a": options must be a number, got "0"'],
    [{ options: 0.5 }, "content", "options must be a whole number from 0 to 0, got 0.5"],
    [{ state: "shut" }, "damaged", 'state must be one of "closed", "open", "half_open", "ramp", got "shut"'],
    [
      { mode: undefined },
      "damaged",
      'mode must be one of "enabled", "disabled", "forced_open", "shadow", got',
    ],
    [{ ...open, mode: "disabled" }, "content", 'state "open" in mode "disabled"'],
    [{ mode: "forced_open" }, "content", 'state "closed" in mode "forced_open"'],
    [{ atMs: -1 }, "content", "atMs must be 0 to 3974400000000 (ms), got -1"],
    [{ atMs: null }, "damaged", "atMs must be a number of ms, got null"],
    [{ atMs: Number.NaN }, "damaged", "atMs must be a number of ms, got NaN"],
    [{ atMs: "Infinity" }, "content", "atMs must be 0 to 3974400000000 (ms), got Infinity"],
    [{ atMs: MAXIMUM_TIME_MS + 1 }, "content", "atMs must be 0 to 3974400000000 (ms), got"],
    [{ deadlineMs: 1_051 }, "content", "deadlineMs must be -3974400000000 to 1050 (ms), got 1051"],
    [{ deadlineMs: undefined }, "damaged", "deadlineMs must be a number of ms, got undefined"],
    [{ deadlineMs: Number.POSITIVE_INFINITY }, "damaged", "deadlineMs must be a number of ms, got Infinity"],
    [
      { ...open, deadlineMs: "Infinity" },
      "content",
      "deadlineMs must be -3974400000000 to 7948800000000 (ms)",
    ],
    [{ ...open, mode: "forced_open" }, "content", "deadlineMs must be Infinity (ms), got 900"],
    [{ delayMs: -1 }, "content", "delayMs must be 0 to Infinity (ms), got -1"],
    [{ delayMs: "1" }, "damaged", 'delayMs must be a number of ms, got "1"'],
    [{ level: 2 ** 31 }, "content", "level must be a whole number from 0 to 2147483647, got 2147483648"],
    [
      { consecutiveFailures: 2 ** 31 },
      "content",
      "consecutiveFailures must be a whole number from 0 to 2147483647",
    ],
    [
      { totals: { late: 2 ** 53 } },
      "content",
      "totals.late must be a whole number from 0 to 4503599627370496, got 9007199254740992",
    ],
    [
      { totals: { slow: -1 } },
      "content",
      "totals.slow must be a whole number from 0 to 4503599627370496, got -1",
    ],
    [{ totals: { opened: "1" } }, "damaged", 'totals.opened must be a number, got "1"'],
    [{ totals: { refused: 1 } }, "damaged", 'totals must be without "refused"'],
    [{ totals: [] }, "damaged", "totals must be an object, got an array of 0"],
    [{ late: 1 }, "damaged", 'must be without "late"'],
    [{ probeSuccesses: 1 }, "content", "probeSuccesses must be a whole number from 0 to 0, got 1"],
    [
      { ...open, state: "half_open", probeSuccesses: 1_024 },
      "content",
      "probeSuccesses must be a whole number from 0 to 1023",
    ],
    [{ state: "open" }, "content", 'breakers[0] "a": a window in state "open"'],
    [{ window: [] }, "damaged", "window must be an object, got an array of 0"],
    [{ window: { ...WINDOW, endMs: 1_050 } }, "content", "window.endMs must be above 1050, got 1050"],
    [
      { window: { ...WINDOW, endMs: 1_150.5 } },
      "content",
      "window.endMs must be 1050 to 1150 (ms), got 1150.5",
    ],
    [{ window: { ...WINDOW, widthMs: 5 } }, "damaged", 'window must be without "widthMs"'],
    [{ window: { ...WINDOW, buckets: [0] } }, "damaged", "window.buckets[0]: it must be an array, got 0"],
    [{ window: { ...WINDOW, buckets: [[1], [], []] } }, "content", "window.buckets must be at most 2, got 3"],
    [inBucket(1, 1), "damaged", "window.buckets[0]: it must be three numbers, got an array of 2"],
    [inBucket(5, 6, 0), "content", "window.buckets[0]: failures must be a whole number from 0 to 5, got 6"],
    [inBucket(5, 0, 6), "content", "window.buckets[0]: slow must be a whole number from 0 to 5, got 6"],
    [
      inBucket(5, 0.5, 0),
      "content",
      "window.buckets[0]: failures must be a whole number from 0 to 5, got 0.5",
    ],
    [
      inBucket(2 ** 31, 0, 0),
      "content",
      "window.buckets[0]: calls must be a whole number from 0 to 2131706432",
    ],
    [
      { window: { ...WINDOW, buckets: Array(2).fill([2e9, 0, 0]) } },
      "content",
      "window must have at most 2131706432 calls",
    ],
    [{ outcomes: "000000" }, "content", "outcomes must be at most 5, got 6"],
    [{ outcomes: "01x" }, "damaged", 'outcomes must be digits from 0 to 3, got "x"'],
    [{ outcomes: "4" }, "damaged", 'outcomes must be digits from 0 to 3, got "4"'],
    [{ outcomes: [1] }, "damaged", "outcomes must be a text, got an array of 1"],
    [{ generation: 1 }, "damaged", 'breakers[0]: it must be without "generation"'],
  ])("a breaker with %j has the fault %s: %s", (change, fault, message) => {
    const error = errorOf(withBreaker(change));
    expect(error?.message).toContain(message);
    expect(error?.fault).toBe(fault);
  });

  it("has windows of detectors that are not there", () => {
    const options = [resolveOptions({ detector: "consecutive_failures" })];
    expect(errorOf({ ...DATA, options })?.message).toContain('breakers[0] "a": a window without detector');
    const breakers = [{ ...SAMPLE, window: undefined }];
    expect(errorOf({ ...DATA, options, breakers })?.message).toContain("outcomes must be at most 0, got 5");
  });

  it("has a ramp where the options have none", () => {
    const halfOpen = { ...BREAKER.options.halfOpen, ramp: undefined };
    const data = {
      ...DATA,
      options: [{ ...BREAKER.options, halfOpen }],
      breakers: [{ ...SAMPLE, state: "ramp" }],
    };
    expect(errorOf(data)?.message).toContain('breakers[0] "a": state "ramp" in mode "enabled"');
  });

  it("has two breakers of one name", () => {
    const breakers = ["a", "b", "a"].map((name) => ({ ...SAMPLE, name }));
    expect(errorOf({ ...DATA, count: 3, breakers })?.message).toBe(
      'data describes an impossible breaker: breakers[2].name is there twice: "a"',
    );
  });

  it("has only inherited properties", () => {
    const error = errorOf({ ...DATA, breakers: [Object.create(SAMPLE)] });
    expect(error?.message).toContain("breakers[0]: name must be a text, got undefined");
  });

  it("has options that JSON cannot have", () => {
    const cycle: Record<string, unknown> = {};
    cycle.halfOpen = cycle;
    for (const options of [{ decayMs: 5n }, cycle, () => {}]) {
      expect(errorOf({ ...DATA, options: [options] })?.fault).toBe("damaged");
    }
  });

  it("leaves functions among the options out", () => {
    const classify = () => "ignored" as const;
    const [read] = readExport({ ...DATA, options: [{ ...BREAKER.options, classify }] });
    expect(read?.options).toEqual(BREAKER.options);
  });
});
