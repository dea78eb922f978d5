import { describe, expect, it } from "vitest";
import { itemOf, jsonLine } from "../../src/ndjson/json-text.ts";

const utf8 = new TextEncoder();

describe("jsonLine", () => {
  it("takes line breaks, indentation and outer blanks away, and nothing else", () => {
    expect(jsonLine(' {\r\n  "a": 9007199254740993,\n\t"a": "x  \\n y"\n} \n')).toBe(
      '{"a": 9007199254740993,"a": "x  \\n y"}',
    );
  });
});

describe("itemOf", () => {
  it("has the data and the text as one line", () => {
    expect(itemOf(utf8.encode("[1,\n 1e400]"), 100)).toEqual({
      data: [1, Number.POSITIVE_INFINITY],
      text: "[1,1e400]",
    });
  });

  it("says what is malformed, and where", () => {
    expect(itemOf(utf8.encode("[1"), 100, { element: 3 })).toEqual({
      malformed: { element: 3, error: expect.stringContaining("JSON"), text: "[1" },
    });
    expect(itemOf(Uint8Array.of(0x22, 0xff, 0x22), 100)).toEqual({
      malformed: { error: "not valid UTF-8", text: '"\ufffd"', base64: "Iv8i" },
    });
  });

  it("quotes the beginning of what is longer than the limit", () => {
    const text = `"${"ä".repeat(300)}"`;
    expect(itemOf(utf8.encode(text), 601)).toEqual({
      malformed: { error: "longer than 601 bytes", text: text.slice(0, 200), bytes: 602 },
    });
    expect(itemOf(utf8.encode(text), 602)).toMatchObject({ text });
  });
});
