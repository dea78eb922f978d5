/**
 * Expressions as JavaScript closures. No code is made from text: this runs where `eval` is forbidden.
 * An expression sees the data and the metadata of one event, and named constants, and nothing else.
 */
import type { Meta } from "../../flow/protocol/event.ts";
import type { Expression, Path } from "../syntax/ast.ts";
import { TrickleError } from "../syntax/diagnostic.ts";
import type { SourceText } from "../syntax/source-text.ts";
import { compileChain, compileUnary } from "./chain.ts";
import { compileComparison } from "./comparison.ts";
import type { Constants } from "./constants.ts";
import { compileList, compileRecord } from "./construction.ts";
import type { Compiler, Evaluate, Root, Subject } from "./evaluate.ts";
import { EvaluationBudget } from "./evaluation-budget.ts";
import { repeats } from "./free-variables.ts";
import { compilePath, compilePresence } from "./path.ts";
import { kindOf, TrickleRuntimeError } from "./runtime-error.ts";
import { compileText } from "./text.ts";

/** The parts of one expression at most: literals, paths, operators, all together. */
export const MAXIMUM_PARTS = 250_000;

const NO_META: Meta = {};

/** An expression as a function of an event: the parts of a `select`, and options that differ from event to event. */
export function compileExpression(
  expression: Expression,
  source: SourceText,
  constants: Constants,
): Evaluate {
  return withBudget(expression, new ExpressionCompiler(source, constants, true));
}

/** `where` and `having`: anything but true or false is an error. */
export function compileCondition(
  expression: Expression,
  word: "where" | "having",
  source: SourceText,
  constants: Constants,
): (subject: Subject) => boolean {
  const evaluate = compileExpression(expression, source, constants);
  return (subject) => {
    const value = evaluate(subject);
    if (typeof value === "boolean") return value;
    throw new TrickleRuntimeError(
      source,
      expression.at,
      `\`${word}\` needs true or false, not ${kindOf(value)}`,
    );
  };
}

/**
 * The value of an option or a constant.
 *
 * @throws TrickleError where it reads an event, or has no value
 */
export function evaluateConstant(expression: Expression, source: SourceText, constants: Constants): unknown {
  const evaluate = withBudget(expression, new ExpressionCompiler(source, constants, false));
  try {
    return evaluate({ data: undefined, meta: undefined });
  } catch (error) {
    if (error instanceof TrickleRuntimeError)
      throw new TrickleError(source, error.at, error.reason, {}, error);
    throw error;
  }
}

/** Where nothing has to be counted, as in a path, the expression is run as it is. */
function withBudget(expression: Expression, compiler: ExpressionCompiler): Evaluate {
  const evaluate = compiler.compile(expression);
  const { kind, at } = expression;
  if ((kind === "list" || kind === "record") && repeats(expression)) {
    const { budget } = compiler;
    return (subject) => {
      budget.reset();
      const value = evaluate(subject);
      budget.weigh(value, at);
      return value;
    };
  }
  const budget = compiler.budgetInUse;
  if (budget === undefined) return evaluate;
  return (subject) => {
    budget.reset();
    return evaluate(subject);
  };
}

class ExpressionCompiler implements Compiler {
  readonly source: SourceText;
  /** Of the whole expression; undefined as long as no part has asked for it. */
  budgetInUse: EvaluationBudget | undefined;
  readonly #constants: Constants;
  readonly #seesEvent: boolean;
  #parts = 0;

  constructor(source: SourceText, constants: Constants, seesEvent: boolean) {
    this.source = source;
    this.#constants = constants;
    this.#seesEvent = seesEvent;
  }

  get budget(): EvaluationBudget {
    this.budgetInUse ??= new EvaluationBudget(this.source);
    return this.budgetInUse;
  }

  compile(expression: Expression): Evaluate {
    this.#parts++;
    if (this.#parts > MAXIMUM_PARTS) {
      const message = `an expression has more than ${MAXIMUM_PARTS} parts`;
      throw new TrickleError(this.source, expression.at, message);
    }
    switch (expression.kind) {
      case "literal":
        return () => expression.value;
      case "text":
        return compileText(expression, this);
      case "list":
        return compileList(expression, this);
      case "record":
        return compileRecord(expression, this);
      case "path":
        return compilePath(expression, this);
      case "presence":
        return compilePresence(expression, this);
      case "chain":
        return compileChain(expression, this);
      case "compare":
        return compileComparison(expression, this);
      case "not":
      case "negate":
        return compileUnary(expression, this);
    }
  }

  root(path: Path): Root {
    if (path.root === "args") {
      const constant = this.#constants.valueOf(path, this.source);
      return { value: () => constant, steps: 1 };
    }
    if (this.#seesEvent) return path.root === "event" ? EVENT : META;
    const message = "this must be a constant: options are read before there are events";
    throw new TrickleError(this.source, path.at, message);
  }
}

const EVENT: Root = { value: (subject) => subject.data, steps: 0 };

const META: Root = { value: (subject) => subject.meta ?? NO_META, steps: 0 };
