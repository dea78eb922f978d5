/** Bytes whose checksum is right and whose content is not; and what the format itself promises. */

import { describe, expect, it } from "vitest";
import { STATE_CLOSED, STATE_HALF_OPEN, STATE_OPEN } from "../../assembly/layout.ts";
import { Archive, pack } from "../../src/breaker/archive/archive.ts";
import type { Capture } from "../../src/breaker/archive/capture.ts";
import { crc32 } from "../../src/breaker/archive/checksum.ts";
import { resolveOptions } from "../../src/breaker/options/options.ts";
import type { BreakerContent } from "../../src/core/content.ts";

const MAXIMUM_TIME_MS = 46_000 * 86_400_000;
const CONTENT: BreakerContent = {
  nowMs: 1_050,
  state: STATE_CLOSED,
  mode: 0,
  level: 2,
  deadlineMs: 900,
  delayMs: 100.5,
  late: 3,
  refused: 4,
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
const CAPTURE: Capture = {
  name: "a",
  options: resolveOptions({
    detector: [
      { kind: "success_rate_over_time_window", windowMs: 200, buckets: 2, slowCallMs: 10 },
      { kind: "success_rate_over_count_window", calls: 5 },
    ],
    backoff: { kind: "exponential", initialMs: 1.1, factor: 1.7, maximumMs: 1_000, jitter: "decorrelated" },
    halfOpen: { probes: 3, successesToClose: 2, probeTimeoutMs: 5.5 },
    decayMs: 0.1,
  }),
  content: CONTENT,
};

const { window: WINDOW } = CONTENT as BreakerContent & { window: NonNullable<BreakerContent["window"]> };
const [BUCKET, EMPTY_BUCKET] = WINDOW.buckets as [(typeof WINDOW.buckets)[0], (typeof WINDOW.buckets)[0]];
const withBucket = (bucket: Partial<typeof BUCKET>) => ({
  window: { ...WINDOW, buckets: [{ ...BUCKET, ...bucket }, EMPTY_BUCKET] },
});
const OPEN = { state: STATE_OPEN, window: undefined };

function unpack(bytes: Uint8Array): readonly Capture[] {
  return [...new Archive(bytes)];
}

describe("an archive", () => {
  it("holds everything that was put in, to the last bit", () => {
    const halfOpen = { ...CONTENT, state: STATE_HALF_OPEN, window: undefined, probeSuccesses: 1 };
    const captures = [CAPTURE, { ...CAPTURE, name: "b", content: halfOpen }];
    expect(unpack(pack(captures))).toEqual(captures);
  });

  it("holds the options of any number of breakers once", () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ ...CAPTURE, name: `b${index}` }));
    expect(pack(many).length).toBeLessThan(pack([CAPTURE]).length + 100 * 70);
  });

  it("begins with what its format says, and ends with a checksum that others reckon the same", () => {
    const bytes = pack([]);
    expect(Array.from(bytes.subarray(0, 8))).toEqual([0xb5, 0x62, 0x6c, 0x75, 0x65, 0x0d, 0x0a, 0x1a]);
    expect(bytes.length).toBe(22);
    expect(crc32(new TextEncoder().encode("123456789")), "the check value of CRC-32").toBe(0xcbf4_3926);
  });

  it("scales calls down, and keeps their rates, where there are more than one window holds", () => {
    const calls = 0x7f00_0000;
    const full = { ...WINDOW, buckets: [{ calls, failures: calls / 4, slow: 0 }, BUCKET] };
    const twice = { ...full, buckets: [full.buckets[0]!, full.buckets[0]!] };
    const [once, scaled] = [full, twice].map((window) => {
      const [{ content } = CAPTURE] = unpack(pack([{ ...CAPTURE, content: { ...CONTENT, window } }]));
      return content.window;
    });
    expect(once).toEqual(full);
    expect(scaled?.buckets[0]).toEqual({ calls: calls / 2, failures: calls / 8, slow: 0 });
  });
});

describe("an archive that says what cannot be", () => {
  it.each<[Partial<BreakerContent>, string]>([
    [{ state: 3, window: undefined }, "has state 3 in mode 0"],
    [{ ...OPEN, mode: 1 }, "has state 1 in mode 1"],
    [{ mode: 2 }, "has state 0 in mode 2"],
    [{ nowMs: -1 }, "was looked at at -1 ms"],
    [{ nowMs: Number.NaN }, "was looked at at NaN ms"],
    [{ nowMs: MAXIMUM_TIME_MS + 1 }, "was looked at at"],
    [{ deadlineMs: 1_051 }, "has a deadline at 1051 ms"],
    [{ deadlineMs: Number.NaN }, "has a deadline at NaN ms"],
    [{ ...OPEN, deadlineMs: Number.POSITIVE_INFINITY }, "has a deadline at Infinity ms"],
    [{ ...OPEN, mode: 2 }, "has a deadline at 900 ms"],
    [{ delayMs: -1 }, "was open for -1 ms"],
    [{ delayMs: Number.NaN }, "was open for NaN ms"],
    [{ level: 2 ** 31 }, "has level 2147483648"],
    [{ probeSuccesses: 1 }, "has 1 successful probes"],
    [{ state: STATE_HALF_OPEN, window: undefined, probeSuccesses: 1_024 }, "has 1024 successful probes"],
    [{ state: STATE_OPEN }, "has a window though it is not closed"],
    [{ window: { ...WINDOW, endMs: 1_050 } }, "has a bucket that ends at 1050 ms"],
    [{ window: { ...WINDOW, endMs: 1_150.5 } }, "has a bucket that ends at 1150.5 ms"],
    [withBucket({ failures: 6 }), "has more failures or slow calls than calls"],
    [withBucket({ slow: 6 }), "has more failures or slow calls than calls"],
    [{ outcomes: new Uint8Array(6) }, "has 6 calls in its count window"],
  ])("%j is refused", (change, message) => {
    const bytes = pack([{ ...CAPTURE, content: { ...CONTENT, ...change } }]);
    expect(() => unpack(bytes)).toThrow(`these bytes say what no breaker can be: breaker "a" ${message}`);
  });

  it("is refused when windows are of detectors that are not there", () => {
    const options = resolveOptions({ detector: "consecutive_failures" });
    expect(() => unpack(pack([{ ...CAPTURE, options }]))).toThrow("has calls of no time window");
    const content = { ...CONTENT, window: undefined };
    expect(() => unpack(pack([{ ...CAPTURE, options, content }]))).toThrow("has 5 calls in its count window");
  });

  it("is refused when a name is empty, too long or there twice", () => {
    const named = (...names: string[]) => pack(names.map((name) => ({ ...CAPTURE, name })));
    expect(() => unpack(named(""))).toThrow("a breaker without a name");
    expect(() => unpack(named("x".repeat(1_025)))).toThrow("a text of 1025 characters");
    expect(() => unpack(named("a", "b", "a"))).toThrow("two breakers of one name");
  });

  it("is refused when an option is out of range, with the words of the option's own error", () => {
    const options = { ...CAPTURE.options, decayMs: -1 };
    expect(() => unpack(pack([{ ...CAPTURE, options }]))).toThrow("options: decayMs must be a number from 0");
  });
});
