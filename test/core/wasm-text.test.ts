import { describe, expect, it } from "vitest";
import { textOf } from "../../scripts/wasm-text.mjs";
import { decodeText } from "../../src/core/wasm-text.ts";

describe("the text of a Wasm module", () => {
  const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);

  it("gives back every byte", () => {
    expect(decodeText(textOf(every))).toEqual(every);
    expect(decodeText("")).toEqual(new Uint8Array(0));
  });

  it("has no character that a minifier escapes", () => {
    expect(textOf(every)).toMatch(/^[ -~]+$/);
    expect(textOf(every)).not.toMatch(/["\\]/);
  });
});
