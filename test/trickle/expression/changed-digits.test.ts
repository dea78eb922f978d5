import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mayChange } from "../../../src/trickle/expression/changed-digits.ts";
import { SEED } from "../seed.ts";

/** Any number as JSON may write it. */
const NUMBER = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(fc.constant("0"), fc.bigInt({ min: 1n, max: 10n ** 22n }).map(String)),
    fc.oneof(fc.constant(""), fc.stringMatching(/^\.\d{1,20}$/)),
    fc.oneof(fc.constant(""), fc.stringMatching(/^[eE][+-]?\d{1,3}$/)),
  )
  .map((parts) => parts.join(""));

describe("the search for numbers that change", () => {
  it(`finds every number that JavaScript writes in another way (seed ${SEED})`, () => {
    fc.assert(
      fc.property(NUMBER, fc.string(), fc.nat({ max: 3 }), (number, string, shape) => {
        const key = JSON.stringify(string);
        const text = [
          number,
          `[${key}, ${number}]`,
          `{${key}:${number}}`,
          `{${key} : {"b":[${number} ]},"c":1}`,
        ][shape]!;
        if (JSON.stringify(JSON.parse(number)) !== number) expect(mayChange(text)).toBe(true);
      }),
      { numRuns: 3_000, seed: SEED },
    );
  });

  it.each([
    "0",
    "-1",
    "[12.5,-0.25,100]",
    '{"a":123456789012345,"b":-12345678901234}',
    '{"t":"2026-01-01T00:00:00.000Z","s":"1.0, -0, 1e5","e":"\\"1.0","b":"\\\\","c":1}',
    '["\\\\\\"1.0"]',
    "",
    '"',
  ])("finds none in %s", (text) => {
    expect(mayChange(text)).toBe(false);
  });
});
