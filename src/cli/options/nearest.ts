/** The name that was most likely meant. */

/** Letters that may be wrong in a name. */
const MOST_EDITS = 2;

/** The nearest of `names`; undefined: none is near. Capitals, `-` and `_` make no difference. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const given = plain(name);
  const ranked = names
    .map((known) => ({ known, edits: edits(given, plain(known)) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.min(MOST_EDITS, given.length - 1) ? best.known : undefined;
}

function plain(name: string): string {
  return name.replace(/[-_]/g, "").toLowerCase();
}

/** Letters to insert, delete or replace until one is the other (Levenshtein). */
function edits(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...one].entries()) {
    const next = [line + 1];
    for (let column = 1; column <= other.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
