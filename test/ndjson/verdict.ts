/** The slow and obvious judge of a line, and lines to judge. */
import fc from "fast-check";

/** What a line without its line feed is. */
export type Verdict = "valid" | "blank" | "malformed";

/** By the standard decoder and parser of the runtime. */
export function verdictOf(line: Uint8Array): Verdict {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    if (/^[ \t\r]*$/.test(text)) return "blank";
    JSON.parse(text);
    return "valid";
  } catch {
    return "malformed";
  }
}

/** Texts whose mistakes are those that parsers make. Each is a line. */
export const LINES: readonly string[] = [
  // numbers
  ..."0 -0 1 -1 10 1.0 0.0 -0.0 1e1 1E1 1e+1 1e-1 1.5e10 0e0 0.1e-0 1e400 -1e-400 12345678901234567890".split(
    " ",
  ),
  ..."00 01 -01 -00 - + +1 .5 1. 1.e1 -. -a 1e 1e+ 1e- 1.5e 0x1 1_0 1,0 1..2 1.2.3 1e1.5 1e1e1 --1 1- 1+2".split(
    " ",
  ),
  ..."NaN Infinity -Infinity 1n 1f 1d ٣ ０ 123456789012345 1234567890123456 12345678901234567".split(" "),
  ..."0.123456789012345 0.1234567890123456 0.12345678901234567 1e123456789012345678901".split(" "),
  // literals
  ..."true false null True TRUE tru truee nul nulll fals falsee undefined nil t n f [true,false,null]".split(
    " ",
  ),
  // strings
  '""',
  '"',
  '"a',
  'a"',
  "'a'",
  '"a"b',
  '"\t"',
  '"\u0000"',
  '"\u001f"',
  '"\u007f"',
  '"\\"',
  '"\\\\"',
  '"\\\\\\"',
  '"\\""',
  '"\\/\\b\\f\\n\\r\\t"',
  '"\\a"',
  '"\\v"',
  '"\\0"',
  '"\\x41"',
  '"\\\'"',
  '"\\u"',
  '"\\u0"',
  '"\\u00"',
  '"\\u004"',
  '"\\u0041"',
  '"\\u00zz"',
  '"\\uABCD\\uabcd"',
  '"\\uD800"',
  '"\\uDC00\\uD800"',
  '"\\ud83d\\ude00"',
  '"\\U0041"',
  '"\\u004G"',
  '"\\u 041"',
  '"\\u+041"',
  '"\\',
  '"\\u123',
  '"15 bytes here.\\n"',
  `"${"x".repeat(14)}"`,
  `"${"x".repeat(15)}"`,
  `"${"x".repeat(16)}"`,
  `"${"x".repeat(31)}\\"`,
  `"${"x".repeat(13)}ä"`,
  `"${"x".repeat(14)}ä"`,
  `"${"x".repeat(15)}😀${"y".repeat(15)}"`,
  '"\u2028\u2029\ufeff"',
  '"日本語"',
  // structure
  "[]",
  "{}",
  "[[]]",
  "[{}]",
  '{"":{}}',
  "[",
  "]",
  "{",
  "}",
  "[}",
  "{]",
  "[1",
  "[1,",
  "[1,]",
  "[,1]",
  "[,]",
  "[1 2]",
  "[1,,2]",
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{,"a":1}',
  '{"a" 1}',
  '{"a":1 "b":2}',
  '{"a":1,"a":2}',
  '{"a"::1}',
  '{"a":1,,"b":2}',
  "{a:1}",
  "{1:1}",
  "{'a':1}",
  "{null:1}",
  "{[]:1}",
  '{"a":[}',
  '{"a":1]',
  "[1}",
  '["a":1]',
  '["a",',
  '{"a":1,"b"}',
  "1 2",
  "1,2",
  "[],[]",
  "{}{}",
  "[]]",
  "{}}",
  "[][",
  ",",
  ":",
  '"a":1',
  "[1]//",
  "/*1*/",
  "[1/**/]",
  "#1",
  "(1)",
  // blanks
  "",
  " ",
  "\t\r ",
  " 1 ",
  "\t[ 1 ,\r2\t] ",
  ' { "a" : [ ] , "b" : { } } ',
  "\u00a01",
  "\u000b1",
  "\f",
  "\u2028",
  "\u20031",
  "\ufeff1",
  "1\ufeff",
  "\ufeff",
  "1\u0000",
  "\u0000",
  // depth
  "[".repeat(999) + "]".repeat(999),
  "[".repeat(1_000) + "]".repeat(1_000),
  "[".repeat(1_001) + "]".repeat(1_001),
  "[".repeat(5_000) + "]".repeat(5_000),
  "[".repeat(5_000),
  `${'{"a":'.repeat(1_001)}1${"}".repeat(1_001)}`,
  "[".repeat(70_000) + "]".repeat(70_000),
];

/** Bytes in a string: right and wrong forms of UTF-8, at the borders of each length. */
export const BYTE_STRINGS: readonly (readonly number[])[] = [
  [0x80],
  [0xbf],
  [0xc0, 0x80],
  [0xc1, 0xbf],
  [0xc2],
  [0xc2, 0x7f],
  [0xc2, 0x80],
  [0xdf, 0xbf],
  [0xdf, 0xc0],
  [0xe0, 0x80, 0x80],
  [0xe0, 0x9f, 0xbf],
  [0xe0, 0xa0, 0x80],
  [0xe1, 0x80],
  [0xe1, 0x80, 0x22],
  [0xed, 0x9f, 0xbf],
  [0xed, 0xa0, 0x80],
  [0xed, 0xbf, 0xbf],
  [0xee, 0x80, 0x80],
  [0xef, 0xbf, 0xbf],
  [0xf0, 0x80, 0x80, 0x80],
  [0xf0, 0x8f, 0xbf, 0xbf],
  [0xf0, 0x90, 0x80, 0x80],
  [0xf0, 0x90, 0x80],
  [0xf3, 0xbf, 0xbf, 0xc0],
  [0xf4, 0x8f, 0xbf, 0xbf],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0xfe],
  [0xff],
];

/** Bytes that turn one token of JSON into another. */
const TELLING = [..."\"\\{}[]:,0123456789-+.eEtrufalsn \t\r/b'x"].map((text) => text.charCodeAt(0));
const telling = fc.oneof(fc.constantFrom(...TELLING), fc.nat(255));

type Mutation = readonly [kind: string, at: number, byte: number, length: number];

const mutation: fc.Arbitrary<Mutation> = fc.tuple(
  fc.constantFrom("replace", "insert", "delete", "cut", "double"),
  fc.nat(),
  telling,
  fc.integer({ min: 1, max: 20 }),
);

function mutated(bytes: Buffer, [kind, place, byte, length]: Mutation): Buffer {
  const at = place % (bytes.length + 1);
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  if (kind === "cut") return head;
  if (kind === "delete") return Buffer.concat([head, tail.subarray(length)]);
  if (kind === "double") return Buffer.concat([head, tail.subarray(0, length), tail]);
  return Buffer.concat([head, Buffer.from([byte]), kind === "replace" ? tail.subarray(1) : tail]);
}

const value = fc.jsonValue({ maxDepth: 4 });
const unicode = fc.array(fc.tuple(fc.string({ unit: "binary", maxLength: 40 }), fc.double()), {
  maxLength: 6,
});
const layout = fc.constantFrom(undefined, 1, "\t", " \r");

/** A JSON text as bytes, as it is or after some mutations. Never a line feed in it. */
export const line: fc.Arbitrary<Buffer> = fc
  .tuple(fc.oneof(value, unicode), layout, fc.array(mutation, { maxLength: 3 }))
  .map(([data, indent, mutations]) => {
    const text = JSON.stringify(data, null, indent).replaceAll("\n", " ");
    const bytes = mutations.reduce(mutated, Buffer.from(text));
    return Buffer.from(bytes.map((byte) => (byte === 10 ? 13 : byte)));
  });
