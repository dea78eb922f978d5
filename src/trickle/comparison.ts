/** `== != < <= > >=` */
import type { Comparator, Compare } from "./ast.ts";
import type { Compiler, Evaluate } from "./evaluate.ts";
import { kindOf, TrickleRuntimeError } from "./failure.ts";

/** Lists and records nested deeper than this are not compared: an event must not overflow the stack. */
export const MAXIMUM_COMPARED_DEPTH = 256;

export function compileComparison(compare: Compare, compiler: Compiler): Evaluate {
  const left = compiler.compile(compare.left);
  const right = compiler.compile(compare.right);
  const fail = (reason: string) => new TrickleRuntimeError(compiler.source, compare.at, reason);
  if (compare.op === "==") return (subject) => isEqual(left(subject), right(subject), fail);
  if (compare.op === "!=") return (subject) => !isEqual(left(subject), right(subject), fail);
  const holds = ORDERS[compare.op];
  return (subject) => {
    const a = left(subject);
    const b = right(subject);
    if (typeof a === "number" && typeof b === "number") return holds(a, b);
    if (typeof a === "string" && typeof b === "string") return holds(a, b);
    throw fail(`\`${compare.op}\` needs two numbers or two strings, not ${kindOf(a)} and ${kindOf(b)}`);
  };
}

type Order = <T extends number | string>(a: T, b: T) => boolean;

/** Strings are ordered by their UTF-16 units. */
const ORDERS: Readonly<Record<Exclude<Comparator, "==" | "!=">, Order>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

type Fail = (reason: string) => TrickleRuntimeError;

/** Values of different kinds are different, never an error; lists and records are compared by what they hold. */
function isEqual(a: unknown, b: unknown, fail: Fail, depth = 0): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (depth === MAXIMUM_COMPARED_DEPTH) {
    throw fail(`values nested more than ${MAXIMUM_COMPARED_DEPTH} levels deep are not compared`);
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => isEqual(item, b[index], fail, depth + 1));
  }
  const others = new Map<string, unknown>(Object.entries(b));
  const fields = Object.entries(a);
  if (fields.length !== others.size) return false;
  return fields.every(
    ([name, value]) => others.has(name) && isEqual(value, others.get(name), fail, depth + 1),
  );
}
