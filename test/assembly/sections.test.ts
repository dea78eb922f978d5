import { describe, expect, it } from "vitest";
import { releaseBase64 } from "../../build/release.ts";
import { sharedBase64 } from "../../build/shared.ts";
import { WASM_FLAVOURS } from "../flavours.ts";

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

/** Names of the sections of a module, read off its bytes. */
function sectionsOf(base64: string): string[] {
  const bytes = Buffer.from(base64, "base64");
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
  ["release", releaseBase64],
  ["shared", sharedBase64],
])("the %s module", (flavour, base64) => {
  it("has no state of its own: no global, table, start, element or data section", () => {
    expect(sectionsOf(base64)).toEqual(["type", "import", "function", "export", "code"]);
  });

  it("imports nothing but its memory", () => {
    const delivery = WASM_FLAVOURS.find(({ name }) => name === flavour)!.delivery;
    expect(WebAssembly.Module.imports(delivery.module())).toEqual([
      { module: "env", name: "memory", kind: "memory" },
    ]);
  });
});

describe("the builds", () => {
  it("differ only in the memory that they take", () => {
    for (const { delivery } of WASM_FLAVOURS) {
      const memory = (shared: boolean) =>
        shared
          ? new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared })
          : new WebAssembly.Memory({ initial: 1 });
      const instantiate = (shared: boolean) =>
        new WebAssembly.Instance(delivery.module(), { env: { memory: memory(shared) } });
      expect(() => instantiate(delivery.shared)).not.toThrow();
      expect(() => instantiate(!delivery.shared)).toThrow(WebAssembly.LinkError);
    }
  });

  it("export the same functions", () => {
    const [first, ...rest] = WASM_FLAVOURS.map(({ delivery }) =>
      WebAssembly.Module.exports(delivery.module()),
    );
    for (const exports of rest) expect(exports).toEqual(first);
  });
});
