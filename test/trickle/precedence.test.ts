import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "./evaluate.ts";
import { SEED } from "./seed.ts";

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

const PRIMARIES = [
  "1",
  "2.5",
  "true",
  "false",
  '"a"',
  "null",
  "event.n",
  "event.s",
  "event.absent",
  "$m",
  "present event.n",
  "[1, event.n]",
  '{"a": 1}',
  '"#{event.n}"',
];

const { term } = fc.letrec<{ term: Term }>((tie) => {
  const primary = fc.constantFrom(...PRIMARIES).map((op): Term => ({ level: PRIMARY, op, operands: [] }));
  const unary = fc
    .tuple(fc.constantFrom(NOT, MINUS), tie("term"))
    .map(([level, operand]): Term => ({ level, op: level === NOT ? "not" : "-", operands: [operand] }));
  const binary = fc
    .tuple(
      fc.constantFrom(...BINARY.flatMap((ops, level) => ops.map((op) => [level, op] as const))),
      tie("term"),
      tie("term"),
    )
    .map(([[level, op], left, right]): Term => ({ level, op, operands: [left, right] }));
  return { term: fc.oneof({ depthSize: "small", withCrossShrink: true }, primary, unary, binary) };
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

const DATA = { n: 3, s: "a" };
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
      fc.property(term, (made) => {
        expect(outcomeOf(sparse(made))).toEqual(outcomeOf(full(made)));
      }),
      { numRuns: 5_000, seed: SEED },
    );
  });
});
