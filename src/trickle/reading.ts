/** What an expression reads: the paths in it. */
import type { Expression, Path } from "./ast.ts";

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
