import { describe, expect, it } from "vitest";
import { FlowEvent } from "../../../src/flow/protocol/event.ts";
import { project } from "./evaluate.ts";

/** The value of an expression for an event that was read from text. */
function on(text: string, expression: string): unknown {
  const event = new FlowEvent(0, 1, 0, { data: JSON.parse(text), text });
  return project(expression)(event);
}

describe("a comparison of numbers that JavaScript rounds", () => {
  const ids = '{"a":9007199254740993,"b":9007199254740992,"c":9007199254740993.0,"n":-9007199254740993}';

  it.each([
    ["event.a == event.b", false],
    ["event.a != event.b", true],
    ["event.a == event.c", true],
    ["event.a > event.b", true],
    ["event.a <= event.b", false],
    ["event.b < event.a", true],
    ["event.b >= event.a", false],
    ["event.n < event.a", true],
    ["[event.a] == [event.b]", false],
    ["event == event", true],
  ])("goes by the digits that were read: %s is %s", (expression, value) => {
    expect(on(ids, expression)).toBe(value);
  });

  it("goes by the digits where a number is too large for JavaScript at all", () => {
    const text = '{"a":1e400,"b":1e401,"c":10e399,"d":-1e400,"e":1e99999999999999}';
    expect(on(text, "event.a < event.b")).toBe(true);
    expect(on(text, "event.a == event.c")).toBe(true);
    expect(on(text, "event.a == event.b")).toBe(false);
    expect(on(text, "event.b < event.e")).toBe(true);
    expect(on(text, "event.d < event.a")).toBe(true);
  });

  it("compares with a literal, and inside records and lists", () => {
    expect(on('{"a":100000000000000000001}', "event.a == 1e20")).toBe(false);
    expect(on('{"a":100000000000000000000}', "event.a == 1e20")).toBe(true);
    const text =
      '{"x":{"id":[9007199254740993]},"y":{"id":[9007199254740992]},"z":{"id":[9007199254740993]}}';
    expect(on(text, "event.x == event.y")).toBe(false);
    expect(on(text, "event.x == event.z")).toBe(true);
  });

  it("is not misled by texts that look like numbers, or by keys that do", () => {
    const text = '{"n1":"n9007199254740993","t":"9007199254740993","id":9007199254740993,"__proto__":1}';
    expect(on(text, "event.n1 == event.id")).toBe(false);
    expect(on(text, 'event.n1 == "n9007199254740993"')).toBe(true);
    expect(on(text, "event.t == event.id")).toBe(false);
    expect(on(text, 'event.id == event["id"]')).toBe(true);
  });

  it("takes computed numbers, and data without a text, as the numbers that they are", () => {
    expect(on(ids, "event.a + 0 == event.b + 0")).toBe(true);
    expect(project("event.a == event.b")({ data: { a: 2 ** 53, b: 2 ** 53 }, meta: undefined })).toBe(true);
  });
});
