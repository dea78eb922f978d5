import { describe, expect, it } from "vitest";
import type { Statement } from "../../../src/trickle/syntax/ast.ts";
import { parse } from "../../../src/trickle/syntax/parser.ts";
import { SourceText } from "../../../src/trickle/syntax/source-text.ts";

function statements(text: string): readonly Statement[] {
  return parse(new SourceText(text, "test.trickle"));
}

function only(text: string): Statement {
  const [statement, ...others] = statements(text);
  if (statement === undefined || others.length > 0) throw new Error("not one statement");
  return statement;
}

describe("the syntax of trickle", () => {
  it("takes both spellings of define", () => {
    const expected = {
      kind: "define",
      name: { text: "cb" },
      type: { text: "qos::circuit_breaker" },
      options: [{ name: { text: "mode" }, value: { kind: "literal", value: "shadow" } }],
    };
    expect(only('define qos::circuit_breaker operator cb with mode = "shadow" end')).toMatchObject(expected);
    expect(only('define operator cb from qos::circuit_breaker with mode = "shadow" end')).toMatchObject(
      expected,
    );
  });

  it("takes arguments with and without a list of options", () => {
    const args = [
      { name: { text: "a" }, value: null },
      { name: { text: "b" }, value: { value: 1 } },
    ];
    expect(only("define operator cb from m::o args a, b = 1 end")).toMatchObject({ args, options: [] });
    expect(only("define operator cb from m::o args a, b = 1, with c = args.a end")).toMatchObject({
      args,
      options: [{ name: { text: "c" }, value: { kind: "path", root: "args" } }],
    });
  });

  it("takes one trailing comma in every list", () => {
    for (const list of ["with a = 1 end", "with a = 1, end", "with a = [1,] end", 'with a = {"b": 1,} end']) {
      expect(statements(`create operator x ${list}`)).toHaveLength(1);
    }
    for (const list of ["with a = 1,, end", "with , end", "with a = [,] end", "with a = {,} end"]) {
      expect(() => statements(`create operator x ${list}`)).toThrow();
    }
  });

  it("takes a semicolon after the last statement, or none", () => {
    expect(statements("create stream a; create stream b")).toHaveLength(2);
    expect(statements("create stream a; create stream b;")).toHaveLength(2);
    expect(statements("")).toHaveLength(0);
    expect(() => statements(";")).toThrow();
  });

  it("needs no semicolon after end, and only there", () => {
    expect(
      statements("define m::o operator x with a = 1 end create operator x with b = 1 end create stream s"),
    ).toHaveLength(3);
    expect(() => statements("create stream a create stream b")).toThrow();
    expect(() => statements("create stream `end` create stream b")).toThrow();
  });

  it("takes where before into, and having after it", () => {
    expect(only("select event.a from in where event.a into out having event")).toMatchObject({
      where: { kind: "path" },
      having: { kind: "path" },
    });
    expect(() => statements("select event from in having true into out")).toThrow();
    expect(() => statements("select event from in into out where true")).toThrow();
  });

  it("takes a hyphen in names of streams and ports, and as a minus in expressions", () => {
    expect(only("select event.a-1 from my-stream/left-port into out/right-port")).toMatchObject({
      project: { kind: "chain", rest: [{ op: "-" }] },
      from: { node: { text: "my-stream" }, port: { text: "left-port" } },
      into: { node: { text: "out" }, port: { text: "right-port" } },
    });
  });

  it("takes any name in backticks", () => {
    expect(only("create stream `end of the line`")).toMatchObject({ name: { text: "end of the line" } });
    expect(only("create operator `select` from `from`")).toMatchObject({
      name: { text: "select" },
      definition: { text: "from" },
    });
    expect(() => statements("create stream `a/b`")).toThrow();
    expect(() => statements("create stream ``")).toThrow();
    expect(() => statements("create stream `a\nb`")).toThrow();
  });

  it("takes names that begin like a word of the language", () => {
    expect(only("create stream ending")).toMatchObject({ name: { text: "ending" } });
    expect(only("select event from into_ into from_")).toMatchObject({
      from: { node: { text: "into_" } },
      into: { node: { text: "from_" } },
    });
  });

  it("takes a byte order correlation and every kind of line break", () => {
    expect(statements("\uFEFFcreate stream a;\r\ncreate stream b;\rcreate stream c;\n# end")).toHaveLength(3);
  });

  it("knows the place of every name", () => {
    const text = "create stream a;\n  create stream `b c`;";
    const [, second] = statements(text);
    const at = second?.kind === "create_stream" ? second.name.at : undefined;
    expect(text.slice(at?.start, at?.end)).toBe("`b c`");
  });
});
