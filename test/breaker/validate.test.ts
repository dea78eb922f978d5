import { describe, expect, it } from "vitest";
import {
  functionOption,
  isOptionError,
  nameOption,
  numberOption,
  objectOption,
  optionError,
  outOfRange,
  pathOf,
  wrongType,
} from "../../src/breaker/validate.ts";

/** The error that `work` throws. */
function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("did not throw");
}

describe("an option error", () => {
  it("has a code and the path of the option", () => {
    const error = optionError("a.b", "a.b is odd");
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ code: "ERR_OPTION", option: "a.b", message: "a.b is odd" });
    expect(optionError("a", "b", TypeError)).toBeInstanceOf(TypeError);
  });

  it("is known by its code alone", () => {
    expect(isOptionError(wrongType("a", "a function", 5))).toBe(true);
    expect(isOptionError({ code: "ERR_OPTION" })).toBe(true);
    for (const other of [new RangeError("a"), { code: "ERR_OTHER" }, null, undefined, "ERR_OPTION", 5]) {
      expect(isOptionError(other)).toBe(false);
    }
  });

  it.each([
    [5, "5"],
    [Number.NaN, "NaN"],
    [null, "null"],
    [undefined, "undefined"],
    ["a\nb", '"a\\nb"'],
    ["x".repeat(50), `"${"x".repeat(40)}…"`],
    [() => 5, "a function"],
    [[1, 2], "an array of 2"],
    [{}, "an object"],
    [Object.create(null), "an object"],
    [Symbol("s"), "Symbol(s)"],
  ])("shows the value %s in short", (value, shown) => {
    expect(outOfRange("a", "even", value).message).toBe(`a must be even, got ${shown}`);
  });
});

describe("a number", () => {
  const range = { from: 0.5, to: 9 };
  const whole = { from: 1, to: 9, whole: true };

  it("may be each of its bounds", () => {
    expect([numberOption("a", 0.5, range), numberOption("a", 9, range)]).toEqual([0.5, 9]);
  });

  it("is the fallback if it is undefined, and the fallback is not checked", () => {
    expect(numberOption("a", undefined, range, 100)).toBe(100);
  });

  it.each([
    [0.4, range, RangeError, "a must be 0.5 to 9, got 0.4"],
    [Number.NaN, range, RangeError, "a must be 0.5 to 9, got NaN"],
    [Number.POSITIVE_INFINITY, range, RangeError, "a must be 0.5 to 9, got Infinity"],
    ["5", range, TypeError, 'a must be 0.5 to 9, got "5"'],
    [undefined, range, TypeError, "a must be 0.5 to 9, got undefined"],
    [new Number(5), range, TypeError, "a must be 0.5 to 9, got an object"],
    [2.5, whole, RangeError, "a must be a whole number from 1 to 9, got 2.5"],
    [10, whole, RangeError, "a must be a whole number from 1 to 9, got 10"],
  ])("%s is refused", (value, bounds, type, message) => {
    const error = thrownBy(() => numberOption("a", value, bounds));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ message, option: "a" });
  });
});

describe("a name", () => {
  it("is one of those, or the fallback", () => {
    expect(nameOption("a", "x", ["x", "y"])).toBe("x");
    expect(nameOption("a", undefined, ["x", "y"], "y")).toBe("y");
  });

  it.each([
    ["z", RangeError, 'a must be one of "x", "y", got "z"'],
    [5, TypeError, 'a must be one of "x", "y", got 5'],
    [undefined, TypeError, 'a must be one of "x", "y", got undefined'],
  ])("%s is refused", (value, type, message) => {
    const error = thrownBy(() => nameOption("a", value, ["x", "y"]));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ message });
  });
});

describe("a function", () => {
  it("is returned; anything else is refused", () => {
    expect(functionOption("a", thrownBy)).toBe(thrownBy);
    expect(() => functionOption("a", {})).toThrow("a must be a function, got an object");
  });
});

describe("an object", () => {
  it("is copied: each getter is read once", () => {
    let reads = 0;
    const given = {
      get a() {
        return ++reads;
      },
    };
    const fields = objectOption("o", given, ["a"]);
    expect([fields.a, fields.a, reads]).toEqual([1, 1, 1]);
  });

  it("may be a class instance or have no prototype; undefined is an empty one", () => {
    class Options {
      a = 5;
    }
    expect(objectOption("o", new Options(), ["a"]).a).toBe(5);
    expect(objectOption("o", Object.assign(Object.create(null), { a: 5 }), ["a"]).a).toBe(5);
    expect(Object.keys(objectOption("o", undefined, ["a"]))).toEqual([]);
  });

  it("has its own properties only", () => {
    expect(objectOption("o", Object.create({ a: 5, b: 6 }), ["a"]).a).toBeUndefined();
    Object.assign(Object.prototype, { polluted: 5 });
    try {
      expect(objectOption("o", {}, ["polluted"]).polluted).toBeUndefined();
    } finally {
      delete (Object.prototype as { polluted?: number }).polluted;
    }
  });

  it.each([[null], [5], ["a"], [[]], [() => 5]])("%s is none", (value) => {
    expect(() => objectOption("o", value, ["a"])).toThrow(/^o must be an object, got /);
  });
});

describe("an unknown key", () => {
  const KEYS = ["windowMs", "buckets", "minimumCalls"];
  const messageOf = (key: string, placeOf?: (key: string) => string | undefined): unknown =>
    (thrownBy(() => objectOption("options", { [key]: 1 }, KEYS, placeOf)) as Error).message;

  it("is named by its path, with the keys that there are", () => {
    const error = thrownBy(() => objectOption("o.p", { x: 1 }, ["a", "b"]));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({
      option: "o.p.x",
      message: 'unknown option "o.p.x"; expected one of a, b',
    });
    expect([pathOf("options", "x"), pathOf("o", "x")]).toEqual(["x", "o.x"]);
  });

  it.each([
    ["windwMs", "windowMs"],
    ["windowMS", "windowMs"],
    ["window_ms", "windowMs"],
    ["window", "windowMs"],
    ["widnowMs", "windowMs"],
    ["bucket", "buckets"],
    ["bukcets", "buckets"],
    ["minimumcalls", "minimumCalls"],
  ])("%s was probably %s", (key, near) => {
    expect(messageOf(key)).toBe(
      `unknown option "${key}"; expected one of windowMs, buckets, minimumCalls; did you mean "${near}"?`,
    );
  });

  it.each(["x", "", "calls", "bck", "__proto__x"])("%s was none of them", (key) => {
    expect(messageOf(key)).toBe(`unknown option "${key}"; expected one of windowMs, buckets, minimumCalls`);
  });

  it("is said to belong to another place, if the caller says so", () => {
    expect(messageOf("signal", () => "calls")).toBe('unknown option "signal"; signal is an option of calls');
    expect(messageOf("other", () => undefined)).toContain("expected one of");
  });

  it("may be __proto__ out of JSON", () => {
    const given: unknown = JSON.parse('{ "__proto__": { "windowMs": 5 } }');
    expect(() => objectOption("options", given, KEYS)).toThrow('unknown option "__proto__"');
  });
});
