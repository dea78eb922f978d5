import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sliceOf } from "../../../src/trickle/expression/json-slice.ts";
import { SEED } from "../seed.ts";

describe("a slice of a JSON text", () => {
  it.each<[string, (string | number)[], string | undefined]>([
    ['{"a": 1.0}', ["a"], "1.0"],
    ['{"a":{"b":[1,2.50,{"c":-0}]}}', ["a", "b", 2, "c"], "-0"],
    ['{"a":{"b":[1,2.50,{"c":-0}]}}', ["a", "b", 1], "2.50"],
    [" [ 9007199254740993 , 1e400 ] ", [0], "9007199254740993"],
    [" [ 9007199254740993 , 1e400 ] ", [1], "1e400"],
    ['{"a":"x,}\\"]","b":[{"a":3}]}', ["b"], '[{"a":3}]'],
    ['{"a":"x,}\\\\","b":2}', ["b"], "2"],
    ['{"\\u0061":1.0}', ["a"], "1.0"],
    ['{"a":1,"a":2.0}', ["a"], "2.0"],
    ['{"a":{"b":1},"a":{}}', ["a", "b"], undefined],
    ['{"a":1}', ["b"], undefined],
    ['{"a":1}', [0], undefined],
    ["[1]", ["a"], undefined],
    ["[1]", [1], undefined],
    ["[]", [0], undefined],
    ["{}", ["a"], undefined],
    ["1.0", [], "1.0"],
    ["1.0", ["a"], undefined],
    [' {"a": 1 } ', [], '{"a": 1 }'],
  ])("of %s at %j is %j", (text, path, slice) => {
    expect(sliceOf(text, path)).toBe(slice);
  });

  it(`is the text of the value at the path, of any JSON (seed ${SEED})`, () => {
    const space = fc.constantFrom(0, 1, 2, "\t");
    fc.assert(
      fc.property(fc.jsonValue(), space, (value, indent) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        const text = JSON.stringify(plain, null, indent);
        for (const [path, inner] of pathsOf(plain, [])) {
          expect(JSON.parse(sliceOf(text, path) ?? "")).toEqual(inner);
        }
      }),
      { numRuns: 500, seed: SEED },
    );
  });

  it("ends for text that is no JSON", () => {
    for (const text of ['{"a', '{"a":[', '["\\', "{", '{"a":{"b"', ""]) {
      expect(() => sliceOf(text, ["a", 0])).not.toThrow();
    }
  });

  it("needs no stack for nesting", () => {
    const text = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)},"b":1.0}`;
    expect(sliceOf(text, ["b"])).toBe("1.0");
  });
});

function* pathsOf(value: unknown, path: readonly unknown[]): Generator<[unknown[], unknown]> {
  yield [[...path], value];
  if (typeof value !== "object" || value === null) return;
  const isList = Array.isArray(value);
  for (const [key, inner] of Object.entries(value))
    yield* pathsOf(inner, [...path, isList ? Number(key) : key]);
}
