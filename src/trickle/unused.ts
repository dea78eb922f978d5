/** Warns of names that have a value and that nothing reads: mostly the name was changed in one place only. */
import type { Define, Expression, Name, Statement } from "./ast.ts";
import { Diagnostic } from "./diagnostic.ts";
import { constantOf, pathsIn } from "./reading.ts";
import type { SourceText } from "./source.ts";

/** Constants of the pipeline, and arguments of definitions. In the order of the statements. */
export function unusedNames(statements: readonly Statement[], source: SourceText): readonly Diagnostic[] {
  const read = namesIn(statements.flatMap(expressionsOf));
  return statements.flatMap((statement) => {
    if (statement.kind === "define") return unusedArguments(statement, source);
    if (statement.kind !== "constants") return [];
    const unused = statement.entries.filter(({ name }) => !read.has(name.text));
    return unused.map(({ name }) => unread(name, `the constant \`${name.text}\` is never read`, source));
  });
}

function unusedArguments(
  { name: definition, args, options }: Define,
  source: SourceText,
): readonly Diagnostic[] {
  const read = namesIn(options.map(({ value }) => value));
  const unused = args.filter(({ name }) => !read.has(name.text));
  return unused.map(({ name }) =>
    unread(name, `no option of \`${definition.text}\` reads the argument \`${name.text}\``, source),
  );
}

function unread(name: Name, message: string, source: SourceText): Diagnostic {
  return new Diagnostic("warning", source, name.at, message, {
    hint: `read it as \`args.${name.text}\`, or remove it`,
  });
}

function namesIn(expressions: readonly Expression[]): ReadonlySet<string | undefined> {
  return new Set(expressions.flatMap((expression) => pathsIn(expression).map(constantOf)));
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
