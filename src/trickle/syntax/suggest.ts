/** Finds the known name that is nearest to a misspelt one. */

/** More names than these are not listed in a message. */
const LISTED_NAMES = 12;

/** Longer names are not compared: a source may hold thousands of them. */
const COMPARED_CHARACTERS = 64;

/** "did you mean `cb`?" where a name is near enough to the written one. */
export function suggest(written: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = tolerance(written) + 1;
  if (written.length > COMPARED_CHARACTERS) return undefined;
  for (const name of names) {
    if (Math.abs(name.length - written.length) >= bestDistance) continue;
    const distance = editDistance(written.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best === undefined ? undefined : `did you mean \`${best}\`?`;
}

/** "one of: in, out, cb", shortened where there are many; a single name by itself. */
export function oneOf(names: Iterable<string>): string {
  const all = [...names];
  if (all.length === 1) return `\`${all[0]}\``;
  const listed = all.slice(0, LISTED_NAMES).join(", ");
  return all.length > LISTED_NAMES ? `one of: ${listed}, … (${all.length} in all)` : `one of: ${listed}`;
}

/** A third of the letters may be wrong, three at most; in a single letter none is left to recognise. */
function tolerance(written: string): number {
  return written.length < 2 ? 0 : Math.min(3, Math.ceil(written.length / 3));
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`. */
function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = cost(previous, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          cost(previous, column) + 1,
          cost(current, column - 1) + 1,
          replaced,
          swapped ? cost(older, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    older = previous;
    previous = current;
  }
  return cost(previous, b.length);
}

function cost(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
