/** The paths that an expression reads. */
import type { Expression, Path } from "../syntax/ast.ts";

/** Every path in an expression, those inside of others included, in the order of the text. */
export function pathsIn(expression: Expression): readonly Path[] {
  const found: Path[] = [];
  collect(expression, found);
  return found;
}

/** Whether the value differs from event to event. */
export function readsEvent(expression: Expression): boolean {
  return pathsIn(expression).some((path) => path.root !== "args");
}

/** The name in `args.name`; undefined where there is none, or where the event decides it. */
export function constantOf(path: Path): string | undefined {
  const [first] = path.segments;
  if (path.root !== "args" || first?.key.kind !== "literal") return undefined;
  return typeof first.key.value === "string" ? first.key.value : undefined;
}

/** The one constant that decides a value which is computed; undefined where there are several, or none. */
export function onlyConstantIn(expression: Expression): string | undefined {
  if (expression.kind === "list" || expression.kind === "record") return undefined;
  const names = new Set(pathsIn(expression).map(constantOf));
  const [name] = names;
  return names.size === 1 ? name : undefined;
}

/**
 * Whether a value may hold the same part of an event, or of a constant, more than once. Where it does not, it is
 * no larger than the event and the text of the pipeline together.
 */
export function repeats(expression: Expression): boolean {
  const read: Tree = new Map();
  return pathsIn(expression).some((path) => path.root === "args" || overlaps(path, read));
}

/** Paths by their first key; behind each the rest. An empty tree is the end of a path. */
type Tree = Map<unknown, Tree>;

/** Adds a path to the tree. True where it leads to, through or into a part that another path reads, or where an event decides its keys. */
function overlaps({ root, segments }: Path, read: Tree): boolean {
  if (segments.some(({ key }) => key.kind !== "literal")) return true;
  let tree = read;
  let isNew = false;
  for (const key of [root, ...segments.map(({ key }) => key.kind === "literal" && key.value)]) {
    const next = tree.get(key);
    if (next?.size === 0) return true;
    isNew = next === undefined;
    const inner: Tree = next ?? new Map();
    tree.set(key, inner);
    tree = inner;
  }
  return !isNew;
}

/** As deep as the text is nested, which the parser limits; chains are lists. */
function collect(expression: Expression, found: Path[]): void {
  if (expression.kind === "path") found.push(expression);
  for (const part of partsOf(expression)) collect(part, found);
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "literal":
      return [];
    case "text":
      return expression.parts.filter((part) => typeof part !== "string");
    case "list":
      return expression.items;
    case "record":
      return expression.fields.flatMap(({ key, value }) => [key, value]);
    case "path":
      return expression.segments.map(({ key }) => key);
    case "presence":
      return [expression.path];
    case "chain":
      return [expression.first, ...expression.rest.map(({ operand }) => operand)];
    case "compare":
      return [expression.left, expression.right];
    case "not":
    case "negate":
      return [expression.operand];
  }
}
