/** `== != < <= > >=` */
import type { Comparator, Compare, Span } from "../syntax/ast.ts";
import type { SourceText } from "../syntax/source-text.ts";
import type { Compiler, Evaluate, Subject } from "./evaluate.ts";
import type { EvaluationBudget } from "./evaluation-budget.ts";
import { compareExactly, ExactNumber, exactSubject, isRounded } from "./exact.ts";
import { kindOf, TrickleRuntimeError } from "./runtime-error.ts";

export function compileComparison(compare: Compare, compiler: Compiler): Evaluate {
  const left = compiler.compile(compare.left);
  const right = compiler.compile(compare.right);
  const { op } = compare;
  // A literal is no list and no record, and not longer than the text of the pipeline: nothing to count.
  const isShort = compare.left.kind === "literal" || compare.right.kind === "literal";
  if (op !== "==" && op !== "!=") {
    const budget = isShort ? undefined : compiler.budget;
    return compileOrder({ op, left, right, at: compare.at, source: compiler.source, budget });
  }
  const wanted = op === "==";
  const isSmall = isShort && !isLarge(compare.left) && !isLarge(compare.right);
  if (isSmall) return (subject) => (left(subject) === right(subject)) === wanted;
  const equality = new Equality(compiler.budget, compare.at);
  return (subject) => {
    const [a, b] = [left(subject), right(subject)];
    const isEqual = equality.holds(a, b, 0);
    if (!isEqual || !equality.isRounded) return isEqual === wanted;
    const exact = exactly(left, right, subject);
    return (exact === undefined || equality.holds(exact[0], exact[1], 0)) === wanted;
  };
}

function isLarge(expression: Compare["left"]): boolean {
  return expression.kind === "literal" && isRounded(expression.value);
}

/** Both operands with their digits; undefined where they are computed, or the event has no text. */
function exactly(
  left: Evaluate,
  right: Evaluate,
  subject: Subject,
): readonly [a: unknown, b: unknown] | undefined {
  try {
    const exact = exactSubject(subject);
    return exact === undefined ? undefined : [left(exact), right(exact)];
  } catch {
    return undefined; // such as a sum: that is a JavaScript number anyway
  }
}

function isNumber(value: unknown): value is number | ExactNumber {
  return typeof value === "number" || value instanceof ExactNumber;
}

type Order = <T extends number | string>(a: T, b: T) => boolean;

/** Strings are ordered by their UTF-16 units. */
const ORDERS: Readonly<Record<Exclude<Comparator, "==" | "!=">, Order>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

interface OrderParts {
  readonly op: keyof typeof ORDERS;
  readonly left: Evaluate;
  readonly right: Evaluate;
  readonly at: Span;
  readonly source: SourceText;
  /** undefined: nothing has to be counted. */
  readonly budget: EvaluationBudget | undefined;
}

function compileOrder({ op, left, right, at, source, budget }: OrderParts): Evaluate {
  const holds = ORDERS[op];
  return (subject) => {
    const a = left(subject);
    const b = right(subject);
    if (typeof a === "number" && typeof b === "number") {
      if (a !== b || !isRounded(a)) return holds(a, b);
      const [x, y] = exactly(left, right, subject) ?? [];
      return isNumber(x) && isNumber(y) ? holds(compareExactly(x, y), 0) : holds(a, b);
    }
    if (typeof a === "string" && typeof b === "string") {
      budget?.countCharacters(Math.min(a.length, b.length), at);
      return holds(a, b);
    }
    const reason = `\`${op}\` needs two numbers or two strings, not ${kindOf(a)} and ${kindOf(b)}`;
    throw new TrickleRuntimeError(source, at, reason);
  };
}

/** Values of different kinds are different, never an error; lists and records are compared by their values. */
class Equality {
  readonly #budget: EvaluationBudget;
  readonly #at: Span;
  /** The latest comparison found two numbers equal that were rounded when they were parsed. */
  isRounded = false;

  constructor(budget: EvaluationBudget, at: Span) {
    this.#budget = budget;
    this.#at = at;
  }

  holds(a: unknown, b: unknown, depth: number): boolean {
    if (depth === 0) this.isRounded = false;
    if (typeof a === "string" && typeof b === "string") return this.#ofStrings(a, b);
    if (a === b) {
      // The same record may hold a number that is rounded, and is still the same.
      if (isRounded(a)) this.isRounded = true;
      return true;
    }
    if (a instanceof ExactNumber || b instanceof ExactNumber) {
      return isNumber(a) && isNumber(b) && compareExactly(a, b) === 0;
    }
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
    this.#budget.checkDepth(depth, this.#at);
    if (Array.isArray(a) || Array.isArray(b)) {
      return Array.isArray(a) && Array.isArray(b) && this.#ofLists(a, b, depth);
    }
    return this.#ofRecords(Object.entries(a), new Map(Object.entries(b)), depth);
  }

  #ofStrings(a: string, b: string): boolean {
    if (a.length !== b.length) return false;
    this.#budget.countCharacters(a.length, this.#at);
    return a === b;
  }

  #ofLists(a: readonly unknown[], b: readonly unknown[], depth: number): boolean {
    if (a.length !== b.length) return false;
    this.#budget.countValues(a.length, this.#at);
    return a.every((item, index) => this.holds(item, b[index], depth + 1));
  }

  #ofRecords(
    fields: readonly (readonly [string, unknown])[],
    others: ReadonlyMap<string, unknown>,
    depth: number,
  ): boolean {
    this.#budget.countValues(fields.length, this.#at);
    if (fields.length !== others.size) return false;
    return fields.every(
      ([name, value]) => others.has(name) && this.holds(value, others.get(name), depth + 1),
    );
  }
}
