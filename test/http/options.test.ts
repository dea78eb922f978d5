import { describe, expect, it } from "vitest";
import { guardFetch } from "../../src/entry/fetch.ts";
import { CircuitBreakerRegistry, isOptionError } from "../../src/entry/main.ts";
import { createSharedRegistry } from "../../src/entry/threads.ts";
import { circuitBreaker } from "../../src/entry/undici.ts";
import { isFailureStatus } from "../../src/http/options.ts";
import { counting } from "./fixture.ts";

const GUARDS = {
  circuitBreaker: (options: unknown) => circuitBreaker(options as never),
  guardFetch: (options: unknown) => guardFetch(fetch, options as never),
};

describe.each(Object.entries(GUARDS))("the options of %s", (_, guard) => {
  const breakers = counting();

  it.each<[string, object, string]>([
    ["unknown", { keys: "origin" }, 'unknown option "keys"; expected one of breakers, key, settle, '],
    ["key", { key: "host" }, 'key must be "origin" or a function of the request, got "host"'],
    ["settle", { settle: "end" }, 'settle must be one of "body", "headers", got "end"'],
    ["refuse", { refuse: "throw" }, 'refuse must be one of "error", "response", got "throw"'],
    ["statusCodes", { statusCodes: 500 }, "statusCodes must be an array of statuses, got 500"],
    ["a status", { statusCodes: [500, 5] }, "statusCodes[1] must be a whole number from 100 to 999, got 5"],
    ["classify", { classify: "5xx" }, 'classify must be a function, got "5xx"'],
    ["maximumKeys", { maximumKeys: 0 }, "maximumKeys must be a whole number from 1 to 16000000, got 0"],
  ])("are refused with what is wrong: %s", (_name, options, message) => {
    let error: unknown;
    try {
      guard({ breakers, ...options });
    } catch (thrown) {
      error = thrown;
    }
    expect(isOptionError(error)).toBe(true);
    expect((error as Error).message.startsWith(message)).toBe(true);
  });

  it("need a registry, and say how to make one", () => {
    for (const wrong of [undefined, {}, { breakers: {} }, { breakers: counting }]) {
      expect(() => guard(wrong)).toThrow(
        /^breakers must be a CircuitBreakerRegistry, as in (?:circuitBreaker\(|guardFetch\(fetch, )\{ breakers: new CircuitBreakerRegistry\(\) \}\), got /,
      );
    }
    expect(() => guard(7)).toThrow("options must be an object, got 7");
  });

  it("take any registry: also one that threads share", () => {
    expect(() => guard({ breakers: createSharedRegistry({ threads: 1 }) })).not.toThrow();
    expect(() => guard({ breakers: new CircuitBreakerRegistry(), key: "origin" })).not.toThrow();
  });
});

describe("isFailureStatus", () => {
  it("is 408, 429, and 500 to 599 but 501", () => {
    const failures = Array.from({ length: 900 }, (_, n) => n + 100).filter(isFailureStatus);
    const wanted = [408, 429, ...Array.from({ length: 100 }, (_, n) => n + 500)];
    expect(failures).toEqual(wanted.filter((status) => status !== 501));
  });
});
