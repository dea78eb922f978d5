/** Mutants of a source by syntactic operators: each replaces one piece of text by another. */
import { parseAst } from "rolldown/parseAst";

/** Binary operators, and what each becomes. */
const BINARY = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "<<": [">>"],
  ">>": ["<<"],
  ">>>": ["<<"],
  "&": ["|"],
  "|": ["&"],
  "^": ["&"],
  "&&": ["||"],
  "||": ["&&"],
  "??": ["&&"],
  "+=": ["-="],
  "-=": ["+="],
  "|=": ["&="],
};
const UPDATES = { "++": "--", "--": "++" };
const CALLS = {
  "Math.max": "Math.min",
  "Math.min": "Math.max",
  max: "min",
  min: "max",
  "Math.ceil": "Math.floor",
  "Math.floor": "Math.ceil",
};

/**
 * All mutants of a source, in the order of the text: `{ id, file, line, operator, start, end, text, before }`. `id` names
 * one within its file while the source stays the same.
 */
export function mutantsOf(file, source) {
  const found = [];
  const add = (operator, start, end, text) => {
    const line = source.slice(0, start).split("\n").length;
    found.push({ file, line, operator, start, end, text, before: source.slice(start, end) });
  };
  visit(parseAst(source, { lang: "ts" }), (node, parent) => mutate(node, parent, source, add));
  found.sort((one, other) => one.start - other.start || one.end - other.end);
  return found.map((mutant, index) => ({ ...mutant, id: `${file}:${index}:${mutant.operator}` }));
}

/** Visits every node that means something at run time: no imports, no types. */
function visit(node, mutateNode, parent) {
  if (
    /^(Import|ExportNamed.*Specifier|ExportSpecifier|TS(?!AsExpression|NonNull|TypeAssertion|Satisfies))/.test(
      node.type,
    )
  )
    return;
  mutateNode(node, parent);
  for (const [key, value] of Object.entries(node)) {
    if (
      key === "typeAnnotation" ||
      key === "typeParameters" ||
      key === "typeArguments" ||
      key === "returnType"
    )
      continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child && typeof child.type === "string") visit(child, mutateNode, node);
    }
  }
}

function mutate(node, parent, source, add) {
  const { type, start, end } = node;
  const textOf = (part) => source.slice(part.start, part.end);
  if (type === "BinaryExpression" || type === "LogicalExpression" || type === "AssignmentExpression") {
    const at = source.indexOf(node.operator, node.left.end);
    for (const other of BINARY[node.operator] ?? []) add("operator", at, at + node.operator.length, other);
  } else if (type === "UpdateExpression") {
    add("operator", start, end, source.slice(start, end).replace(node.operator, UPDATES[node.operator]));
  } else if (type === "UnaryExpression") {
    if ("!-~".includes(node.operator)) add("negation", start, start + 1, "");
  } else if (type === "Literal") {
    mutateLiteral(node, parent, add);
  } else if (type === "CallExpression") {
    const other = CALLS[textOf(node.callee)];
    if (other) add("call", node.callee.start, node.callee.end, other);
  } else if (type === "IfStatement" || type === "WhileStatement" || type === "DoWhileStatement") {
    const { test } = node;
    if (test.value !== true) add("negation", test.start, test.end, `!(${textOf(test)})`);
  } else if (type === "ConditionalExpression") {
    const { consequent, alternate } = node;
    add("branches", consequent.start, alternate.end, `${textOf(alternate)} : ${textOf(consequent)}`);
  } else if (type === "ExpressionStatement") {
    if (node.expression.callee?.type !== "Super") add("dropped", start, end, ";");
  } else if (type === "ContinueStatement" || type === "BreakStatement") add("dropped", start, end, ";");
}

function mutateLiteral({ value, raw, start, end }, parent, add) {
  if (typeof value === "boolean") add("constant", start, end, String(!value));
  // `x >>> 0` and `x | 0` only change the kind of number.
  if (typeof value !== "number" || (raw === "0" && /^(>>>|\|)$/.test(parent?.operator))) return;
  if (/^0x/i.test(raw)) add("constant", start, end, `(${raw} ^ 1)`);
  else add("constant", start, end, raw.includes(".") ? `(${raw} + 1)` : String(value + 1));
}
