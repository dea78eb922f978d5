import { describe, expect, it } from "vitest";
import { evaluate, project } from "./evaluate.ts";

const EVENT = {
  id: 7,
  name: "kestrel",
  "tail-number": "N7",
  "": "empty",
  from: "BOS",
  items: [{ price: 3 }, { price: 4.5 }],
  nested: { deep: { list: [[1, 2], [3]] } },
  key: "id",
  index: 1,
  flag: true,
  nothing: null,
};

const VALUES: readonly (readonly [string, unknown])[] = [
  // literals
  ["1", 1],
  ["1_000_000", 1_000_000],
  ["2.5", 2.5],
  ["1e3", 1000],
  ["2.5E-1", 0.25],
  ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ["true", true],
  ["false", false],
  ["null", null],
  ['""', ""],
  ['"text"', "text"],
  ['"a \\" b \\\\ c \\/ d"', 'a " b \\ c / d'],
  ['"\\b\\f\\n\\r\\t"', "\b\f\n\r\t"],
  ['"\\u0041\\uD83D\\uDE00"', "A😀"],
  ['"größer 😀"', "größer 😀"],
  ["[]", []],
  ["[1, [2], ]", [1, [2]]],
  ["{}", {}],
  ['{"a": 1, "b": {"c": [true]},}', { a: 1, b: { c: [true] } }],
  ['{"n-#{event.id}": 1}', { "n-7": 1 }],
  // paths
  ["event", EVENT],
  ["event.id", 7],
  ["event . id", 7],
  ['event["id"]', 7],
  ["event[event.key]", 7],
  ['event[""]', "empty"],
  ["event.`tail-number`", "N7"],
  ["event.from", "BOS"],
  ["event.items[0].price", 3],
  ["event.items[event.index].price", 4.5],
  ["event.nested.deep.list[0][1]", 2],
  ["event.nothing", null],
  ["$", { error: "late", retry_after_ms: 5 }],
  ["$error", "late"],
  ["$.retry_after_ms", 5],
  ['$["error"]', "late"],
  // arithmetic
  ["1 + 2 * 3", 7],
  ["(1 + 2) * 3", 9],
  ["10 - 4 - 3", 3],
  ["100 / 10 / 2", 5],
  ["7 % 4", 3],
  ["-7 % 4", -3],
  ["- - 1", 1],
  ["2 * -3", -6],
  ["1/2", 0.5],
  ['"a" + "b" + "c"', "abc"],
  ["event.id-1", 6],
  // comparison
  ["1 == 1", true],
  ["1 == 1.0", true],
  ['1 == "1"', false],
  ["null == false", false],
  ["1 != 2", true],
  ['[1, {"a": 2}] == [1, {"a": 2}]', true],
  ["[1, 2] == [2, 1]", false],
  ["[1] == [1, 2]", false],
  ['{"a": 1, "b": 2} == {"b": 2, "a": 1}', true],
  ['{"a": 1} == {"b": 1}', false],
  ['{"a": 1} == {"a": 1, "b": 2}', false],
  ["[] == {}", false],
  ["1 < 2", true],
  ["2 <= 2", true],
  ["1 > 2", false],
  ["2 >= 3", false],
  ['"abc" < "abd"', true],
  ["1 + 1 < 3 - 0.5", true],
  // logic
  ["true and false", false],
  ["true or false", true],
  ["true xor true", false],
  ["true xor false xor false", true],
  ["not true", false],
  ["not not true", true],
  ["true or false and false", true],
  ["false xor true or false", true],
  ["not 1 == 2", true],
  ["not present event.x and true", true],
  ["false and event.x", false],
  ["true or event.x", true],
  // presence
  ["present event.id", true],
  ["absent event.id", false],
  ["present event.nothing", true],
  ["present event.x.y.z", false],
  ["absent event.name.length", true],
  ["present event.items[1]", true],
  ["present event.items[2]", false],
  ["present event.items[-1]", false],
  ["present event.items[0.5]", false],
  ["present event.items.length", false],
  ["present event", true],
  ["present $error", true],
  ["present $missing", false],
  // interpolation
  ['"#{event.id}"', "7"],
  ['"{event.id}"', "7"],
  ['"n={event.id + 1}, #{event.name}!"', "n=8, kestrel!"],
  ['"#{event.items} #{event.flag} #{event.nothing}"', '[{"price":3},{"price":4.5}] true null'],
  ['"#{"in #{"side"}"}"', "in side"],
  ['"\\{event.id\\} \\#{}"', "{event.id} #{}"],
  ['"{} # #1"', "{} # #1"],
  ['"a } b"', "a } b"],
  // heredocs
  ['"""\none\n  two\n"""', "one\n  two\n"],
  ['"""\r\none\r\n"""', "one\n"],
  ['"""\nsays "hi" and ""\n#{event.id}"""', 'says "hi" and ""\n7'],
  // comments and space
  ["# first\n 1 # second\n + # third\n 2", 3],
];

const META = { error: "late", retry_after_ms: 5 };

describe("expressions", () => {
  it.each(VALUES)("%s", (expression, value) => {
    expect(evaluate(expression, EVENT, META)).toEqual(value);
  });

  it("sees no metadata where an event has none", () => {
    expect(evaluate("$")).toEqual({});
    expect(evaluate("absent $error")).toBe(true);
  });

  it("makes a new list and a new record for every event", () => {
    const subject = { data: null, meta: undefined };
    for (const expression of ["[]", "{}"]) {
      const evaluated = project(expression);
      expect(evaluated(subject)).not.toBe(evaluated(subject));
    }
  });
});

const FAULTS: readonly (readonly [string, string])[] = [
  ['1 + "a"', "test.trickle:1:10: `+` needs two numbers or two strings, not a number and a string"],
  ["event - 1", "test.trickle:1:14: `-` needs two numbers, not a record and a number"],
  ["1 * null", "test.trickle:1:10: `*` needs two numbers, not a number and null"],
  ["1 / 0", "test.trickle:1:10: 1 / 0 is not a finite number"],
  ["1 % 0", "test.trickle:1:10: 1 % 0 is not a finite number"],
  ["1e308 * 10", "test.trickle:1:14: 1e+308 * 10 is not a finite number"],
  ['- "a"', "test.trickle:1:8: `-` needs a number, not a string"],
  ['1 < "a"', "test.trickle:1:8: `<` needs two numbers or two strings, not a number and a string"],
  ["[1] < [2]", "test.trickle:1:8: `<` needs two numbers or two strings, not a list and a list"],
  ["not 1", "test.trickle:1:12: `not` needs true or false, not a number"],
  ["true and 1", "test.trickle:1:17: `and` needs true or false, not a number"],
  ["null or true", "test.trickle:1:8: `or` needs true or false, not null"],
  ['true xor "x"', "test.trickle:1:17: `xor` needs true or false, not a string"],
  ["event.x", "test.trickle:1:14: `event.x` is absent"],
  ["event.nested.x.y", "test.trickle:1:21: `event.nested.x` is absent"],
  ["event.name.length", "test.trickle:1:19: `event.name` is a string, not a record"],
  ["event.items[2]", "test.trickle:1:19: `event.items[2]` is absent"],
  ["event.items.length", "test.trickle:1:20: `event.items` is a list, not a record"],
  ["event[0]", "test.trickle:1:13: `event` is a record, not a list"],
  ["event.id[event.name]", "test.trickle:1:16: `event.id` is a number, not a record"],
  ["event[null]", "test.trickle:1:13: `event` is read by a string or a number, not by null"],
  ["$missing", "test.trickle:1:9: `$missing` is absent"],
  ["$error.code", "test.trickle:1:15: `$error` is a string, not a record"],
  ['"a #{event.x}"', "test.trickle:1:19: `event.x` is absent"],
];

describe("expressions that an event does not fit", () => {
  it.each(FAULTS)("%s", (expression, message) => {
    expect(() => evaluate(expression, EVENT, META)).toThrow(
      expect.objectContaining({ name: "TrickleRuntimeError", code: "ERR_TRICKLE_RUNTIME", message }),
    );
  });

  it("reports an event that is nested too deep to be compared instead of overflowing the stack", () => {
    const deep = () => JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`) as unknown;
    expect(() => evaluate("event.a == event.b", { a: deep(), b: deep() })).toThrow(/256 levels/);
  });

  it("reports an event that is nested too deep to be written into a string", () => {
    const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`) as unknown;
    expect(() => evaluate('"#{event}"', deep)).toThrow(/256 levels/);
  });

  it("reports what a host has put into an event and JSON does not know", () => {
    expect(() => evaluate('"#{event}"', 1n)).toThrow(/a big integer cannot be put into a string/);
    expect(() => evaluate('"#{event.call}"', { call() {} })).toThrow(
      /a function cannot be put into a string/,
    );
  });
});

describe("expressions and prototypes", () => {
  const HIDDEN = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"];

  it.each(HIDDEN)("does not see event.%s", (name) => {
    for (const data of [{}, [], "text", 1, true, null]) {
      expect(evaluate(`present event.${name}`, data)).toBe(false);
      expect(evaluate(`present event["${name}"]`, data)).toBe(false);
      expect(() => evaluate(`event.${name}`, data)).toThrow(
        expect.objectContaining({ code: "ERR_TRICKLE_RUNTIME" }),
      );
    }
  });

  it("sees a field of such a name that the event has itself", () => {
    expect(evaluate("event.__proto__.a", JSON.parse('{"__proto__": {"a": 1}}'))).toBe(1);
    expect(evaluate("event.constructor", { constructor: "me" })).toBe("me");
  });

  it("does not see elements that a list inherits", () => {
    const list = Object.setPrototypeOf(["own"], { 1: "inherited" }) as unknown;
    expect(evaluate("event[0]", list)).toBe("own");
    expect(evaluate("present event[1]", list)).toBe(false);
  });

  it("makes a field and no prototype of a key __proto__", () => {
    const record = evaluate('{"__proto__": {"polluted": true}}') as Record<string, unknown>;
    expect(Object.keys(record)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    expect(record.polluted).toBeUndefined();
  });

  it("compares only what records hold themselves", () => {
    expect(evaluate('event == {"toString": 1}', {})).toBe(false);
    expect(evaluate("event.a == event.b", JSON.parse('{"a": {"__proto__": 1}, "b": {"x": 1}}'))).toBe(false);
  });
});
