/** Full files get another name. */
import { closeSync, openSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { numberOption } from "../../breaker/validate.ts";
import { codeOf } from "../base/errors.ts";

/** All are optional. */
export interface RotationOptions {
  /** A file of so many bytes is renamed, and a new one begun. 65,536 to 2^53 - 1; default: never. */
  readonly rotateBytes?: number;
  /** A file that is not empty is renamed after this time, in ms. 1,000 to 31,622,400,000 (366 days); default: never. */
  readonly rotateMs?: number;
}

export interface ResolvedRotation {
  /** Infinity: never. */
  readonly rotateBytes: number;
  /** Infinity: never. */
  readonly rotateMs: number;
}

const LONGEST_MS = 31_622_400_000;
/** @throws OptionError naming option, range and value */
export function resolveRotation(
  given: { readonly [Key in keyof RotationOptions]?: unknown },
): ResolvedRotation {
  const bytes = { from: 65_536, to: Number.MAX_SAFE_INTEGER, whole: true };
  const ms = { from: 1_000, to: LONGEST_MS, whole: true };
  const { rotateBytes, rotateMs } = given;
  return {
    rotateBytes:
      rotateBytes === undefined ? Number.POSITIVE_INFINITY : numberOption("rotateBytes", rotateBytes, bytes),
    rotateMs: rotateMs === undefined ? Number.POSITIVE_INFINITY : numberOption("rotateMs", rotateMs, ms),
  };
}

/**
 * Renames `events.ndjson` to `events.20260131T235959Z.ndjson`, with `-1`, `-2` behind the time where that name is taken. It
 * never replaces a file.
 *
 * @param atMs ms since 1970.
 * @returns the new path
 * @throws what the system says
 */
export function rotate(path: string, atMs: number): string {
  const ending = extname(path);
  const stamp = new Date(atMs).toISOString().replace(/\.\d+/, "").replace(/[-:]/g, "");
  const stem = join(dirname(path), `${basename(path, ending)}.${stamp}`);
  for (let number = 0; ; number++) {
    const target = `${stem}${number === 0 ? "" : `-${number}`}${ending}`;
    if (!take(target)) continue;
    try {
      renameSync(path, target); // over the empty file that is ours
      return target;
    } catch (error) {
      rmSync(target, { force: true });
      throw error;
    }
  }
}

/** Makes an empty file; false: there is one. */
function take(target: string): boolean {
  try {
    closeSync(openSync(target, "wx"));
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}
