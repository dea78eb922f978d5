import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SEED } from "../seed.ts";
import { evaluate } from "./evaluate.ts";

/** From the weakest binding to the strongest, as docs/trickle.md lists them. */
const BINARY: readonly (readonly string[])[] = [
  ["or"],
  ["xor"],
  ["and"],
  [],
  ["==", "!=", "<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/", "%"],
];
const NOT = 3;
const COMPARISON = 4;
const MINUS = 7;
const PRIMARY = 8;

interface Term {
  readonly level: number;
  readonly op: string;
  readonly operands: readonly Term[];
}

const TRUTHS = ["true", "false", "present event.n", "absent event.n", "$m"];
const NUMBERS = ["1", "2.5", "7", "event.n", "event.list[0]"];
const OTHERS = ['"a"', "null", "event.s", "event.none", "[1, event.n]", '{"a": 1}', '"#{event.n}"'];

/** Terms of truth and terms of numbers, so that most of them have a value; now and then something else. */
const { truth } = fc.letrec<{ truth: Term; number: Term }>((tie) => {
  const primary = (texts: readonly string[]) =>
    fc.constantFrom(...texts).map((op): Term => ({ level: PRIMARY, op, operands: [] }));
  const unary = (level: number, op: string, operand: "truth" | "number") =>
    tie(operand).map((inner): Term => ({ level, op, operands: [inner] }));
  const binary = (levels: readonly number[], operand: "truth" | "number") =>
    fc
      .tuple(
        fc.constantFrom(
          ...levels.flatMap((level) => (BINARY[level] ?? []).map((op) => [level, op] as const)),
        ),
        tie(operand),
        tie(operand),
      )
      .map(([[level, op], left, right]): Term => ({ level, op, operands: [left, right] }));
  const other = { weight: 1, arbitrary: primary(OTHERS) };
  const often = (arbitrary: fc.Arbitrary<Term>) => ({ weight: 20, arbitrary });
  return {
    truth: fc.oneof(
      { depthSize: "medium" },
      often(primary(TRUTHS)),
      often(unary(NOT, "not", "truth")),
      often(binary([0, 1, 2], "truth")),
      often(binary([COMPARISON], "number")),
      other,
    ),
    number: fc.oneof(
      { depthSize: "medium" },
      often(primary(NUMBERS)),
      often(unary(MINUS, "-", "number")),
      often(binary([5, 6], "number")),
      other,
    ),
  };
});

/** With every parenthesis, so that nothing depends on what binds how strongly. */
function full({ op, operands }: Term): string {
  const [left, right] = operands.map((operand) => `(${full(operand)})`);
  if (left === undefined) return op;
  return right === undefined ? `${op} ${left}` : `${left} ${op} ${right}`;
}

/** With those only that change the meaning: chains go from left to right, comparisons do not chain. */
function sparse({ level, op, operands }: Term): string {
  const shown = (operand: Term, least: number) =>
    operand.level >= least ? sparse(operand) : `(${sparse(operand)})`;
  const [left, right] = operands;
  if (left === undefined) return op;
  if (right === undefined) return `${op} ${shown(left, level)}`;
  return `${shown(left, level === COMPARISON ? level + 1 : level)} ${op} ${shown(right, level + 1)}`;
}

const DATA = { n: 3, s: "a", list: [-4] };
const META = { m: true };

/** The value, or that there is none because the event does not fit. Any other error is a fault of ours. */
function outcomeOf(text: string): unknown {
  try {
    return { value: evaluate(text, DATA, META) };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_TRICKLE_RUNTIME") return "misfit";
    throw error;
  }
}

describe(`operators (seed ${SEED})`, () => {
  it("bind as the documentation says: parentheses that repeat it change nothing", () => {
    fc.assert(
      fc.property(truth, (made) => {
        expect(outcomeOf(sparse(made))).toEqual(outcomeOf(full(made)));
      }),
      { numRuns: 5_000, seed: SEED },
    );
  });
});
