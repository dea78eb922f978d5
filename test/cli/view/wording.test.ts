import { describe, expect, it } from "vitest";
import { sentenceOf } from "../../../src/cli/view/wording.ts";
import {
  type CircuitBreakerEvent,
  type CircuitBreakerOptions,
  CircuitBreakerRegistry,
} from "../../../src/entry/main.ts";

/** What is said while the outcomes are reported, one each 10 ms. */
function sentencesOf(name: string, options: CircuitBreakerOptions, outcomes: string): string[] {
  const registry = new CircuitBreakerRegistry({ seed: 1, clock: () => 0 });
  const breaker = registry.get(name, options);
  const said: string[] = [];
  const say = (event: CircuitBreakerEvent) => said.push(sentenceOf(event, breaker.options.detector));
  for (const kind of ["opened", "half_opened", "closed", "disabled"] as const) breaker.on(kind, say);
  let nowMs = 1_000;
  for (const outcome of outcomes) {
    nowMs += 10;
    if (outcome === ".") nowMs += 10_000;
    const ticket = breaker.tryAcquire(nowMs);
    if (outcome === "-") breaker.onFailure(ticket, nowMs);
    else breaker.onSuccess(ticket, nowMs, outcome === "s" ? 500 : 1);
  }
  return said;
}

const CONSTANT = { kind: "constant", delayMs: 1_500 } as const;

describe("a breaker event as a sentence", () => {
  it("says how many failed, the limit, and when it tries again", () => {
    const options: CircuitBreakerOptions = { backoff: CONSTANT };
    expect(sentencesOf("payments", options, `${"+".repeat(15)}-----`)).toEqual([
      "breaker payments opened: 5 of 20 calls in 10 s failed (75 % < 80 %), retry in 1.5 s",
    ]);
  });

  it("tells of failures in a row, of probes, and of the way back", () => {
    const detector = { kind: "consecutive_failures", failures: 2 } as const;
    expect(sentencesOf("payments", { detector, backoff: CONSTANT }, "--.")).toEqual([
      "breaker payments opened: 2 calls failed in a row, retry in 1.5 s",
      "breaker payments half-open: the delay has ended, a probe may pass",
      "breaker payments closed: the probe succeeded",
    ]);
  });

  it("names the failure that opened it, in one line", () => {
    const detector = { kind: "consecutive_failures", failures: 1 } as const;
    const breaker = new CircuitBreakerRegistry().get("payments", { detector, backoff: CONSTANT });
    const said: string[] = [];
    breaker.on("opened", (event) => said.push(sentenceOf(event, breaker.options.detector)));
    breaker.onFailure(breaker.tryAcquire(0), 0, 1, 1, 0, new Error("the line\nis cut"));
    breaker.reset(0);
    breaker.trip(0);
    expect(said).toEqual([
      "breaker payments opened: a call failed, last error: the line is cut, retry in 1.5 s",
      "breaker payments opened: it was tripped, retry in 1.5 s",
    ]);
  });

  it("tells of a gradual return, and of calls that hang", () => {
    const detector = { kind: "consecutive_failures", failures: 1 } as const;
    const halfOpen = { ramp: { shares: [0.9], stepMs: 5_000 } };
    expect(sentencesOf("payments", { detector, backoff: CONSTANT, halfOpen }, "-..").slice(1)).toEqual([
      "breaker payments half-open: the delay has ended, a probe may pass",
      "breaker payments half-open: the probe succeeded, a growing share may pass",
      "breaker payments closed: all calls may pass again",
    ]);
    const registry = new CircuitBreakerRegistry({ seed: 1, clock: () => 0 });
    const window = { kind: "success_rate_over_time_window", minimumCalls: 2, hungAfterMs: 1_000 } as const;
    const breaker = registry.get("payments", { detector: window, backoff: CONSTANT });
    const said: string[] = [];
    breaker.on("opened", (event) => said.push(sentenceOf(event)));
    breaker.tryAcquire(0);
    breaker.tryAcquire(0);
    breaker.check(2_000);
    expect(said).toEqual(["breaker payments opened: 2 of 2 calls failed or hang, retry in 1.5 s"]);
  });

  it("tells of slow calls", () => {
    const detector = {
      kind: "success_rate_over_time_window",
      minimumCalls: 4,
      slowCallMs: 100,
      maximumSlowRate: 0.4,
    } as const;
    expect(sentencesOf("payments", { detector, backoff: CONSTANT }, "++ss")).toEqual([
      "breaker payments opened: 2 of 4 calls in 10 s took longer than 100 ms (50 % > 40 %), retry in 1.5 s",
    ]);
  });

  it("says what a breaker in shadow mode would have done", () => {
    const detector = { kind: "consecutive_failures", failures: 2 } as const;
    const [first] = sentencesOf("payments", { detector, backoff: CONSTANT, mode: "shadow" }, "--");
    expect(first).toMatch(/^breaker payments would have opened: 2 calls failed in a row/);
  });

  it("keeps a name from moving the cursor", () => {
    const detector = { kind: "consecutive_failures", failures: 1 } as const;
    const [first] = sentencesOf("a\u001b[2J\nb\u202e", { detector, backoff: CONSTANT }, "-");
    expect(first).toMatch(/^breaker a \[2J b {2}opened: /);
  });
});
