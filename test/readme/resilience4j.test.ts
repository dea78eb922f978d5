/** docs/from-resilience4j.md: its formulas against a slow model of what resilience4j does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EVENT_KINDS } from "../../src/breaker/events.ts";
import { CircuitBreaker, CircuitBreakerRegistry, events } from "../../src/entry/main.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/from-resilience4j.md"), "utf8");

// As on the page: the first test compares the texts.
const STEP = 1e-9;
const requiredSuccessRate = (percent: number): number => Math.min(1, (100 - percent) / 100 + STEP);
const maximumSlowRate = (percent: number): number => Math.max(0, percent / 100 - STEP);
function halfOpen(permitted: number, minimum: number, percent: number) {
  const deciding = Math.min(permitted, minimum);
  const opening = Math.ceil((deciding * percent) / 100); // so many failures open it again
  return {
    probes: Math.min(64, permitted),
    successesToClose: deciding - opening + 1,
    toleratedFailures: opening - 1,
  };
}

interface Outcome {
  readonly failed: boolean;
  readonly slow: boolean;
}

/** After how many outcomes resilience4j opens: when, of at least `minimum` of the last `size`, a share has reached its threshold. */
function opensAfter(
  outcomes: readonly Outcome[],
  size: number,
  minimum: number,
  failing: number,
  slow: number,
): number {
  for (let count = minimum; count <= outcomes.length; count++) {
    const window = outcomes.slice(Math.max(0, count - size), count);
    const shareOf = (of: keyof Outcome) =>
      (window.filter((outcome) => outcome[of]).length * 100) / window.length;
    if (shareOf("failed") >= failing || shareOf("slow") >= slow) return count;
  }
  return -1;
}

/** A linear congruential generator: 0 to 1. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe("docs/from-resilience4j.md", () => {
  it("has the formulas that are tested here", () => {
    const own = readFileSync(import.meta.filename, "utf8").replaceAll(/\s+/g, " ");
    const block = /```ts\n(.*?)```/s.exec(PAGE)![1]!;
    const formulas = block.slice(
      block.indexOf("const STEP"),
      block.indexOf("/** CircuitBreakerConfig.ofDefaults() */"),
    );
    const lines = formulas.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("/**"));
    expect(lines.length).toBeGreaterThan(7);
    // The formatter breaks lines as it likes.
    const bare = (text: string) => text.replaceAll(/[\s,]+/g, "");
    for (const line of lines) expect(bare(own)).toContain(bare(line));
  });

  it("opens after the same call as resilience4j, by failures and by slow calls", () => {
    const chance = chances(7);
    let opened = 0;
    for (let round = 0; round < 400; round++) {
      const size = 1 + Math.floor(chance() * 30);
      const minimum = 1 + Math.floor(chance() * size);
      const [failing, slow] = [1 + Math.floor(chance() * 100), 1 + Math.floor(chance() * 100)];
      const [badly, slowly] = [chance(), chance()];
      const outcomes = Array.from({ length: 60 }, () => ({
        failed: chance() < badly,
        slow: chance() < slowly,
      }));
      const detector = {
        kind: "success_rate_over_count_window",
        calls: size,
        minimumCalls: minimum,
        requiredSuccessRate: requiredSuccessRate(failing),
        slowCallMs: 100,
        maximumSlowRate: maximumSlowRate(slow),
      } as const;
      const breaker = new CircuitBreaker("backend", { detector });
      let calls = 0;
      for (const { failed, slow } of outcomes) {
        const ticket = breaker.tryAcquire();
        if (ticket === 0) break;
        calls++;
        if (failed) breaker.onFailure(ticket, undefined, slow ? 101 : 100);
        else breaker.onSuccess(ticket, undefined, slow ? 101 : 100);
      }
      const expected = opensAfter(outcomes, size, minimum, failing, slow);
      expect([breaker.state, calls]).toEqual(expected < 0 ? ["closed", 60] : ["open", expected]);
      if (expected > 0) opened++;
    }
    expect(opened).toBeGreaterThan(100);
    expect(opened).toBeLessThan(400);
  });

  it("decides a half-open state as resilience4j does", () => {
    const chance = chances(11);
    const verdicts = { open: 0, closed: 0 };
    for (let round = 0; round < 500; round++) {
      const permitted = 1 + Math.floor(chance() * 20);
      const minimum = 1 + Math.floor(chance() * 30);
      const percent = 1 + Math.floor(chance() * 100);
      const badly = chance();
      const outcomes = Array.from({ length: permitted }, () => ({ failed: chance() < badly, slow: false }));
      let nowMs = 1_000_000;
      const breaker = new CircuitBreaker("backend", {
        clock: () => nowMs,
        backoff: { kind: "constant", delayMs: 10 },
        halfOpen: halfOpen(permitted, minimum, percent),
      });
      breaker.trip();
      nowMs += 10;
      for (const { failed } of outcomes) {
        const ticket = breaker.tryAcquire();
        if (ticket === 0) break;
        if (failed) breaker.onFailure(ticket);
        else breaker.onSuccess(ticket);
        if (breaker.state !== "half_open") break;
      }
      // Its window has the size of the permitted calls, and judges from the smaller of that and the minimum on.
      const deciding = Math.min(permitted, minimum);
      const failed = outcomes.slice(0, deciding).filter((outcome) => outcome.failed).length;
      const verdict = (failed * 100) / deciding >= percent ? "open" : "closed";
      expect([breaker.state, permitted, minimum, percent]).toEqual([verdict, permitted, minimum, percent]);
      verdicts[verdict]++;
    }
    expect(Math.min(verdicts.open, verdicts.closed)).toBeGreaterThan(50);
  });

  it("names options, causes, states and functions that there are", () => {
    const breakers = new CircuitBreakerRegistry();
    const breaker = breakers.get("backend");
    const { prototype } = CircuitBreaker;
    for (const name of [
      "trip",
      "forceOpen",
      "disable",
      "shadow",
      "reset",
      "tryAcquire",
      "release",
      "check",
      "snapshot",
    ]) {
      expect(PAGE).toContain(`${name}(`);
      expect(prototype).toHaveProperty(name);
    }
    const seen: string[] = [];
    for (const kind of EVENT_KINDS) {
      breaker.on(kind, () => seen.push(kind));
      if (kind !== "throttled" && kind !== "restored") expect(PAGE).toContain(`\`${kind}\``);
    }
    breaker.trip();
    breaker.reset();
    breaker.shadow();
    breaker.disable();
    breaker.enable();
    expect(seen).toEqual(["opened", "reset", "shadowed", "disabled", "enabled"]);
    expect(events(breaker, { capacity: 8 })[Symbol.asyncIterator]).toBeTypeOf("function");
  });
});
