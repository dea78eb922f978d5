/** Lists in which each name may stand once. */
import type { Name } from "./ast.ts";
import { TrickleError } from "./diagnostic.ts";
import type { SourceText } from "./source.ts";

/** In the order of the text. Throws a TrickleError at a name that is there twice. */
export function byName<Named extends { readonly name: Name }>(
  entries: readonly Named[],
  source: SourceText,
): Map<string, Named> {
  const found = new Map<string, Named>();
  for (const entry of entries) {
    const { text, at } = entry.name;
    const earlier = found.get(text)?.name;
    if (earlier !== undefined) throw setTwice(text, at, earlier, source);
    found.set(text, entry);
  }
  return found;
}

function setTwice(text: string, at: Name["at"], earlier: Name, source: SourceText): TrickleError {
  const { line } = source.positionOf(earlier.at.start);
  return new TrickleError(source, at, `\`${text}\` is set twice`, {
    hint: `the first one is in line ${line}; remove one of them`,
  });
}
