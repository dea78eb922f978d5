/** Warns of what meant something else in older pipelines of tremor. */
import type { Entry } from "../syntax/ast.ts";
import { Diagnostic } from "../syntax/diagnostic.ts";
import type { SourceText } from "../syntax/source-text.ts";
import type { Declarations, PipelineNode } from "./declarations.ts";

const NS_PER_MS = 1_000_000;
/** Settings of tremor in a comment at the start of a line. */
const CONFIG = /^[ \t]*#!config\b[^\n\r]*/gm;

/** In the order of the text. */
export function oldUses({ nodes }: Declarations, source: SourceText): readonly Diagnostic[] {
  return [...configLines(source), ...Array.from(nodes.values()).flatMap((node) => shortTimes(node, source))];
}

function configLines(source: SourceText): readonly Diagnostic[] {
  return Array.from(source.text.matchAll(CONFIG), ({ index, 0: line }) => {
    const start = index + line.indexOf("#");
    const at = { start, end: index + line.length };
    return new Diagnostic("warning", source, at, "`#!config` is not supported: the line is a comment");
  });
}

/** Old pipelines write times in ms. */
function shortTimes(node: PipelineNode, source: SourceText): readonly Diagnostic[] {
  if (node.kind !== "operator") return [];
  const { definition, read } = node;
  return (definition.operator.nanoseconds ?? []).flatMap((name) => {
    const ns = read.options[name];
    if (typeof ns !== "number" || ns <= 0 || ns >= NS_PER_MS) return [];
    const entry: Entry | undefined = definition.statement.options.find(({ name: { text } }) => text === name);
    const at = entry === undefined ? node.name.at : { start: entry.name.at.start, end: entry.value.at.end };
    return [
      new Diagnostic(
        "warning",
        source,
        at,
        `\`${name}\` of \`${node.name.text}\` is ${ns} ns, which is less than 1 ms`,
        {
          hint: `times are in ns: for ${ns} ms write ${ns * NS_PER_MS}`,
        },
      ),
    ];
  });
}
