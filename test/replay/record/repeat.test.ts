import { describe, expect, it } from "vitest";
import { EVENT_KINDS } from "../../../src/breaker/events.ts";
import {
  acquireBatch,
  type CircuitBreakerEvent,
  type CircuitBreakerOptions,
  CircuitBreakerRegistry,
  configure,
  createBatch,
  FAILURE,
  RELEASE,
  reportBatch,
  SUCCESS,
} from "../../../src/entry/main.ts";
import { record } from "../../../src/replay/record/recorder.ts";
import { decodeRecording } from "../../../src/replay/record/recording.ts";
import { repeatRecording } from "../../../src/replay/record/repeat.ts";
import { Choices, FACES, Generator } from "../../random/generator.ts";
import { inLibraryWords, OPTION_NUMBERS, optionsFrom } from "../../random/options.ts";

const STEPS = 1_500;

/** Random numbers, the same for the same seed. */
function chanceOf(seed: number): (below: number) => number {
  const generator = new Generator(seed);
  return (below) => (generator.number() * FACES + generator.number()) % below;
}

/** Times as a clock has them: of today in steps of 2^-12 ms, of a test in whole ms, or in any fraction. */
const CLOCKS: readonly [startMs: number, step: (chance: (below: number) => number) => number][] = [
  [1_767_225_600_000.25, (chance) => chance(200_000) / 4_096],
  [1_000, (chance) => chance(50)],
  [5, (chance) => chance(1_000) / 7],
];

const CHANGES: readonly CircuitBreakerOptions[] = [
  { decayMs: 70, backoff: { kind: "constant", delayMs: 70, jitter: "full" } },
  { detector: { windowMs: 500, buckets: 5, minimumCalls: 3 } },
  { detector: { windowMs: 500, buckets: 7, minimumCalls: 2, slowCallMs: 20 }, overload: "throttle" },
  { halfOpen: { probes: 2, successesToClose: 3, ramp: { shares: [0.5], stepMs: 40 } } },
  { halfOpen: { ramp: { shares: [] } }, overload: "none", detector: { hungAfterMs: 100 } },
];

/** Plays random calls on some breakers; returns the live events and the recording. */
function play(
  seed: number,
  bytes = 1 << 22,
): { events: CircuitBreakerEvent[]; bytes: Uint8Array; calls: number } {
  const chance = chanceOf(seed);
  const [startMs, step] = CLOCKS[chance(CLOCKS.length)]!;
  let now = startMs;
  const registry = new CircuitBreakerRegistry({ clock: () => now, seed: chance(1_000_000) });
  const events: CircuitBreakerEvent[] = [];
  for (const kind of EVENT_KINDS) registry.on(kind, (event) => events.push(event));
  const recorder = record(registry, { bytes });
  const options = () =>
    inLibraryWords(optionsFrom(new Choices(Array.from({ length: OPTION_NUMBERS }, () => chance(FACES)))));
  const names = ["a", "b", "c"];
  for (const name of names) registry.get(name, options());
  const batch = createBatch(registry, 8);
  const tickets: [name: string, ticket: number, startMs: number][] = [];
  const failing = 20 + chance(70);
  let calls = 0;
  for (let i = 0; i < STEPS; i++) {
    if (chance(3) > 0) now += step(chance);
    const name = names[chance(3)]!;
    const breaker = registry.get(name);
    const what = chance(200);
    if (what < 90) {
      const ticket = breaker.tryAcquire();
      if (ticket) tickets.push([name, ticket, now]);
    } else if (what < 180 && tickets.length > 0) {
      const [owner, ticket, start] = tickets.splice(chance(tickets.length), 1)[0]!;
      const duration = chance(2) ? now - start : undefined;
      const weight = chance(20) === 0 ? 3 : 1;
      const time = chance(30) === 0 ? now - 5 : undefined; // told of late
      const one = registry.get(owner);
      calls++;
      if (chance(100) < failing)
        one.onFailure(ticket, time, duration, weight, chance(10) ? 0 : chance(5_000));
      else if (chance(10)) one.onSuccess(ticket, time, duration, weight);
      else one.release(ticket);
    } else if (what < 188) {
      const count = 1 + chance(8);
      for (let entry = 0; entry < count; entry++) batch.breakers[entry] = registry.get(names[chance(3)]!).id;
      acquireBatch(batch, count);
      if (chance(2)) now += step(chance);
      for (let entry = 0; entry < count; entry++) {
        if (chance(4) === 0) batch.tickets[entry] = 0;
        batch.outcomes[entry] = [SUCCESS, FAILURE, RELEASE, 0][chance(4)]!;
        batch.durations[entry] = chance(2) ? Number.NaN : chance(100);
      }
      reportBatch(batch, count);
    } else if (what === 188) breaker.check();
    else if (what === 189) breaker.trip(undefined, chance(3_000));
    else if (what === 190) breaker.reset();
    else if (what === 191) breaker.shadow();
    else if (what < 195) breaker.enable();
    else if (what === 195 && chance(4) === 0) {
      registry.delete(name);
      registry.get(name, options());
    } else if (what === 196) configure(breaker, CHANGES[chance(CHANGES.length)]!);
  }
  return { events, bytes: recorder.bytes(), calls };
}

describe("replaying a recording", () => {
  it.each(Array.from({ length: 40 }, (_, index) => [index + 1]))(
    "gives the events of the live breakers to the last byte, for random options, times and calls (seed %i)",
    (index) => {
      const seed = index * 7_919;
      const live = play(seed);
      const recording = decodeRecording(live.bytes);
      expect(recording.header.inexact).toBeNull();
      const repeated = repeatRecording(recording);
      expect(live.events.length).toBeGreaterThan(0);
      expect(repeated.differences).toBe(0);
      expect(JSON.stringify(repeated.events)).toBe(JSON.stringify(live.events));
    },
  );
});
