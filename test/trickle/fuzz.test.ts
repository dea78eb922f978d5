import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../../src/trickle/compile.ts";
import { isTrickleError } from "../../src/trickle/diagnostic.ts";

const RUNS = 2_000;

const TOKENS = (
  "define create operator stream select from into where having with end args and or xor not present absent true " +
  "false null event in out err cb cb/cb out/cb a b qos::circuit_breaker generic::passthrough decay_ms backoff ; , . = == " +
  '!= < <= > >= + - * / % ( ) [ ] { } : :: $ $a event.a args.a "text" "#{ "{ }" """ """\n " \\ \\" # #{ ` `a` 1 0 2.5 1e9 ' +
  "1e999 99999999999999999999 ' @ é 😀 \u0000"
).split(" ");

const GOOD = [
  "define operator cb from qos::circuit_breaker with decay_ms = 1 end;",
  "define qos::circuit_breaker operator cb;",
  "create operator cb;",
  "create stream a;",
  "select event from in into cb;",
  "select event.a + 1 from cb where present event.a into out having event > 1;",
  "select event from cb/overflow into out/overflow;",
];

/** A program, or an error whose place lies in the text. Everything else is a fault of the compiler. */
function check(text: string): void {
  try {
    for (const warning of compile(text).warnings) expect(warning.format()).toContain("warning: ");
  } catch (error) {
    if (!isTrickleError(error)) throw error;
    const lines = text.split(/\r\n|\n|\r/);
    const line = lines[error.line - 1];
    expect(line).toBe(error.sourceLine);
    expect(error.column).toBeGreaterThanOrEqual(1);
    expect(error.column).toBeLessThanOrEqual((line ?? "").length + 1);
    expect(error.format().split("\n").length).toBeLessThanOrEqual(5);
  }
}

describe("any text at all is a program or has an error with a place", () => {
  const separator = fc.constantFrom(" ", "", "\n");
  const soup = fc
    .array(fc.tuple(fc.constantFrom(...TOKENS), separator), { maxLength: 40 })
    .map((tokens) => tokens.map(([token, space]) => token + space).join(""));

  it("made of tokens", () => {
    fc.assert(fc.property(soup, check), { numRuns: RUNS });
  });

  it("made of any characters", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), check), { numRuns: RUNS });
  });

  it("made of tokens where an expression belongs", () => {
    const select = soup.map((expression) => `select ${expression} from in into out;`);
    fc.assert(fc.property(select, check), { numRuns: RUNS });
  });

  it("made of statements, some with a token put in", () => {
    const statements = fc.array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...GOOD) }, soup), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        statements.map((all) => all.join("\n")),
        check,
      ),
      { numRuns: RUNS },
    );
  });

  it("made of a pipeline that is cut off, or misses a piece", () => {
    const folder = new URL("golden/", import.meta.url);
    const texts = readdirSync(folder)
      .filter((file) => file.endsWith(".trickle"))
      .map((file) => readFileSync(new URL(file, folder), "utf8"));
    const damaged = fc
      .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat({ max: 20 }))
      .map(([text, place, length]) => {
        const from = place % (text.length + 1);
        return text.slice(0, from) + text.slice(from + length);
      });
    fc.assert(fc.property(damaged, check), { numRuns: RUNS });
  });
});
