import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCommentedJson } from "../../../src/cli/options/commented-json.ts";

function readValue(text: string): unknown {
  return parseCommentedJson(text).value;
}

function faultOf(text: string): string {
  try {
    return `no fault: ${JSON.stringify(readValue(text))}`;
  } catch (error) {
    const { place, message } = error as { place: string; message: string };
    return `${place} ${message}`;
  }
}

describe("JSON with comments", () => {
  it("is JSON where there are no comments", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, "\t"), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(readValue(text)).toEqual(JSON.parse(text));
      }),
      { seed: 7 },
    );
  });

  it("has line comments, block comments and a comma after the last member", () => {
    const text = '\uFEFF// first\n{ /* a\n*/ "a": [1, 2,], // "b": 3\n"url": "http://x/*y*/",\r\n}\n// end';
    expect(readValue(text)).toEqual({ a: [1, 2], url: "http://x/*y*/" });
  });

  it.each([
    [
      "",
      "1:1 expected a value: an object, an array, a string, a number, true, false or null, but the file ends",
    ],
    ['{"a": yes}', "1:7 expected a value: an object, an array, a string, a number, true, false or null"],
    ['{"a": 1 "b": 2}', "1:9 expected , or }"],
    ["{a: 1}", "1:2 expected a key in double quotes"],
    ["{'a': 1}", "1:2 expected a key in double quotes"],
    ['{"a" 1}', "1:6 expected :"],
    ['{\n  "a": "x\n"}', "2:8 this string has no end in its line, or a wrong character or escape in it"],
    ['{"a": "\\x"}', "1:7 this string has no end in its line, or a wrong character or escape in it"],
    ['{"a": 1}\n{', "2:1 expected the end of the file"],
    ["[1,,2]", "1:4 expected a value: an object, an array, a string, a number, true, false or null"],
    ["[1", "1:3 expected , or ], but the file ends"],
    ['{"a": 1,\n "a": 2}', '2:2 the key "a" is there twice'],
    ["/* a", "1:1 this comment has no end"],
    ["01", "1:2 expected the end of the file"],
    [`${"[".repeat(60)}`, "1:52 nested deeper than 50"],
  ])("says where %j is wrong", (text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  it("never quotes the file, in which secrets may be", () => {
    expect(faultOf('{"header": {"authorization": "secret"')).not.toContain("secret");
    expect(faultOf('{"header": secret}')).not.toContain("secret");
  });

  it("knows the place of each key and element", () => {
    const { placeOf } = parseCommentedJson('{\n  "a": [true,\n    false],\n  "b": {"c": null}\n}');
    expect(placeOf(["a"])).toBe("2:3");
    expect(placeOf(["a", 1])).toBe("3:5");
    expect(placeOf(["b", "c"])).toBe("4:9");
    expect(placeOf([])).toBe("1:1");
  });

  it("keeps a key that is the name of a prototype", () => {
    expect(Object.keys(readValue('{"__proto__": 1, "constructor": 2}') as object)).toEqual([
      "__proto__",
      "constructor",
    ]);
  });
});
