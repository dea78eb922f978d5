/** Warns of definitions, constants and arguments without a use: mostly a name was changed at one of its uses only. */
import { constantOf, pathsIn } from "../expression/free-variables.ts";
import type { Expression, Name, Statement } from "../syntax/ast.ts";
import { Diagnostic } from "../syntax/diagnostic.ts";
import type { SourceText } from "../syntax/source-text.ts";
import type { Declarations } from "./declarations.ts";

/** In the order of the statements. */
export function unusedNames(
  statements: readonly Statement[],
  { definitions, nodes }: Declarations,
  source: SourceText,
): readonly Diagnostic[] {
  const warnings: Diagnostic[] = [];
  const warn = (name: Name, message: string, hint: string) =>
    warnings.push(new Diagnostic("warning", source, name.at, message, { hint }));
  const created = new Set<unknown>();
  for (const node of nodes.values()) if (node.kind === "operator") created.add(node.definition);
  const read = new Set<string>();
  for (const statement of statements) collectNames(expressionsOf(statement), read);
  for (const statement of statements) {
    if (statement.kind === "constants") {
      for (const { name } of statement.entries) {
        if (!read.has(name.text)) warn(name, `the constant \`${name.text}\` is never read`, readHint(name));
      }
    } else if (statement.kind === "define") {
      const { name: definition, args, options } = statement;
      const own = new Set<string>();
      collectNames(
        options.map(({ value }) => value),
        own,
      );
      for (const { name } of args) {
        const message = `no option of \`${definition.text}\` reads the argument \`${name.text}\``;
        if (!own.has(name.text)) warn(name, message, readHint(name));
      }
      if (created.has(definitions.get(definition.text))) continue;
      const message = `\`${definition.text}\` is defined, but never created`;
      warn(definition, message, `add \`create operator ${definition.text};\``);
    }
  }
  return warnings;
}

function readHint({ text }: Name): string {
  return `read it as \`args.${text}\`, or remove it`;
}

function collectNames(expressions: readonly Expression[], names: Set<string>): void {
  for (const expression of expressions) {
    for (const path of pathsIn(expression)) {
      const name = constantOf(path);
      if (name !== undefined) names.add(name);
    }
  }
}

function expressionsOf(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case "constants":
      return statement.entries.map(({ value }) => value);
    case "define":
      return [...statement.args, ...statement.options].flatMap(({ value }) => value ?? []);
    case "create_operator":
      return statement.options.map(({ value }) => value);
    case "create_stream":
      return [];
    case "select":
      return [statement.project, statement.where, statement.having].flatMap((part) => part ?? []);
  }
}
