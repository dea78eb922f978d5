/** The error of sources and sinks, and what may be quoted of errors that come from below. */

import { withoutSecrets } from "./secrets.ts";

/** Which end it is about. */
export type ConnectCode = "ERR_SOURCE" | "ERR_SINK";

/** What a ConnectError has to say. */
export interface ConnectReport {
  /** The path or URL as the user wrote it, "stdin" or "stdout". */
  readonly where: string;
  /** What is wrong, such as "no such file". */
  readonly what: string;
  /** What to do about it: one line. Default: none. */
  readonly hint?: string;
  /** The error from below. Default: none. */
  readonly cause?: unknown;
}

/**
 * A source or a sink that cannot do its work. The message has one line, or two with a hint, and is meant
 * for whoever typed the path or URL.
 */
export class ConnectError extends Error {
  /** Always "ConnectError". */
  override readonly name = "ConnectError";
  /** Stable; test this and not `instanceof`. */
  readonly code: ConnectCode;
  /** The path or URL, without secrets in it, "stdin" or "stdout". */
  readonly where: string;
  /** What is wrong, such as "no such file". */
  readonly what: string;
  /** What to do about it, in one line; undefined: nothing is known. */
  readonly hint: string | undefined;

  constructor(code: ConnectCode, report: ConnectReport) {
    const { what, hint, cause } = report;
    const where = withoutSecrets(report.where);
    super(`${where}: ${what}${hint === undefined ? "" : `\n${hint}`}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.where = where;
    this.what = what;
    this.hint = hint;
  }
}

/** The `code` of a Node error, such as "ENOENT"; "" where there is none. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : "";
}

/**
 * What an error says, in one line. A connection that was tried over IPv6 and IPv4 fails with an
 * AggregateError whose own message is empty: its parts say what happened.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(reasonOf))].join(", ");
  }
  const text = error instanceof Error ? error.message || codeOf(error) || error.name : String(error);
  return text.split("\n", 1)[0] ?? text;
}

const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  ENOTDIR: "a part of the path is not a folder",
  EISDIR: "is a folder, not a file",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the device",
  EMFILE: "too many open files",
};

/** What a file system error means, in the words of whoever typed the path. */
export function fileFaultOf(error: unknown): string {
  return FILE_FAULTS[codeOf(error)] ?? reasonOf(error);
}
