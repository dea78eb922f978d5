import { describe, expect, it } from "vitest";
import {
  address,
  choice,
  endpointName,
  list,
  onOff,
  pairs,
  text,
  whole,
} from "../../../src/cli/options/kind.ts";

describe("a whole number", () => {
  const kind = whole("<n>", 1, 10);

  it("is the same from a flag and from a file", () => {
    expect(kind.parse("10")).toBe(10);
    expect(kind.check(10)).toBe(10);
  });

  it.each(["0", "11", "", " 7", "1e0", "1.5", "-1", "ten"])("is not %j on the command line", (given) => {
    const shown = /^\d+$/.test(given) ? given : JSON.stringify(given);
    expect(() => kind.parse(given)).toThrow(`must be a whole number from 1 to 10, got ${shown}`);
  });

  it.each([0, 11, 1.5, Number.NaN, "7", null, [7], { n: 7 }])("is not %j in a file", (given) => {
    expect(() => kind.check(given)).toThrow("must be a whole number from 1 to 10, got ");
  });
});

describe("text", () => {
  it("is given once", () => {
    expect(text("<sink>").parse("a")).toBe("a");
    expect(() => text("<sink>").parse("b", "http://me:pw@x/?t=s")).toThrow(
      "was given already: http://x/?t=***",
    );
  });

  it.each(["", 1, null, true])("is not %j", (given) => {
    expect(() => text("<sink>").check(given)).toThrow("must be a string of one character at least, got ");
  });

  it("may be one of a few names", () => {
    const kind = choice("<format>", ["ndjson", "json"]);
    expect(kind.check("json")).toBe("json");
    expect(() => kind.check("xml")).toThrow('must be one of ndjson, json, got "xml"');
  });

  it("has a longest name of an endpoint", () => {
    const { maxLength } = endpointName("<name>").schema as { maxLength: number };
    expect(endpointName("<name>").check("x".repeat(maxLength))).toHaveLength(maxLength);
    expect(() => endpointName("<name>").check("x".repeat(maxLength + 1))).toThrow(
      `1 to ${maxLength} characters`,
    );
  });
});

describe("a list", () => {
  it("collects flags, and takes one string or several of a file", () => {
    const kind = list("<source>");
    expect(kind.parse("b", kind.parse("a"))).toEqual(["a", "b"]);
    expect(kind.check("a")).toEqual(["a"]);
    expect(kind.check(["a", "b"])).toEqual(["a", "b"]);
  });

  it.each([[["a", "a"]], [[1]], [{}], [""], [["a", ""]]])("is not %j", (given) => {
    expect(() => list("<source>").check(given)).toThrow(/^(was given already|must be a string or an array)/);
  });
});

describe("pairs", () => {
  const kind = pairs("<name=sink>", {
    split: (given) => {
      const [name, value] = given.split("=");
      return name !== undefined && value !== undefined ? [name, value] : undefined;
    },
    wanted: "NAME=SINK",
  });

  it("collect flags, and take an object of a file", () => {
    expect({ ...(kind.parse("b=2", kind.parse("a=1")) as object) }).toEqual({ a: "1", b: "2" });
    expect(kind.check({ a: "1" })).toEqual({ a: "1" });
  });

  it("may have any name, once", () => {
    expect(kind.parse("constructor=x")).toHaveProperty("constructor", "x");
    expect(() => kind.parse("a=2", kind.parse("a=1"))).toThrow("was given already for a");
  });

  it.each([["a"], [{ a: 1 }], [[]], [null]])("are not %j", (given) => {
    expect(() => kind.check(given)).toThrow(/^must (be an object|have strings)/);
    expect(() => kind.parse("a")).toThrow("must be NAME=SINK");
  });
});

describe("an address", () => {
  it("has a host and a port", () => {
    expect(address("<a>", "x").check("[::1]:0")).toEqual({ host: "::1", port: 0, path: "" });
  });

  it.each(["9300", "a:b", "a:1/x", 9300, ""])("is not %j", (given) => {
    expect(() => address("<a>", "127.0.0.1:9300").check(given)).toThrow(
      "must be HOST:PORT, such as 127.0.0.1:9300, with a port from 0 (any free one) to 65535",
    );
  });
});

describe("a switch", () => {
  it("is true or false, also as the text of a variable", () => {
    expect(onOff().check(true)).toBe(true);
    expect(onOff().parse("false")).toBe(false);
    expect(() => onOff().check("true")).toThrow('must be true or false, got "true"');
    expect(() => onOff().parse("yes")).toThrow('must be true or false, got "yes"');
  });
});
