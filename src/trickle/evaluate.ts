/** The interface between the kinds of expressions: each file compiles its kind and asks back for the parts. */
import type { FlowEvent } from "../flow/event.ts";
import type { Expression, Path } from "./ast.ts";
import type { Meter } from "./meter.ts";
import type { SourceText } from "./source.ts";

/** What an expression can read. `text` is what the data were read from, where they are as they were read. */
export type Subject = Pick<FlowEvent, "data" | "meta"> & Partial<Pick<FlowEvent, "text">>;

/** An expression as a function. Changes nothing; throws a TrickleRuntimeError. */
export type Evaluate = (subject: Subject) => unknown;

/** What a path starts from. */
export interface Root {
  readonly value: Evaluate;
  /** Steps of the path that lead to `value`: one in `args.name`, else none. */
  readonly steps: number;
}

export interface Compiler {
  readonly source: SourceText;
  /** Of the whole expression. Ask for it only where something has to be counted. */
  readonly meter: Meter;
  /** Throws a TrickleError where the expression can never be right. */
  compile(expression: Expression): Evaluate;
  /** Throws a TrickleError where the root is not known. */
  root(path: Path): Root;
}
