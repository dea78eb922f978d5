/** What `importState` throws for data that it cannot take. */

/**
 * "foreign": no exported state. "version": another version of the format. "truncated": fewer breakers than it says.
 * "damaged": something is missing, unknown or of another type. "content": complete, but no breaker can be like that.
 */
export type ImportFault = "foreign" | "version" | "truncated" | "damaged" | "content";

const LEADS: Readonly<Record<ImportFault, string>> = {
  foreign: "data is no exported state of breakers",
  version: "data has another version",
  truncated: "data is truncated",
  damaged: "data is damaged",
  content: "data describes an impossible breaker",
};

/** Data that cannot be imported; nothing was changed. */
export class ImportError extends Error {
  /** "ImportError". */
  override name = "ImportError";
  /** Stable; test this, or ask `isImportError`, and not `instanceof`. */
  readonly code = "ERR_IMPORT";
  /** What is wrong with the data. */
  readonly fault: ImportFault;

  /** @internal `detail`: where, what it must be, what was found. */
  constructor(fault: ImportFault, detail: string, options?: ErrorOptions) {
    super(`${LEADS[fault]}: ${detail}`, options);
    this.fault = fault;
  }
}

/** Whether data was refused by `importState`; works across realms and duplicate installs. */
export function isImportError(error: unknown): error is ImportError {
  return (error as Partial<ImportError> | null | undefined)?.code === "ERR_IMPORT";
}
