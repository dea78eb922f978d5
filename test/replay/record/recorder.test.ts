import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry, configure, exportState, importState } from "../../../src/entry/main.ts";
import { OP_FAILURE, OP_REFUSED, OP_SUCCESS } from "../../../src/replay/record/format.ts";
import { record } from "../../../src/replay/record/recorder.ts";
import { decodeRecording, readRecords } from "../../../src/replay/record/recording.ts";
import { repeatRecording } from "../../../src/replay/record/repeat.ts";

const START_MS = 1_767_225_600_000;

/** Every record as a tuple. */
function recordsOf(
  bytes: Uint8Array,
): [op: number, name: string, atMs: number, argument: number, weight: number][] {
  const recording = decodeRecording(bytes);
  const list: [number, string, number, number, number][] = [];
  readRecords(recording, ({ op, endpoint, atMs, argument, weight }) => {
    list.push([op, recording.header.endpoints[endpoint]!.name, atMs, argument, weight]);
  });
  return list;
}

describe("a recorder", () => {
  it("keeps endpoint, time, duration and outcome of each call, and what was refused", () => {
    const registry = new CircuitBreakerRegistry({
      defaults: { detector: { kind: "consecutive_failures", failures: 2 } },
    });
    const recorder = record(registry);
    const [a, b] = [registry.get("a"), registry.get("b")];
    a.onSuccess(a.tryAcquire(START_MS), START_MS + 1.5, 1.5);
    b.onFailure(b.tryAcquire(START_MS + 2), START_MS + 3);
    b.onFailure(b.tryAcquire(START_MS + 200_000), START_MS + 200_001, 30_000.25);
    expect(b.tryAcquire(START_MS + 200_002)).toBe(0);
    const records = recordsOf(recorder.bytes()).filter(([op]) => op !== 2);
    expect(records).toEqual([
      [OP_SUCCESS, "a", START_MS + 1.5, 1.5, 1],
      [OP_FAILURE, "b", START_MS + 3, Number.NaN, 1],
      [OP_FAILURE, "b", START_MS + 200_001, 30_000.25, 1],
      [OP_REFUSED, "b", START_MS + 200_002, Number.NaN, 1],
    ]);
    expect(decodeRecording(recorder.bytes()).header.inexact).toBeNull();
  });

  it("takes four bytes for a call of unknown duration, eight with it", () => {
    const sizeOf = (durationMs: number | undefined) => {
      const registry = new CircuitBreakerRegistry();
      const recorder = record(registry);
      const breaker = registry.get("a");
      for (let i = 0; i < 10_000; i++) {
        breaker.onSuccess(breaker.tryAcquire(START_MS + i / 4), START_MS + i / 4, durationMs);
      }
      return decodeRecording(recorder.bytes()).words.byteLength / 10_000;
    };
    expect(sizeOf(undefined)).toBeCloseTo(4, 1);
    expect(sizeOf(12.25)).toBeCloseTo(8, 1);
  });

  it("overwrites the oldest calls when the ring is full, counts them, and keeps the newest", () => {
    const registry = new CircuitBreakerRegistry();
    const recorder = record(registry, { bytes: 4_096 });
    const breaker = registry.get("a");
    for (let i = 0; i < 10_000; i++) breaker.onSuccess(breaker.tryAcquire(START_MS + i), START_MS + i, 1);
    const records = recordsOf(recorder.bytes()).filter(([op]) => op === OP_SUCCESS);
    expect(recorder.dropped).toBeGreaterThan(9_000);
    expect(records.at(-1)?.[2]).toBe(START_MS + 9_999);
    expect(records.map(([, , atMs]) => atMs)).toEqual(
      records.map((_, index) => START_MS + 10_000 - records.length + index),
    );
    expect(decodeRecording(recorder.bytes()).header.inexact).toMatch(/earlier outcomes were overwritten$/);
  });

  it("times calls of execute unless it is told not to", async () => {
    for (const durations of [true, false]) {
      const registry = new CircuitBreakerRegistry();
      const recorder = record(registry, { durations });
      await registry.get("a").execute(() => 1);
      const [call] = recordsOf(recorder.bytes()).filter(([op]) => op === OP_SUCCESS);
      expect((call?.[3] ?? -1) >= 0).toBe(durations);
    }
  });

  it("records no more after stop, and can then be followed by another", () => {
    const registry = new CircuitBreakerRegistry();
    const breaker = registry.get("a");
    const first = record(registry);
    expect(() => record(registry)).toThrow("the registry is being recorded: stop that recorder first");
    breaker.onSuccess(breaker.tryAcquire());
    first.stop();
    first.stop();
    breaker.onSuccess(breaker.tryAcquire());
    expect(first.outcomes).toBe(1);
    expect(recordsOf(first.bytes()).filter(([op]) => op === OP_SUCCESS)).toHaveLength(1);
    expect(Object.keys(registry._core)).not.toContain("free");
    using second = record(registry);
    breaker.onSuccess(breaker.tryAcquire());
    expect(second.outcomes).toBe(1);
    expect(decodeRecording(second.bytes()).header.inexact).toBe(
      'breaker "a" had calls before the recording began',
    );
  });

  it("says that a state which was imported cannot be replayed exactly", () => {
    const source = new CircuitBreakerRegistry();
    source.get("a").onFailure(source.get("a").tryAcquire());
    const registry = new CircuitBreakerRegistry();
    const recorder = record(registry);
    importState(registry, exportState(source));
    registry.get("a").onSuccess(registry.get("a").tryAcquire());
    expect(decodeRecording(recorder.bytes()).header.inexact).toContain('breaker "a" had calls');
  });

  it("follows a breaker that configure moves, one that is deleted, and one that is made anew", () => {
    let now = START_MS;
    const registry = new CircuitBreakerRegistry({ clock: () => now, seed: 5 });
    const events: unknown[] = [];
    for (const kind of ["opened", "half_opened", "closed"] as const)
      registry.on(kind, (event) => events.push(event));
    const recorder = record(registry);
    const fail = (name: string, calls: number) => {
      const breaker = registry.get(name);
      for (let i = 0; i < calls; i++, now++) breaker.onFailure(breaker.tryAcquire());
    };
    fail("a", 10);
    configure(registry.get("a"), { detector: { buckets: 20, minimumCalls: 5 } });
    fail("a", 10);
    registry.delete("a");
    fail("b", 30);
    fail("a", 30);
    now += 60_000;
    registry.get("a").onSuccess(registry.get("a").tryAcquire());
    const repeated = repeatRecording(decodeRecording(recorder.bytes()));
    expect(events.length).toBeGreaterThan(4);
    expect(JSON.stringify(repeated.events)).toBe(JSON.stringify(events));
    expect(repeated.differences).toBe(0);
  });

  it("names a bad option with its range", () => {
    const registry = new CircuitBreakerRegistry();
    expect(() => record(registry, { bytes: 100 })).toThrow(
      "bytes must be a whole number from 4096 to 1073741824, got 100",
    );
    expect(() => record(registry, { byte: 1 } as object)).toThrow(
      'unknown option "byte"; expected one of bytes, durations',
    );
  });
});

describe("a recording that cannot be read", () => {
  const whole = (() => {
    const registry = new CircuitBreakerRegistry();
    const recorder = record(registry);
    const breaker = registry.get("a");
    for (let i = 0; i < 100; i++) breaker.onSuccess(breaker.tryAcquire(START_MS + i), START_MS + i, 1);
    return recorder.bytes();
  })();

  it.each([
    ["empty", new Uint8Array(0), "the trace is empty at byte 0; 0 calls were read before it"],
    [
      "foreign",
      new Uint8Array(64).fill(65),
      "the trace is no recording at byte 0; 0 calls were read before it",
    ],
    ["truncated", whole.subarray(0, 20), "the header is truncated at byte 20; 0 calls were read before it"],
  ])("says what is wrong, where, and what was read before it: %s", (fault, bytes, message) => {
    expect(() => decodeRecording(bytes)).toThrow(
      expect.objectContaining({ code: "ERR_TRACE", fault, message }),
    );
  });

  it("counts the calls before the place where it is cut", () => {
    const cut = whole.subarray(0, whole.length - 40);
    expect(() => decodeRecording(cut)).toThrow(
      `the trace of ${whole.length} bytes ends at byte ${cut.length}; 95 calls were read before it`,
    );
  });

  it("names the record that is damaged", () => {
    const damaged = whole.slice();
    damaged[damaged.length - 8] = 0xf1; // form LONG, endpoint 15 of 1
    expect(() => readRecords(decodeRecording(damaged), () => {})).toThrow(
      expect.objectContaining({ fault: "damaged", read: 99 }),
    );
  });
});
