import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flowchart } from "../../src/cli/view/mermaid.ts";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { compile } from "../../src/trickle/compile.ts";
import type { Program } from "../../src/trickle/program.ts";
import { isTrickleError } from "../../src/trickle/syntax/diagnostic.ts";
import { SEED } from "./seed.ts";

const RUNS = 2_000;

const TOKENS = (
  "define create operator stream select from event where into having with end args and or xor not present absent true " +
  "false null in out err cb cb/cb out/cb a b qos::circuit_breaker generic::passthrough decay_ms backoff endpoint ; , . = == " +
  '!= < <= > >= + - * / % ( ) [ ] { } : :: $ $a event.a args.a "text" "#{ "{ }" """ """\n " \\ \\" # #{ ` `a` 1 0 2.5 1e9 ' +
  "1e999 99999999999999999999 ' @ é 😀 \u0000 \ud800"
).split(" ");

const GOOD = [
  "define operator cb from qos::circuit_breaker with decay_ms = 1 end;",
  "define qos::circuit_breaker operator cb;",
  "define operator cb from qos::circuit_breaker args a, b = 1 with endpoint = event.a end;",
  "with a = 1, b = [args.a] end;",
  "create operator cb;",
  "create operator cb with a = args.a end;",
  "create stream a;",
  "select event from in into cb;",
  "select event.a + args.a from cb where present event.a into out having event > 1;",
  "select event from cb/overflow into out/overflow;",
];

/** Every pipeline that is a file of this repository. */
const TEXTS = ["golden/", "fixtures/", "../../examples/"].flatMap((name) => {
  const folder = new URL(name, import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith(".trickle"));
  return files.map((file) => readFileSync(new URL(file, folder), "utf8"));
});

const NESTS: readonly (readonly [string, string])[] = [
  ["(", ")"],
  ["[", "]"],
  ['{"a": ', "}"],
  ["event[", "]"],
  ['"#{', '}"'],
  ['"""\n{', '}"""'],
  ["not ", ""],
  ["- ", ""],
  ["present event[", "]"],
  ["1 + (", ")"],
];

/** A program that works, or an error whose place lies in the text. Everything else is a fault of the compiler. */
function check(text: string): void {
  let program: Program;
  try {
    program = compile(text);
  } catch (error) {
    checkError(error, text);
    return;
  }
  for (const warning of program.warnings) expect(warning.format()).toContain("warning: ");
  for (const line of flowchart(program.blueprint).trimEnd().split("\n").slice(1)) {
    expect(line).toMatch(
      /^ {2}(n\d+(\(\[".*"\]\)|\(".*"\)|\{\{".*"\}\}|\[".*"\])|n\d+ (-->|-\.->)(\|".*"\|)? n\d+)$/,
    );
    expect(line.replace(/^[^"]*"|"[^"]*$/g, "")).not.toMatch(/["`{}%]|&/);
  }
  checkDeployed(program, text);
}

/** What an operator finds wrong when it is made has a place as well; events end, wherever they go. */
function checkDeployed(program: Program, text: string): void {
  try {
    const graph = program.deploy({ registry: new CircuitBreakerRegistry({ clock: () => 0 }) });
    for (const data of [1, "a", { a: 1 }, [], null]) graph.push(0, { data, meta: { a: "b" } }, 0);
    expect(graph.accounting).toMatchObject({ read: 5, inFlight: 0 });
  } catch (error) {
    checkError(error, text);
  }
}

function checkError(error: unknown, text: string): void {
  if (!isTrickleError(error)) throw error;
  const lines = text.split(/\r\n|\n|\r/);
  for (const diagnostic of error.diagnostics) {
    const line = lines[diagnostic.line - 1];
    expect(line).toBe(diagnostic.sourceLine);
    expect(diagnostic.column).toBeGreaterThanOrEqual(1);
    expect(diagnostic.column).toBeLessThanOrEqual((line ?? "").length + 1);
    expect(diagnostic.format().split("\n").length).toBeLessThanOrEqual(5);
  }
}

/** What a slip of the hand, or of the disk, does to a text. */
const CHANGES: readonly ((text: string, from: number, to: number, token: string) => string)[] = [
  (text, from, to) => text.slice(0, from) + text.slice(to),
  (text, from, to) => text.slice(0, to) + text.slice(from),
  (text, from, to) => text.slice(0, from) + [...text.slice(from, to)].reverse().join("") + text.slice(to),
  (text, from, _, token) => text.slice(0, from) + token + text.slice(from),
  (text, from, _, token) => text.slice(0, from) + token + text.slice(from + token.length),
  (text, from, to) => text.slice(from, to) + text.slice(0, from) + text.slice(to),
];

describe(`any text at all is a program or has an error with a place (seed ${SEED})`, () => {
  const separator = fc.constantFrom(" ", "", "\n");
  const token = fc.constantFrom(...TOKENS);
  const soup = fc
    .array(fc.tuple(token, separator), { maxLength: 40 })
    .map((tokens) => tokens.map(([word, space]) => word + space).join(""));

  function holdsFor(texts: fc.Arbitrary<string>, numRuns = RUNS): void {
    fc.assert(fc.property(texts, check), { numRuns, seed: SEED });
  }

  it("made of tokens", () => {
    holdsFor(soup);
  });

  it("made of any characters", () => {
    holdsFor(fc.string({ unit: "binary", maxLength: 200 }));
  });

  it("made of any bytes, and of halves of characters", () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    holdsFor(bytes.map((all) => Buffer.from(all).toString("latin1")));
    holdsFor(bytes.map((all) => Buffer.from(all).toString("utf8")));
    holdsFor(fc.uint16Array({ maxLength: 100 }).map((all) => String.fromCharCode(...all)));
  });

  it("made of tokens where an expression belongs", () => {
    holdsFor(soup.map((expression) => `select ${expression} from in into out;`));
  });

  it("made of statements, some with tokens among them", () => {
    const statement = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...GOOD) }, soup);
    holdsFor(fc.array(statement, { maxLength: 12 }).map((all) => all.join("\n")));
  });

  it("made of a pipeline that slips of the hand have changed", () => {
    const change = fc.tuple(fc.constantFrom(...CHANGES), fc.nat(), fc.nat({ max: 20 }), token);
    const changed = fc
      .tuple(fc.constantFrom(...TEXTS), fc.array(change, { minLength: 1, maxLength: 6 }))
      .map(([text, changes]) =>
        changes.reduce((before, [apply, place, length, word]) => {
          const from = place % (before.length + 1);
          return apply(before, from, from + length, word);
        }, text),
      );
    holdsFor(changed, 2 * RUNS);
  });

  it("made of anything nested in anything, closed or not", () => {
    const nests = fc.array(fc.constantFrom(...NESTS), { maxLength: 200 });
    holdsFor(
      fc.tuple(nests, fc.nat({ max: 200 })).map(([all, closed]) => {
        const open = all.map(([sign]) => sign).join("");
        const close = all
          .slice(0, closed)
          .map(([, sign]) => sign)
          .reverse()
          .join("");
        return `select ${open}1${close} from in into out;`;
      }),
    );
  });
});
