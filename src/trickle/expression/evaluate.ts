/** The interface between the kinds of expressions: each file compiles its kind and asks back for the parts. */
import type { FlowEvent } from "../../flow/protocol/event.ts";
import type { Expression, Path } from "../syntax/ast.ts";
import type { SourceText } from "../syntax/source-text.ts";
import type { EvaluationBudget } from "./evaluation-budget.ts";

/** The part of an event that an expression reads. `text` is the JSON text of the data, if there is one. */
export type Subject = Pick<FlowEvent, "data" | "meta"> & Partial<Pick<FlowEvent, "text">>;

/** An expression as a function. Changes nothing; throws a TrickleRuntimeError. */
export type Evaluate = (subject: Subject) => unknown;

/** The first value of a path. */
export interface Root {
  readonly value: Evaluate;
  /** Steps of the path that lead to `value`: one in `args.name`, else none. */
  readonly steps: number;
}

export interface Compiler {
  readonly source: SourceText;
  /** Of the whole expression. Ask for it only where something has to be counted. */
  readonly budget: EvaluationBudget;
  /** Throws a TrickleError where the expression can never be right. */
  compile(expression: Expression): Evaluate;
  /** Throws a TrickleError where the root is not known. */
  root(path: Path): Root;
}
