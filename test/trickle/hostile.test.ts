/** Input that is meant to hang or crash the compiler. */
import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { compile } from "../../src/trickle/compile.ts";
import { isTrickleError, type TrickleError } from "../../src/trickle/syntax/diagnostic.ts";
import { MAXIMUM_DEPTH, MAXIMUM_SOURCE_LENGTH, MAXIMUM_STATEMENTS } from "../../src/trickle/syntax/parser.ts";
import { HandSink } from "../flow/graph-fixture.ts";
import { evaluate } from "./expression/evaluate.ts";

/** Far above what any of these takes on a slow machine (tens of ms; seconds beside other programs), far below what a hang would. */
const PATIENCE_MS = 60_000;

function faultOf(text: string): TrickleError {
  try {
    compile(text);
  } catch (error) {
    if (isTrickleError(error)) return error;
    throw error;
  }
  throw new Error("compiles");
}

function nested(open: string, inner: string, close: string, depth: number): string {
  return open.repeat(depth) + inner + close.repeat(depth);
}

const NESTS: readonly (readonly [string, string, string, string])[] = [
  ["parentheses", "(", "1", ")"],
  ["lists", "[", "1", "]"],
  ["records", '{"a": ', "1", "}"],
  ["indices", "event[", "1", "]"],
  ["interpolations", '"#{', "1", '}"'],
  ["interpolations in heredocs", '"""\n#{', "1", '}"""'],
  ["not", "not ", "true", ""],
  ["minus", "- ", "1", ""],
  ["presence", "present event[", "1", "]"],
];

describe("hostile pipelines", () => {
  it.each(NESTS)(
    "refuses 100,000 %s at the place where they go too deep",
    { timeout: PATIENCE_MS },
    (_, open, inner, close) => {
      const fault = faultOf(`select ${nested(open, inner, close, 100_000)} from in into out`);
      expect(fault.diagnostic.message).toMatch(/nested more than 64 levels deep|longer than/);
    },
  );

  it.each(NESTS)(
    "takes %s as deep as allowed and not one deeper",
    { timeout: PATIENCE_MS },
    (_, open, inner, close) => {
      const at = (depth: number) => `select ${nested(open, inner, close, depth)} from in into out`;
      expect(() => compile(at(MAXIMUM_DEPTH))).not.toThrow();
      expect(faultOf(at(MAXIMUM_DEPTH + 1)).diagnostic.message).toBe(
        "this is nested more than 64 levels deep",
      );
    },
  );

  it.each(NESTS)(
    "reports %s that are never closed, without trying again and again",
    { timeout: PATIENCE_MS },
    (_, open) => {
      expect(faultOf(`select ${open.repeat(MAXIMUM_DEPTH)} from in into out`).line).toBeGreaterThan(0);
    },
  );

  it("does not count as nesting what stands side by side", { timeout: PATIENCE_MS }, () => {
    for (const item of ["[]", "[1,]", "(1)", "not true", "- 1", '"{1}"', "event[1]"]) {
      expect(() => compile(`select [${`${item}, `.repeat(1_000)}] from in into out`)).not.toThrow();
    }
  });

  it("evaluates long chains without recursion", { timeout: PATIENCE_MS }, () => {
    expect(evaluate(Array.from({ length: 100_000 }, () => "1").join(" + "))).toBe(100_000);
    expect(evaluate(Array.from({ length: 100_000 }, () => "true").join(" and "))).toBe(true);
    expect(evaluate(`present event${".a".repeat(100_000)}`)).toBe(false);
  });

  it("evaluates a text of many parts", { timeout: PATIENCE_MS }, () => {
    expect(evaluate(`"${"{event}".repeat(50_000)}"`, 1)).toBe("1".repeat(50_000));
  });

  it("gets through much white space and many comments", { timeout: PATIENCE_MS }, () => {
    const gap = `${" ".repeat(60_000)}\n${"# comment\n".repeat(6_000)}`;
    expect(compile(`${gap}select${gap}event${gap}from in into out${gap};${gap}`).outputs).toEqual([
      "out",
      "err",
    ]);
  });

  it("refuses a source that is too long, before parsing it", { timeout: PATIENCE_MS }, () => {
    const text = "select event from in into out;";
    expect(() => compile(text.padEnd(MAXIMUM_SOURCE_LENGTH))).not.toThrow();
    expect(faultOf(text.padEnd(MAXIMUM_SOURCE_LENGTH + 1)).format()).toContain(
      "longer than 1048576 characters",
    );
  });

  it("refuses too many statements", { timeout: PATIENCE_MS }, () => {
    const streams = (count: number) =>
      Array.from({ length: count }, (_, i) => `create stream s${i};`).join("\n");
    expect(() => compile(`${streams(MAXIMUM_STATEMENTS - 1)}\nselect event from in into out`)).not.toThrow();
    expect(faultOf(`${streams(MAXIMUM_STATEMENTS)}\nselect event from in into out`)).toMatchObject({
      line: MAXIMUM_STATEMENTS + 1,
    });
  });

  it("carries an event through the longest chain that is allowed", { timeout: PATIENCE_MS }, async () => {
    const length = MAXIMUM_STATEMENTS / 2 - 1;
    const streams = Array.from({ length }, (_, i) => `create stream s${i};`);
    const selects = streams.slice(1).map((_, i) => `select event + 1 from s${i} into s${i + 1};`);
    const ends = `select event + 1 from in into s0; select event + 1 from s${length - 1} into out;`;
    const graph = compile([...streams, ...selects, ends].join("\n")).deploy({
      registry: new CircuitBreakerRegistry(),
    });
    const sink = new HandSink();
    graph.attach("out", sink);
    await graph.start(0);
    graph.push(0, { data: 0 }, 0);
    expect(sink.data).toEqual([length + 1]);
  });

  it("finds the longest cycle that is allowed", { timeout: PATIENCE_MS }, () => {
    const count = MAXIMUM_STATEMENTS / 2;
    const streams = Array.from({ length: count }, (_, i) => `create stream s${i};`);
    const selects = streams.map((_, i) => `select event from s${i} into s${(i + 1) % count};`);
    expect(faultOf([...streams, ...selects].join("\n")).diagnostic.message).toMatch(
      /^events would move in a cycle/,
    );
  });

  it.each([
    ["in the line of the source", 'select "\u001b[2J\u202e" from in into nowhere'],
    ["as the unexpected character", "select event\u001b[2J from in into out"],
    ["as the unexpected direction mark", "select event \u202e from in into out"],
    ["as an escape", 'select "\\\u001b" from in into out'],
    ["in a name", "create stream `\u001b[2J`"],
  ])("keeps control characters away from the terminal: %s", (_, text) => {
    const formatted = faultOf(text).format();
    expect(formatted).not.toContain("\u001b");
    expect(formatted).not.toContain("\u202e");
  });
});
