/** Patterns of paths, such as `logs/*.ndjson`. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** `*` and `?` stand for characters of a name, `[a-z]` for one of them, `**` for any number of folders. */
const SPECIAL = /[*?[]/;
const ANY_FOLDERS = "**";

export function isPattern(path: string): boolean {
  return SPECIAL.test(path);
}

/**
 * Paths that exist and match, without folders, in the order of their UTF-16 code units. Names that begin with a dot match
 * only where the pattern has the dot.
 *
 * @throws what the system says of a folder that cannot be read
 */
export async function pathsOf(pattern: string): Promise<readonly string[]> {
  const isAbsolute = pattern.startsWith("/");
  const parts = pattern.split("/").filter((part) => part !== "");
  const found = new Set<string>();
  await walk(isAbsolute ? "/" : "", parts, found);
  return [...found].sort();
}

async function walk(folder: string, parts: readonly string[], found: Set<string>): Promise<void> {
  const [part = "", ...rest] = parts;
  if (part === ANY_FOLDERS) {
    await walk(folder, rest.length === 0 ? ["*"] : rest, found);
    for (const name of await namesIn(folder, "*", true)) await walk(join(folder, name), parts, found);
    return;
  }
  if (rest.length === 0) {
    for (const name of await namesIn(folder, part, false)) found.add(join(folder, name));
    return;
  }
  const names = isPattern(part) ? await namesIn(folder, part, true) : [part];
  for (const name of names) await walk(join(folder, name), rest, found);
}

async function namesIn(folder: string, pattern: string, wantsFolders: boolean): Promise<readonly string[]> {
  const entries = await readdir(folder === "" ? "." : folder, { withFileTypes: true }).catch(absent);
  const expression = expressionOf(pattern);
  return (
    entries
      // A link counts as a file: a folder behind it could hold itself.
      .filter((entry) => entry.isDirectory() === wantsFolders && expression.test(entry.name))
      .map((entry) => entry.name)
  );
}

function expressionOf(pattern: string): RegExp {
  const body = pattern.replace(/\[!?[^\]]+\]|[*?]|[^*?[]+|\[/g, (piece) => {
    if (piece === "*") return "[^/]*";
    if (piece === "?") return "[^/]";
    if (piece.length > 1 && piece.startsWith("[")) {
      return `[${piece.slice(1, -1).replace(/^!/, "^").replace(/\\/g, "\\\\")}]`;
    }
    return piece.replace(/[.+^${}()|\\[\]]/g, "\\$&");
  });
  return new RegExp(`^${pattern.startsWith(".") ? "" : "(?!\\.)"}${body}$`, "u");
}

function absent(error: unknown): [] {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") return [];
  throw error;
}
