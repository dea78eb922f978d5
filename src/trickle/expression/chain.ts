/** Operands joined by `and`, `or`, `xor`, or by arithmetic; `not` and the minus sign as well. */
import type { Chain, ChainOperator, Span, Unary } from "../syntax/ast.ts";
import type { SourceText } from "../syntax/source-text.ts";
import type { Compiler, Evaluate, Subject } from "./evaluate.ts";
import { kindOf, TrickleRuntimeError } from "./runtime-error.ts";

/** All operators of a chain have one precedence, so a chain is either of logic, of one word, or of arithmetic. */
export function compileChain(chain: Chain, compiler: Compiler): Evaluate {
  const op = chain.rest[0]?.op;
  if (op !== "and" && op !== "or" && op !== "xor") return compileArithmetic(chain, compiler);
  const operands = [chain.first, ...chain.rest.map((link) => link.operand)].map((operand) =>
    compileTruth(operand, op, compiler),
  );
  if (op === "and") return (subject) => operands.every((operand) => operand(subject));
  if (op === "or") return (subject) => operands.some((operand) => operand(subject));
  return (subject) => operands.reduce((truth, operand) => truth !== operand(subject), false);
}

export function compileUnary(unary: Unary, compiler: Compiler): Evaluate {
  if (unary.kind === "not") {
    const truth = compileTruth(unary.operand, "not", compiler);
    return (subject) => !truth(subject);
  }
  const operand = compiler.compile(unary.operand);
  return (subject) => {
    const value = operand(subject);
    if (typeof value === "number") return -value;
    throw new TrickleRuntimeError(compiler.source, unary.at, `\`-\` needs a number, not ${kindOf(value)}`);
  };
}

function compileTruth(
  operand: Chain["first"],
  op: string,
  compiler: Compiler,
): (subject: Subject) => boolean {
  const evaluate = compiler.compile(operand);
  return (subject) => {
    const value = evaluate(subject);
    if (typeof value === "boolean") return value;
    const reason = `\`${op}\` needs true or false, not ${kindOf(value)}`;
    throw new TrickleRuntimeError(compiler.source, operand.at, reason);
  };
}

/** `+` also joins two strings. */
function compileArithmetic(chain: Chain, compiler: Compiler): Evaluate {
  const { source, budget } = compiler;
  const first = compiler.compile(chain.first);
  const steps = chain.rest.map(({ op, operand, at }) => ({ op, at, operand: compiler.compile(operand) }));
  return (subject) => {
    let value = first(subject);
    for (const { op, at, operand } of steps) {
      const right = operand(subject);
      if (typeof value === "number" && typeof right === "number")
        value = calculate(source, at, op, value, right);
      else if (op === "+" && typeof value === "string" && typeof right === "string")
        value = budget.join(value, right, at);
      else throw misfit(source, at, op, value, right);
    }
    if (typeof value === "string") budget.countCharacters(value.length, chain.at);
    return value;
  };
}

function calculate(source: SourceText, at: Span, op: ChainOperator, left: number, right: number): number {
  const result = ofNumbers(op, left, right);
  if (Number.isFinite(result)) return result;
  throw new TrickleRuntimeError(source, at, `${left} ${op} ${right} is not a finite number`);
}

function misfit(
  source: SourceText,
  at: Span,
  op: ChainOperator,
  left: unknown,
  right: unknown,
): TrickleRuntimeError {
  const needs = op === "+" ? "two numbers or two strings" : "two numbers";
  const reason = `\`${op}\` needs ${needs}, not ${kindOf(left)} and ${kindOf(right)}`;
  return new TrickleRuntimeError(source, at, reason);
}

function ofNumbers(op: ChainOperator, left: number, right: number): number {
  if (op === "+") return left + right;
  if (op === "-") return left - right;
  if (op === "*") return left * right;
  return op === "/" ? left / right : left % right;
}
