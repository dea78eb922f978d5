/** Where to go on reading: files that were renamed since are found again. */
import { open, readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { encodingByName } from "../decoded-bytes.ts";
import { fingerprintOf, type Position } from "./position.ts";

/** A place to begin at. */
export interface Start {
  readonly path: string;
  readonly offset: number;
}

/** What is read before the file itself, and from where that is read. */
export interface Resumption {
  /** Renamed files, the oldest first. */
  readonly before: readonly Start[];
  /** Of the file itself. */
  readonly offset: number;
  /** The file that was read is not there any more. */
  readonly isLost: boolean;
}

interface Candidate {
  readonly path: string;
  readonly ino: number;
  readonly dev: number;
  readonly mtimeMs: number;
}

/**
 * Finds the file of the position by its number or by its first bytes, under its own name or one that begins with it, such as
 * `app.log.1`. Files that were renamed after it are read as a whole.
 */
export async function resume(path: string, position: Position): Promise<Resumption> {
  if (await isFileOf(position, path)) return { before: [], offset: position.offset, isLost: false };
  const candidates = await renamedFiles(path);
  const isSame = ({ dev, ino }: Candidate): boolean => dev === position.dev && ino === position.ino;
  // Its number first: a copy may begin with the same bytes.
  for (const candidate of [...candidates.filter(isSame), ...candidates.filter((one) => !isSame(one))]) {
    if (!(await isFileOf(position, candidate.path, isSame(candidate)))) continue;
    const later = candidates.filter(({ mtimeMs }) => mtimeMs > candidate.mtimeMs);
    const before = [{ path: candidate.path, offset: position.offset }];
    return {
      before: [...before, ...later.map((one) => ({ path: one.path, offset: 0 }))],
      offset: 0,
      isLost: false,
    };
  }
  return { before: [], offset: 0, isLost: position.offset > 0 };
}

/** @param sameNumber it need not be compared. Without it, the file at the path must have the number of the position. */
async function isFileOf(position: Position, path: string, sameNumber?: boolean): Promise<boolean> {
  const handle = await open(path, "r").catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { dev, ino, size } = await handle.stat();
    const isSame = sameNumber ?? (dev === position.dev && ino === position.ino);
    const { bytes, hash } = position.fingerprint;
    if (size < position.offset || (sameNumber === undefined && !isSame)) return false;
    if (!isSame && bytes === 0) return false; // nothing tells it from others
    return (await fingerprintOf(handle, bytes)).hash === hash;
  } finally {
    await handle.close();
  }
}

/** Not compressed, the oldest first. */
async function renamedFiles(path: string): Promise<readonly Candidate[]> {
  const stem = basename(path, extname(path));
  const names = await readdir(dirname(path)).catch(() => []);
  const found: Candidate[] = [];
  for (const name of names) {
    if (!name.startsWith(stem) || name === basename(path) || encodingByName(name) !== undefined) continue;
    const stats = await stat(join(dirname(path), name)).catch(() => undefined);
    if (stats?.isFile()) found.push({ path: join(dirname(path), name), ...stats });
  }
  return found.sort((one, other) => one.mtimeMs - other.mtimeMs);
}
