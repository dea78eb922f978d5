/** Evaluates the text of an expression as `select` would. */
import type { Meta } from "../../src/flow/event.ts";
import { Constants } from "../../src/trickle/constants.ts";
import type { Evaluate } from "../../src/trickle/evaluate.ts";
import { compileExpression } from "../../src/trickle/expression.ts";
import { parse } from "../../src/trickle/parser.ts";
import { SourceText } from "../../src/trickle/source.ts";

export function project(expression: string): Evaluate {
  const source = new SourceText(`select ${expression} from in into out`, "test.trickle");
  const [statement] = parse(source);
  if (statement?.kind !== "select") throw new Error("not a select");
  return compileExpression(statement.project, source, new Constants());
}

export function evaluate(expression: string, data: unknown = null, meta?: Meta): unknown {
  return project(expression)({ data, meta });
}
