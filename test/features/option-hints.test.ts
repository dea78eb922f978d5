import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../src/breaker/options.ts";
import { isOptionError, objectOption } from "../../src/breaker/validate.ts";
import { CircuitBreaker, CircuitBreakerRegistry, hintOf } from "../../src/entry/main.ts";
import { withHint } from "../../src/features/option-hints.ts";

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("did not throw");
}

describe("the hint of an error about an unknown option", () => {
  it.each([
    ["windwMs", "windowMs"],
    ["windowMS", "windowMs"],
    ["window_ms", "windowMs"],
    ["window", "windowMs"],
    ["widnowMs", "windowMs"],
    ["bucket", "buckets"],
    ["bukcets", "buckets"],
    ["minimumcalls", "minimumCalls"],
  ])("%s was probably %s", (key, near) => {
    const keys = ["windowMs", "buckets", "minimumCalls"];
    expect(hintOf(thrownBy(() => objectOption("options", { [key]: 1 }, keys)))).toBe(
      `did you mean "${near}"?`,
    );
  });

  it.each(["x", "", "calls", "bck", "__proto__x"])("%j was none of the options that there are", (key) => {
    const error = thrownBy(() => objectOption("o", { [key]: 1 }, ["first", "second"]));
    expect(hintOf(error)?.startsWith("did you mean") ?? false).toBe(false);
  });

  it.each([
    [{ slowCallMs: 5 }, "slowCallMs is an option of detector"],
    [{ slow_call_ms: 5 }, "slow_call_ms is an option of detector"],
    [{ failures: 5 }, "failures is an option of detector"],
    [{ initialMs: 5 }, "initialMs is an option of backoff"],
    [{ probes: 5 }, "probes is an option of halfOpen"],
    [{ shares: [] }, "shares is an option of halfOpen.ramp"],
    [{ halfOpen: { windowMs: 5 } }, "windowMs is an option of detector"],
    [{ detector: { decayMs: 5 } }, "decayMs is an option of breakers"],
    [{ signal: 5 }, "signal is an option of calls"],
    [{ defaults: 5 }, "defaults is an option of a registry"],
    [{ onError: 5 }, "onError is an option of a registry"],
    [{ seed: 5 }, "seed is an option of a registry"],
    [{ clock: 5 }, "clock is an option of a registry"],
    [{ detector: { failures: 5 } }, undefined], // of a detector of another kind
    [{ colour: 5 }, undefined],
  ])("%j: says where it belongs", (options, hint) => {
    expect(hintOf(thrownBy(() => resolveOptions(options)))).toBe(hint);
  });

  it("is had for what the two classes and a call refuse", () => {
    const breaker = new CircuitBreaker("a");
    expect(hintOf(thrownBy(() => new CircuitBreakerRegistry({ default: {} } as never)))).toBe(
      'did you mean "defaults"?',
    );
    expect(hintOf(thrownBy(() => breaker.execute(() => 1, { timeout: 5 } as never)))).toBe(
      'did you mean "timeoutMs"?',
    );
  });

  it("is none for any other error, or for what is no error", () => {
    expect(hintOf(thrownBy(() => resolveOptions({ decayMs: -1 })))).toBeUndefined();
    expect(hintOf(new Error('unknown option "a"; expected one of ab'))).toBeUndefined();
    expect(hintOf(undefined)).toBeUndefined();
  });

  it("is added to the message, and the rest of the error stays", () => {
    const error = thrownBy(() => resolveOptions({ detector: { windwMs: 5 } })) as never;
    const hinted = withHint(error);
    expect(isOptionError(hinted)).toBe(true);
    expect(hinted).toBeInstanceOf(TypeError);
    expect(hinted.option).toBe("detector.windwMs");
    expect(hinted.message).toMatch(/^unknown option "detector.windwMs"; .*; did you mean "windowMs"\?$/);
    const other = thrownBy(() => resolveOptions({ decayMs: -1 })) as never;
    expect(withHint(other)).toBe(other);
  });
});
