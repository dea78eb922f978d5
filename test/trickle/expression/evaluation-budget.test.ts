/** What an expression may do for one event, and a pipeline with one event. */
import { describe, expect, it } from "vitest";
import { compile } from "../../../src/trickle/compile.ts";
import { MAXIMUM_CHARACTERS, MAXIMUM_VALUES } from "../../../src/trickle/expression/evaluation-budget.ts";
import { MAXIMUM_PARTS } from "../../../src/trickle/expression/expression.ts";
import { push, run } from "../deploy.ts";
import { evaluate, project } from "./evaluate.ts";

/** Far above what any of these takes on a slow machine (tens of ms; seconds beside other programs), far below what a hang would. */
const PATIENCE_MS = 60_000;

const TOO_LONG = /more than 16777216 characters for one event/;
const TOO_MANY = /more than 1000000 values for one event/;

/** A record with so many fields that ten of it are too many. */
const WIDE = Object.fromEntries(Array.from({ length: MAXIMUM_VALUES / 8 }, (_, i) => [`f${i}`, i]));
/** So long that ten of it are too long. */
const LONG = "x".repeat(MAXIMUM_CHARACTERS / 8);
const EVENT = { wide: WIDE, same: { ...WIDE }, long: LONG, alike: `${LONG.slice(1)}x` };

function many(part: string, joiner: string, count = 10): string {
  return Array.from({ length: count }, () => part).join(joiner);
}

const BOMBS: readonly (readonly [string, string, RegExp])[] = [
  ["a string interpolated many times", `"${many("#{event.long}", "")}"`, TOO_LONG],
  ["strings interpolated in many strings", `[${many('"#{event.long}"', ", ")}]`, TOO_LONG],
  ["a record interpolated many times", `"${many("#{event.wide}", "")}"`, TOO_MANY],
  ["strings joined", many("event.long", " + "), TOO_LONG],
  ["a string put into a list many times", `[${many("event.long", ", ")}]`, TOO_LONG],
  ["a record put into a list many times", `[${many("event.wide", ", ")}]`, TOO_MANY],
  ["a record put into records", `{"a": [${many('{"b": event.wide}', ", ")}]}`, TOO_MANY],
  ["records compared many times", many("event.wide == event.same", " and "), TOO_MANY],
  ["strings compared many times", many("event.long == event.alike", " and "), TOO_LONG],
  ["strings ordered many times", many("event.long <= event.alike", " and "), TOO_LONG],
  ["keys of a record", `{${many('"#{event.long}": 1', ", ")}}`, TOO_LONG],
];

describe("one expression for one event", () => {
  it.each(BOMBS)("ends with an error: %s", { timeout: PATIENCE_MS }, (_, expression, message) => {
    expect(() => evaluate(expression, EVENT)).toThrow(message);
  });

  it.each(BOMBS)("does not carry over to the next event: %s", { timeout: PATIENCE_MS }, (_, expression) => {
    const evaluated = project(expression.replace(/event\.(wide|same|long|alike)/g, "event.small"));
    const subject = { data: { small: "y".repeat(1_000) }, meta: undefined };
    for (let i = 0; i < 2_000; i++) evaluated(subject);
  });

  it("takes an event as it is, however large it is", () => {
    const data = Array.from({ length: MAXIMUM_VALUES + 1 }, () => 1);
    expect(evaluate("event", data)).toBe(data);
    expect(evaluate("event == 1", data)).toBe(false);
  });

  it("takes every part of an event once, however large it is, and no part twice", () => {
    const part = Array.from({ length: MAXIMUM_VALUES + 1 }, () => 1);
    const data = { a: part, b: part, key: "a" };
    for (const once of [
      "[event]",
      '{"a": event.a, "b": event.b}',
      "[event.a, event.b, event.key]",
      "[[event.a]]",
    ]) {
      expect(() => evaluate(once, data), once).not.toThrow();
    }
    for (const twice of [
      "[event.a, event.a]",
      "[event, event.a]",
      "[event.a, event]",
      "[event[event.key]]",
    ]) {
      expect(() => evaluate(twice, data), twice).toThrow(TOO_MANY);
    }
  });

  it("does not follow what is nested too deep", () => {
    const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`) as unknown;
    expect(() => evaluate("[event, event]", deep)).toThrow(/256 levels/);
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(() => evaluate('{"a": event, "b": event}', circle)).toThrow(/256 levels/);
  });

  it("has a limited number of parts", { timeout: PATIENCE_MS }, () => {
    // A chain is a part, and so is each operand.
    expect(evaluate(many("1", "+", MAXIMUM_PARTS - 1))).toBe(MAXIMUM_PARTS - 1);
    expect(() => evaluate(many("1", "+", MAXIMUM_PARTS))).toThrow(/more than 250000 parts/);
  });
});

describe("a pipeline that doubles an event again and again", () => {
  const levels = 40;
  const streams = Array.from({ length: levels + 1 }, (_, i) => `create stream s${i};`).join("\n");
  const ends = `select event from in into s0; select event from s${levels} into out;`;
  const chain = (project: string) =>
    Array.from({ length: levels }, (_, i) => `select ${project} from s${i} into s${i + 1};`).join("\n");

  it("in a list sends it to err", { timeout: PATIENCE_MS }, async () => {
    const { graph, sinks } = await run(`${streams}${ends}${chain("[event, event]")}`);
    push(graph, 1);
    expect(sinks.err?.events[0]?.meta?.error).toMatch(TOO_MANY);
  });

  it("in a string sends it to err", { timeout: PATIENCE_MS }, async () => {
    const { graph, sinks } = await run(`${streams}${ends}${chain("event + event")}`);
    push(graph, "x");
    expect(sinks.err?.events[0]?.meta?.error).toMatch(TOO_LONG);
  });

  it("in constants is refused", { timeout: PATIENCE_MS }, () => {
    const constants = (make: string) =>
      `with c0 = ${make === "+" ? '"x"' : "[1]"}, ${Array.from({ length: levels }, (_, i) =>
        make === "+" ? `c${i + 1} = args.c${i} + args.c${i}` : `c${i + 1} = [args.c${i}, args.c${i}]`,
      ).join(", ")} end; select event from in into out;`;
    expect(() => compile(constants("+"))).toThrow(TOO_LONG);
    expect(() => compile(constants("["))).toThrow(TOO_MANY);
  });

  it("by several selects from one stream is refused", { timeout: PATIENCE_MS }, () => {
    const twice = `${chain("event")}\n${chain("[event]")}`;
    expect(() => compile(`${streams}${ends}${twice}`)).toThrow(/could become more than 1000000 events/);
  });
});
