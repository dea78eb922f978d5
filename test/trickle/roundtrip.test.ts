import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../../src/trickle/compile.ts";
import { parse } from "../../src/trickle/syntax/parser.ts";
import { SourceText } from "../../src/trickle/syntax/source-text.ts";
import { evaluate } from "./expression/evaluate.ts";
import { SEED } from "./seed.ts";

const RUNS = 1_000;

/** Half of its characters are those that mean something in a string. */
const ANY_TEXT = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'"\\{}#\n\r\t`/u'),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
  maxLength: 30,
});

/** As a person would write it: only what has to be escaped is. */
function written(text: string): string {
  const escaped = text
    .replace(/["\\{}#]/g, "\\$&")
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r");
  return `"${escaped}"`;
}

/** JSON, but braces in strings are escaped, and large whole numbers say by an exponent that they are not exact. */
function asExpression(value: unknown): string {
  if (typeof value === "string") return written(value);
  if (typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER) return value.toExponential();
  if (Array.isArray(value)) return `[${value.map(asExpression).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, inner]) => `${written(key)}: ${asExpression(inner)}`);
  return `{${fields.join(", ")}}`;
}

function holdsFor<T>(values: fc.Arbitrary<T>, check: (value: T) => void): void {
  fc.assert(fc.property(values, check), { numRuns: RUNS, seed: SEED });
}

describe(`what is written and what it means (seed ${SEED})`, () => {
  it("any text can be written as a string", () => {
    holdsFor(ANY_TEXT, (text) => {
      expect(evaluate(written(text))).toBe(text);
    });
  });

  it("any text can be written with the escapes of JSON, and braces and # besides", () => {
    holdsFor(ANY_TEXT, (text) => {
      expect(evaluate(JSON.stringify(text).replace(/[{}#]/g, "\\$&"))).toBe(text);
    });
  });

  it("any text stands around an interpolation as it is, and the interpolated text unchanged", () => {
    holdsFor(
      fc.tuple(ANY_TEXT, ANY_TEXT, ANY_TEXT, fc.constantFrom("#{", "{")),
      ([before, inner, after, open]) => {
        const text = `${written(before).slice(0, -1)}${open}event}${written(after).slice(1)}`;
        expect(evaluate(text, inner)).toBe(before + inner + after);
      },
    );
  });

  it("any text without three quotes can be written in a heredoc", () => {
    const text = ANY_TEXT.filter((all) => !/"""|"$|\r/.test(all));
    holdsFor(text, (all) => {
      expect(evaluate(`"""\n${all.replace(/[\\{}#]/g, "\\$&")}"""`)).toBe(all);
    });
  });

  it("any value of JSON can be written, and is equal to itself", () => {
    holdsFor(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(evaluate(asExpression(plain))).toEqual(plain);
      expect(evaluate(`event == ${asExpression(plain)}`, plain)).toBe(true);
    });
  });

  it("any value can be put into a string and comes out as JSON", () => {
    holdsFor(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      const text = evaluate('"#{event}"', plain);
      expect(text).toBe(typeof plain === "string" ? plain : JSON.stringify(plain));
    });
  });

  it("any keys make a path, by names in backticks or by keys in brackets", () => {
    const keys = fc.array(fc.oneof(ANY_TEXT, fc.nat({ max: 3 })), { maxLength: 6 });
    holdsFor(fc.tuple(keys, fc.boolean()), ([path, byName]) => {
      const event = path.reduceRight<unknown>(holding, "found");
      const text = path.map((key) => step(key, byName)).join("");
      expect(evaluate(`event${text}`, event)).toBe("found");
      expect(evaluate(`present event${text}`, event)).toBe(true);
      expect(evaluate(`present event${text}.further`, event)).toBe(false);
    });
  });

  it("any name in backticks is that name in the graph", () => {
    const names = ANY_TEXT.filter((text) => /^[^`/\p{Cc}\p{Cf}]+$/u.test(text));
    holdsFor(names, (name) => {
      if (["in", "out", "err"].includes(name)) return;
      const { blueprint } = compile(
        `create stream \`${name}\`; select event from in into \`${name}\`; select event from \`${name}\` into out/\`${name}\`;`,
      );
      expect(blueprint.nodes.map((node) => node.name)).toEqual(["in", name, `out/${name}`, "out/err"]);
    });
  });

  it("white space and comments between tokens mean nothing", () => {
    const tokens =
      'with a = 1 , b = [ 2 , args . a ] end ; define operator cb from qos::circuit_breaker args x = 1 with decay_ms = - args . x * 2 end ; create operator cb with x = 5 , end ; select { "a" : event . a [ 0 ] } from cb / overflow where not present event . b or "x" == $y into out / `a b` having event . n <= 1'.split(
        / (?!b`)/,
      );
    const gap = fc.constantFrom(" ", "\n", "\r\n", "\t", "# comment\n", ' # " { ;\r', "\u00a0", "\f\v");
    const plain = withoutPlaces(tokens.join(" "));
    holdsFor(fc.array(gap, { minLength: tokens.length, maxLength: tokens.length }), (gaps) => {
      expect(withoutPlaces(tokens.map((token, i) => token + gaps[i]).join(""))).toEqual(plain);
    });
  });
});

/** An event in which the path of that key leads to `inner`. */
function holding(inner: unknown, key: string | number): unknown {
  return typeof key === "number"
    ? Array.from({ length: key + 1 }, () => inner)
    : JSON.parse(`{${JSON.stringify(key)}: ${JSON.stringify(inner)}}`);
}

function step(key: string | number, byName: boolean): string {
  if (typeof key === "number") return `[${key}]`;
  return byName && /^[^`\p{Cc}\p{Cf}]+$/u.test(key) ? `.\`${key}\`` : `[${written(key)}]`;
}

function withoutPlaces(text: string): unknown {
  return JSON.parse(
    JSON.stringify(parse(new SourceText(text, "test")), (name, value: unknown) =>
      name === "at" ? undefined : value,
    ),
  );
}
