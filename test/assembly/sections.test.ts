import { describe, expect, it } from "vitest";
import { batchText } from "../../build/batch.ts";
import { debugText } from "../../build/debug.ts";
import { releaseText } from "../../build/release.ts";
import { sharedText } from "../../build/shared.ts";
import { smallText } from "../../build/small.ts";
import { decodeText } from "../../src/core/wasm-text.ts";

const SECTION_NAMES = [
  "custom",
  "type",
  "import",
  "function",
  "table",
  "memory",
  "global",
  "export",
  "start",
  "element",
  "code",
  "data",
  "data count",
];

const BUILDS = [
  ["debug", false, debugText],
  ["release", false, releaseText],
  ["shared", true, sharedText],
] as const;

function compile(text: string): WebAssembly.Module {
  return new WebAssembly.Module(decodeText(text));
}

/** Names of the sections of a module, read off its bytes. */
function sectionsOf(text: string): string[] {
  const bytes = Buffer.from(decodeText(text));
  expect(bytes.subarray(0, 8)).toEqual(Buffer.from([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  const sections: string[] = [];
  let at = 8;
  while (at < bytes.length) {
    sections.push(SECTION_NAMES[bytes[at]!] ?? `unknown ${bytes[at]}`);
    const [size, next] = leb128(bytes, at + 1);
    at = next + size;
  }
  expect(at).toBe(bytes.length);
  return sections;
}

function leb128(bytes: Uint8Array, start: number): [value: number, next: number] {
  let value = 0;
  for (let at = start, shift = 0; ; at++, shift += 7) {
    value |= (bytes[at]! & 0x7f) << shift;
    if ((bytes[at]! & 0x80) === 0) return [value >>> 0, at + 1];
  }
}

describe.each([
  ["release", releaseText],
  ["small", smallText],
  ["shared", sharedText],
])("the %s module", (_, text) => {
  it("has no state of its own: no global, table, start, element or data section", () => {
    expect(sectionsOf(text)).toEqual(["type", "import", "function", "export", "code"]);
  });

  it("imports nothing but its memory", () => {
    expect(WebAssembly.Module.imports(compile(text))).toEqual([
      { module: "env", name: "memory", kind: "memory" },
    ]);
  });
});

describe("the batch module", () => {
  it("has no state of its own, and imports the memory and functions of the core", () => {
    expect(sectionsOf(batchText)).toEqual(["type", "import", "function", "export", "code"]);
    const imports = WebAssembly.Module.imports(compile(batchText));
    expect(imports.map(({ module, name }) => `${module}.${name}`).sort()).toEqual([
      "core.acquire",
      "core.fail",
      "core.release",
      "core.succeed",
      "env.memory",
    ]);
  });
});

describe("the builds", () => {
  it("differ only in the memory that they take", () => {
    for (const [, isShared, text] of BUILDS) {
      const instantiate = (shared: boolean) =>
        new WebAssembly.Instance(compile(text), {
          env: { memory: new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared }) },
        });
      expect(() => instantiate(isShared)).not.toThrow();
      expect(() => instantiate(!isShared)).toThrow(WebAssembly.LinkError);
    }
  });

  it("export the same functions", () => {
    const [first, ...rest] = BUILDS.map(([, , text]) => WebAssembly.Module.exports(compile(text)));
    for (const exports of rest) expect(exports).toEqual(first);
  });
});
