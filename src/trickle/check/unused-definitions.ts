/** Warns of definitions from which no operator is created. */
import { Diagnostic } from "../syntax/diagnostic.ts";
import type { SourceText } from "../syntax/source-text.ts";
import type { Declarations } from "./declarations.ts";

/** In the order of the text. */
export function unusedDefinitions(
  { definitions, nodes }: Declarations,
  source: SourceText,
): readonly Diagnostic[] {
  const used = new Set(
    Array.from(nodes.values(), (node) => (node.kind === "operator" ? node.definition : undefined)),
  );
  return Array.from(definitions.values())
    .filter((definition) => !used.has(definition))
    .map(({ statement: { name } }) => {
      const hint = `add \`create operator ${name.text};\``;
      const message = `\`${name.text}\` is defined, but never created`;
      return new Diagnostic("warning", source, name.at, message, { hint });
    });
}
