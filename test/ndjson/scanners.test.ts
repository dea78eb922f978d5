import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LINE_BLANK, LINE_UNSURE, LINE_VALID, VERDICT_BITS } from "../../assembly/ndjson/layout.ts";
import { ndjsonText } from "../../build/ndjson.ts";
import { decodeText } from "../../src/core/wasm-text.ts";
import { BareScanner } from "../../src/ndjson/bare-scanner.ts";
import type { Item } from "../../src/ndjson/item.ts";
import { LineReader } from "../../src/ndjson/line-reader.ts";
import type { LineScanner } from "../../src/ndjson/line-scanner.ts";
import { type Scanners, scanners, scannersOver } from "../../src/ndjson/scanners.ts";
import { ScannerModule, WasmScanner } from "../../src/ndjson/wasm-scanner.ts";
import { itemsAt, said } from "./reading.ts";
import { BYTE_STRINGS, LINES, line, type Verdict, verdictOf } from "./verdict.ts";

const utf8 = new TextEncoder();
const CODES = { [LINE_VALID]: "valid", [LINE_BLANK]: "blank", [LINE_UNSURE]: "unsure" } as const;

function joined(lines: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(lines.flatMap((one) => [one, Buffer.from("\n")]));
}

/** Of each line: where it ends, and the verdict. */
function scanned(scanner: LineScanner, bytes: Uint8Array, start = 0): [end: number, verdict: string][] {
  const found: [number, string][] = [];
  for (let at = start; at < bytes.length; ) {
    const count = scanner.scan(bytes, at, bytes.length);
    const base = at;
    for (const result of scanner.results.slice(0, count)) {
      const end = base + (result >>> VERDICT_BITS);
      found.push([end, CODES[(result & ((1 << VERDICT_BITS) - 1)) as keyof typeof CODES]]);
      at = end + 1;
    }
  }
  return found;
}

function module(): ScannerModule {
  const created = ScannerModule.create();
  if (created === undefined) throw new Error("there is no WebAssembly");
  return created;
}

function wasmScanner(verdict?: number): WasmScanner {
  return new WasmScanner(module(), verdict);
}

/** What a reader makes of each line, without the numbers of lines. */
function judged(given: Scanners, lines: readonly Uint8Array[]): object[] {
  return said(itemsAt(new LineReader({ scanners: given }), joined(lines), []));
}

function isDeep(bytes: Uint8Array): boolean {
  return /^(?:\[|\{"a":){1001}/.test(Buffer.from(bytes).toString("latin1"));
}

const SUITE = [
  ...LINES.map((text) => utf8.encode(text)),
  ...BYTE_STRINGS.flatMap((bytes) => [
    Buffer.concat([Buffer.from('"'), Buffer.from(bytes), Buffer.from('"')]),
    Buffer.concat([
      Buffer.from('"'.padEnd(16, "x")),
      Buffer.from(bytes),
      Buffer.from('",1'.padStart(20, "y")),
    ]),
    Buffer.from(bytes),
    Buffer.concat([Buffer.from('"'), Buffer.from(bytes)]),
  ]),
];

describe("the module of the line scanner", () => {
  it("has no state and imports nothing but its memory", () => {
    const compiled = new WebAssembly.Module(decodeText(ndjsonText));
    expect(WebAssembly.Module.imports(compiled)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
    expect(WebAssembly.Module.exports(compiled)).toEqual([
      { name: "scan", kind: "function" },
      { name: "find", kind: "function" },
    ]);
    const ids = sectionIds(decodeText(ndjsonText));
    expect(ids).toEqual([1, 2, 3, 7, 10]); // type, import, function, export, code
  });
});

function sectionIds(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    ids.push(bytes[at++]!);
    let size = 0;
    for (let shift = 0, more = true; more; shift += 7, at++) {
      size |= (bytes[at]! & 0x7f) << shift;
      more = (bytes[at]! & 0x80) !== 0;
    }
    at += size;
  }
  return ids;
}

describe("WasmScanner", () => {
  it.each(SUITE.map((bytes) => [Buffer.from(bytes).toString("latin1").slice(0, 60), bytes] as const))(
    "says of %j what TextDecoder and JSON.parse say",
    (_, bytes) => {
      const expected = verdictOf(bytes);
      const verdict = expected === "malformed" || isDeep(bytes) ? "unsure" : expected;
      for (const text of [bytes, Buffer.concat([bytes, Buffer.from("\r")])]) {
        expect(scanned(wasmScanner(), joined([text]))).toEqual([[text.length, verdict]]);
      }
    },
  );

  it("agrees with TextDecoder and JSON.parse on generated and mutated lines, side by side", () => {
    const scanner = wasmScanner();
    const counts: Record<Verdict, number> = { valid: 0, blank: 0, malformed: 0 };
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), fc.nat(20), (lines, start) => {
        const before = new Uint8Array(start).fill(0x22);
        const bytes = Buffer.concat([before, joined(lines)]);
        let end = start - 1;
        const expected = lines.map((one) => {
          const verdict = verdictOf(one);
          counts[verdict]++;
          end += one.length + 1;
          return [end, verdict === "malformed" ? "unsure" : verdict];
        });
        expect(scanned(scanner, bytes, start)).toEqual(expected);
      }),
      { numRuns: 1_500 },
    );
    expect(counts.valid).toBeGreaterThan(2_000);
    expect(counts.malformed).toBeGreaterThan(2_000);
  });

  it("finds the same lines without judging them", () => {
    const bare = new BareScanner(LINE_UNSURE);
    const finding = wasmScanner(LINE_UNSURE);
    expect(scanned(finding, joined(SUITE))).toEqual(scanned(bare, joined(SUITE)));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        expect(scanned(finding, joined(lines))).toEqual(scanned(bare, joined(lines)));
      }),
      { numRuns: 200 },
    );
  });

  it("is sure of 1,000 brackets inside one another, and of no more", () => {
    const nested = (depth: number) => utf8.encode(`${"[".repeat(depth)}${"]".repeat(depth)}`);
    const verdicts = scanned(wasmScanner(), joined([nested(1_000), nested(1_001), nested(1_000)]));
    expect(verdicts.map(([, verdict]) => verdict)).toEqual(["valid", "unsure", "valid"]);
  });

  it("scans more lines, longer texts and longer lines than its memory holds", () => {
    const long = utf8.encode(JSON.stringify("x".repeat(200_000)));
    const short = Array.from({ length: 40_000 }, () => utf8.encode("7"));
    const wide = Array.from({ length: 300 }, () => utf8.encode(JSON.stringify("y".repeat(1_000))));
    const found = scanned(wasmScanner(), joined([...short, long, ...wide, long]));
    const verdicts = [...short.map(() => "valid"), "unsure", ...wide.map(() => "valid"), "unsure"];
    expect(found.map(([, verdict]) => verdict)).toEqual(verdicts);
  });
});

describe("a reader without WebAssembly", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("makes the same items", () => {
    const bare = scannersOver(undefined);
    const wasm = scannersOver(module());
    const lines = SUITE.filter(({ length }) => length < 10_000); // a comparison of deeper data overflows the stack
    expect(judged(bare, lines)).toEqual(judged(wasm, lines));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        expect(judged(bare, lines)).toEqual(judged(wasm, lines));
      }),
      { numRuns: 300 },
    );
  });

  it("is what the runtime gets that refuses to compile", () => {
    vi.spyOn(WebAssembly, "Module").mockImplementation(function refuse() {
      throw new WebAssembly.CompileError("refused");
    });
    expect(ScannerModule.create()).toBeUndefined();
  });

  it("finds more lines than it has results for", () => {
    const lines = Array.from({ length: 5_000 }, (_, at) => utf8.encode(at % 7 === 0 ? " " : `${at}`));
    const expected = scanned(wasmScanner(), joined(lines));
    expect(scanned(new BareScanner(LINE_VALID), joined(lines))).toEqual(expected);
    expect(scanned(wasmScanner(LINE_VALID), joined(lines))).toEqual(expected);
  });
});

describe("the scanners of a thread", () => {
  it("are made once", () => {
    expect(scanners().validating).toBeInstanceOf(WasmScanner);
    expect(scanners()).toBe(scanners());
  });
});

describe("a reader that does not validate", () => {
  function passed(...lines: (string | Uint8Array)[]): Item[] {
    const bytes = lines.map((one) => (typeof one === "string" ? utf8.encode(one) : one));
    return itemsAt(new LineReader({ validate: false }), joined(bytes), []);
  }

  it("hands over every line that is not blank, as it is", () => {
    const items = passed("1", "{broken", " ", Uint8Array.of(0x22, 0xff, 0x22));
    const raws = items.map((item) => "raw" in item && item.raw);
    expect(raws).toMatchObject([
      { start: 0, end: 1 },
      { start: 2, end: 9 },
      { start: 12, end: 15 },
    ]);
  });

  it("throws where a malformed line is read, and not before", () => {
    const [broken, noText] = passed("{broken", Uint8Array.of(0x22, 0xff, 0x22)) as {
      data: unknown;
      text: string;
    }[];
    expect(() => broken!.data).toThrow(SyntaxError);
    expect(broken!.text).toBe("{broken");
    expect(() => noText!.text).toThrow("not valid UTF-8");
    expect(() => noText!.data).toThrow(SyntaxError);
  });

  it("still refuses what is too long", () => {
    const items = itemsAt(
      new LineReader({ validate: false, maximumLineBytes: 3 }),
      utf8.encode("1234\n1\n"),
      [],
    );
    expect(items).toMatchObject([{ malformed: { line: 1, error: "longer than 3 bytes" } }, { data: 1 }]);
  });
});
