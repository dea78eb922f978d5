/**
 * Expressions as JavaScript closures. No code is made from text: this runs where `eval` is forbidden.
 * An expression sees the data and the metadata of one event, or the arguments of a definition, and nothing else.
 */
import type { Meta } from "../flow/event.ts";
import type { Expression, Path } from "./ast.ts";
import { compileChain, compileUnary } from "./chain.ts";
import { compileComparison } from "./comparison.ts";
import { compileList, compileRecord } from "./construction.ts";
import { TrickleError } from "./diagnostic.ts";
import type { Compiler, Evaluate, Subject } from "./evaluate.ts";
import { kindOf, TrickleRuntimeError } from "./failure.ts";
import { compilePath, compilePresence } from "./path.ts";
import type { SourceText } from "./source.ts";
import { compileText } from "./text.ts";

/** What paths may start from, and what to say of the others. */
interface Scope {
  readonly roots: Partial<Readonly<Record<Path["root"], Evaluate>>>;
  readonly reason: string;
}

const NO_META: Meta = {};

const EVENT_SCOPE: Scope = {
  roots: { event: (subject) => subject.data, meta: (subject) => subject.meta ?? NO_META },
  reason: "`args` is only known in the options of `define operator … args`",
};

/** The parts of a select. */
export function compileExpression(expression: Expression, source: SourceText): Evaluate {
  return new ExpressionCompiler(source, EVENT_SCOPE).compile(expression);
}

/** `where` and `having`: anything but true or false is an error. */
export function compileCondition(
  expression: Expression,
  word: "where" | "having",
  source: SourceText,
): (subject: Subject) => boolean {
  const evaluate = compileExpression(expression, source);
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
 * The value of an option.
 *
 * @param args what `args.name` stands for; undefined where there are no arguments
 * @throws TrickleError where it reads an event, or has no value
 */
export function evaluateConstant(
  expression: Expression,
  source: SourceText,
  args?: Readonly<Record<string, unknown>>,
): unknown {
  const scope: Scope = {
    roots: args === undefined ? {} : { args: () => args },
    reason: "an option is a constant: no event is there when the operator is made",
  };
  const evaluate = new ExpressionCompiler(source, scope).compile(expression);
  try {
    return evaluate({ data: undefined, meta: undefined });
  } catch (error) {
    if (error instanceof TrickleRuntimeError)
      throw new TrickleError(source, error.at, error.reason, {}, error);
    throw error;
  }
}

/**
 * The value of an option that may differ from event to event: a function of the event where it reads one, else as
 * `evaluateConstant` has it.
 */
export function evaluateOption(
  expression: Expression,
  source: SourceText,
  args?: Readonly<Record<string, unknown>>,
): unknown {
  const roots = args === undefined ? EVENT_SCOPE.roots : { ...EVENT_SCOPE.roots, args: () => args };
  const compiler = new ExpressionCompiler(source, { ...EVENT_SCOPE, roots });
  const evaluate = compiler.compile(expression);
  return compiler.readsEvent ? evaluate : evaluateConstant(expression, source, args);
}

class ExpressionCompiler implements Compiler {
  readonly source: SourceText;
  /** True once a part was compiled that needs an event. */
  readsEvent = false;
  readonly #scope: Scope;

  constructor(source: SourceText, scope: Scope) {
    this.source = source;
    this.#scope = scope;
  }

  compile(expression: Expression): Evaluate {
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

  root(path: Path): Evaluate {
    const root = this.#scope.roots[path.root];
    if (root === undefined) throw new TrickleError(this.source, path.at, this.#scope.reason);
    if (path.root !== "args") this.readsEvent = true;
    return root;
  }
}
