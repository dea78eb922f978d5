/** An imported breaker beside its original: on another clock, after the same calls, both show the same. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CircuitBreaker } from "../../src/breaker/breaker.ts";
import { exportState, importState } from "../../src/features/archive.ts";
import { FLAVOURS, type Flavour } from "../flavours.ts";
import type { ModelOptions } from "../model/options.ts";
import { Choices, FACES } from "../random/generator.ts";
import { inLibraryWords, OPTION_NUMBERS, optionsFrom } from "../random/options.ts";
import { sent, setUp } from "./archive-fixture.ts";

const RUNS = 300;
const START_MS = 1_000_000_000;

/** One of the two, on its clock. */
interface Twin {
  readonly breaker: CircuitBreaker;
  readonly shiftMs: number;
  /** Tickets that are out; both twins have got theirs in the same order. */
  readonly tickets: number[];
}

const LATER = [0, 0, 0, 1, 7, 60, 100, 333, 1_000, 10_000] as const;
const ACTIONS = [
  "acquire",
  "acquire",
  "succeed",
  "fail",
  "fail",
  "release",
  "check",
  "trip",
  "switch",
] as const;
const SWITCHES = ["enable", "enable", "shadow", "disable", "forceOpen", "reset"] as const;

/** Does one thing, made of some numbers, to a twin; the time here is the first one's. */
function act({ breaker, shiftMs, tickets }: Twin, numbers: readonly number[], firstMs: number): void {
  const nowMs = firstMs + shiftMs;
  const choices = new Choices(numbers.slice(1));
  const action = choices.pick(ACTIONS);
  const [weight, durationMs] = [choices.pick([1, 1, 1, 2, 5]), choices.pick([0, 0, 20, 6_000])];
  const ticket = () => tickets.splice(choices.number() % Math.max(tickets.length, 1), 1)[0] ?? 0;
  if (action === "acquire") {
    const got = breaker.tryAcquire(nowMs);
    if (got !== 0) tickets.push(got);
  } else if (action === "succeed") breaker.onSuccess(ticket(), nowMs, durationMs, weight);
  else if (action === "fail") breaker.onFailure(ticket(), nowMs, durationMs, weight);
  else if (action === "release") breaker.release(ticket(), nowMs);
  else if (action === "check") breaker.check(nowMs);
  else if (action === "trip") breaker.trip(nowMs, choices.number());
  else if (choices.number() % 8 === 0) breaker[choices.pick(SWITCHES)](nowMs);
}

function show({ breaker, shiftMs, tickets }: Twin, firstMs: number): object {
  const { generation: _, opened: __, ...shown } = breaker.snapshot(firstMs + shiftMs); // an opening is not in an export
  return { ...shown, tickets: tickets.length };
}

/**
 * Whole milliseconds only, so that another clock shows every time exactly. No call hangs, and none is refused as busy: those
 * that are out stay behind, and what the original counts of them goes wrong when one ends 190 buckets late (docs/adr/0016).
 */
function exactOptions(numbers: readonly number[]): ModelOptions {
  const { timeWindow, maximumPending: _pending, ...options } = optionsFrom(new Choices(numbers));
  const { hungAfterMs: _, ...rule } = timeWindow ?? {};
  const window = timeWindow && { timeWindow: rule as typeof timeWindow };
  return { ...options, ...window, delaysMs: [100, 200, 400], jitter: "none" };
}

/** A shift by whole buckets, where their length is a short binary fraction; -1: to a clock that has just begun. */
function shiftFor({ timeWindow }: ModelOptions, buckets: number): number {
  const widthMs = timeWindow ? timeWindow.windowMs / timeWindow.buckets : 1;
  if (!Number.isInteger(widthMs * 4)) return 0;
  return (buckets === -1 ? -Math.floor(START_MS / widthMs) : buckets) * widthMs;
}

function compareTwins(flavour: Flavour) {
  const number = fc.nat(FACES - 1);
  const numbers = (length: number) => fc.array(number, { minLength: length, maxLength: length });
  const steps = fc.array(numbers(6), { minLength: 1, maxLength: 60, size: "max" });
  return fc.property(numbers(OPTION_NUMBERS), fc.integer({ min: -1, max: 1e6 }), steps, steps, (...given) => {
    const [optionNumbers, buckets, before, after] = given;
    const options = exactOptions(optionNumbers);
    const there = setUp(flavour, {}, START_MS).registry;
    const first: Twin = { breaker: there.get("a", inLibraryWords(options)), shiftMs: 0, tickets: [] };
    let nowMs = START_MS;
    for (const step of before) {
      nowMs += new Choices(step).pick(LATER);
      act(first, step, nowMs);
    }
    const shiftMs = shiftFor(options, buckets);
    const here = setUp(flavour, {}, nowMs + shiftMs).registry;
    importState(here, sent(exportState(first.breaker, nowMs)));
    for (const ticket of first.tickets.splice(0)) first.breaker.release(ticket, nowMs);
    const second: Twin = { breaker: here.get("a"), shiftMs, tickets: [] };
    expect(show(second, nowMs)).toEqual(show(first, nowMs));
    for (const step of after) {
      nowMs += new Choices(step).pick(LATER);
      act(first, step, nowMs);
      act(second, step, nowMs);
      expect(show(second, nowMs)).toEqual(show(first, nowMs));
    }
  });
}

/** Calls at some times, exported; then the same window on a clock that cuts time elsewhere. */
function compareWindows(flavour: Flavour) {
  const time = fc.double({ min: 0, max: 3_000, noNaN: true });
  const shape = fc.record({
    windowMs: fc.integer({ min: 7, max: 1_500 }),
    buckets: fc.integer({ min: 1, max: 7 }),
  });
  const shift = fc.double({ min: -START_MS, max: 2e9, noNaN: true });
  return fc.property(
    shape,
    fc.array(time, { minLength: 1 }),
    time,
    shift,
    ({ windowMs, buckets }, times, at, shiftMs) => {
      const kind = "success_rate_over_time_window";
      const detector = { kind, windowMs, buckets, requiredSuccessRate: 0 } as const;
      const there = setUp(flavour, { detector }, START_MS).registry.get("a");
      for (const afterMs of times.toSorted((a, b) => a - b)) {
        there.onSuccess(there.tryAcquire(START_MS + afterMs), START_MS + afterMs);
      }
      const nowMs = Math.max(START_MS + at, START_MS + Math.max(...times));
      const here = setUp(flavour, {}, nowMs + shiftMs).registry;
      importState(here, sent(exportState(there, nowMs)));
      const widthMs = windowMs / buckets;
      const rounding = 1e-5; // ms, of a clock that shows two billion
      for (let laterMs = 0; laterMs < windowMs + 2 * widthMs; laterMs += widthMs / 7) {
        const calls = here.get("a").snapshot(nowMs + shiftMs + laterMs).calls;
        const least = there.snapshot(nowMs + laterMs + rounding).calls;
        const most = there.snapshot(Math.max(nowMs, nowMs + laterMs - widthMs - rounding)).calls;
        expect(calls, `${laterMs} ms later`).toBeGreaterThanOrEqual(least);
        expect(calls, `${laterMs} ms later`).toBeLessThanOrEqual(most);
      }
    },
  );
}

describe.each(FLAVOURS)("an imported breaker of the $name core", (flavour) => {
  it("gives the same verdicts as its original from there on, on a clock with another zero", () => {
    fc.assert(compareTwins(flavour), { numRuns: RUNS });
  });

  it("keeps each call as long as its original or, where the clocks cut time elsewhere, up to a bucket longer", () => {
    fc.assert(compareWindows(flavour), { numRuns: RUNS });
  });
});
