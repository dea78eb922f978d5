import { describe, expect, it } from "vitest";
import { excerptOf, messageOf, textOf } from "../../src/ndjson/malformed.ts";

describe("the text of a malformed item", () => {
  it("is whole, with its bytes only where they are not UTF-8", () => {
    const text = "ä".repeat(500);
    expect(textOf(new TextEncoder().encode(text))).toEqual({ text });
    const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 256);
    expect(textOf(bytes)).toEqual({
      text: Buffer.from(bytes).toString(),
      base64: Buffer.from(bytes).toString("base64"),
    });
  });

  it("is at most 200 characters of what is too long", () => {
    const head = new TextEncoder().encode("😀".repeat(250));
    expect(excerptOf(head, 5_000)).toEqual({ text: "😀".repeat(100), bytes: 5_000 });
  });

  it("has the first line of an error", () => {
    expect(messageOf(new SyntaxError("bad\nat 1"))).toBe("bad");
    expect(messageOf("thrown")).toBe("thrown");
  });
});
